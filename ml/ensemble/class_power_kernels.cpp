#include "assay/ml/ensemble/class_power_kernels.h"

namespace assay::ensemble {

Powers move_left(double* L, const double* h, const double* T, int K) {
  double left = 0, right = 0, weight = 0;
#pragma omp simd reduction(+ : left, right, weight)
  for (int k = 0; k < K; ++k) {
    const double l = L[k] + h[k], r = T[k] - l;
    L[k] = l;
    left += l * l;
    right += r * r;
    weight += l;
  }
  return {left, right, weight};
}

}  // namespace assay::ensemble
