// ml/ensemble/class_power_kernels.h: sums of squares over the classes of both sides of a split.
#pragma once

namespace assay::ensemble {

struct Powers {
  double left, right, weight;
};

/// L += h; then sum L_k^2, sum (T_k - L_k)^2 and sum L_k. Exact where weights are whole numbers below 2^26.
Powers move_left(double* L, const double* h, const double* T, int K);

}  // namespace assay::ensemble
