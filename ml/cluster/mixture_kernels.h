// ml/cluster/mixture_kernels.h: the inner loops of EM, over one block of mixture::kBlock rows that stand as lanes.
#pragma once
#include "assay/ml/cluster/mixture.h"

namespace assay::mixture {

/// y[f] = x[f] - m[f] for each of d columns.
void subtract_mean(const double* x, const double* m, Index d, double* y);
/// out = |W y|^2 lane by lane; W lower triangular, its rows `stride` apart.
void whitened_squares(const double* y, const double* W, Index stride, Index d, double* out);
/// out = sum_f (w[f] y[f])^2.
void scaled_squares(const double* y, const double* w, Index d, double* out);
/// E: l[k] is c_k - |.|^2 / 2 of K components, and becomes w r_k; returns the block's sum of w log sum_k exp l[k].
double responsibilities(const double* weight, Index K, double* l);
/// The sum of a block's lanes.
double sum_lanes(const double* r);
/// first[f] += sum r y[f];  second[f, g] += sum r y[f] y[g] for g <= f, rows `stride` apart; `scaled` has room for d columns.
void add_moments(const double* r, const double* y, Index d, double* scaled, double* first, double* second,
                 Index stride);
/// first[f] += sum r y[f];  second[f] += sum r y[f]^2.
void add_diagonal_moments(const double* r, const double* y, Index d, double* first, double* second);

}  // namespace assay::mixture
