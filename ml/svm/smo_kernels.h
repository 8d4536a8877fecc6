// ml/svm/smo_kernels.h: the three loops over the active positions that an iteration of smo.cpp consists of. All lengths are
// multiples of kLanes; positions that do not count hold up = -inf and low = +inf.
#pragma once
#include "assay/ml/svm/kernel.h"

namespace assay::svm {

struct Chosen {
  double value = 0;
  Index at = -1;  ///< the last of equal ones, as LIBSVM has it; -1: none
};

/// What one pass over the active positions finds.
struct Extremes {
  Chosen up;       ///< the largest up_t - F_t
  double low = 0;  ///< the smallest low_t - F_t
};

/// F_t += di Ki_t + dj Kj_t.
void add_rows(double* F, const float* Ki, double di, const float* Kj, double dj, Index n);
/// The extremes of F as it stands.
Extremes find_extremes(const double* F, const double* up, const double* low, Index n);
/// add_rows, and the extremes afterwards, in one pass.
Extremes add_rows_and_find(double* F, const double* up, const double* low, const float* Ki, double di, const float* Kj,
                           double dj, Index n);
/// The largest (top - v_t)^2 / max(Kii + diagonal_t - 2 Ki_t, tau) among v_t = low_t - F_t < top.
Chosen largest_gain(const double* F, const double* low, const float* Ki, const double* diagonal, double top, double Kii,
                    double tau, Index n);

}  // namespace assay::svm
