#include "assay/ml/ensemble/class_power_kernels.h"

#include <cstddef>

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

void move_left_by_ranks(const int16_t* h, const uint32_t* rank, int count, int n, const int16_t* T,
                        const int16_t* start, int* left, int* right, int* weight) {
  for (int begin = 0; begin < n; begin += kWholeClasses) {
    int16_t L[kWholeClasses], all[kWholeClasses];
    for (int k = 0; k < kWholeClasses; ++k) L[k] = start[begin + k], all[k] = T[begin + k];
    for (int r = 0; r < count; ++r) {
      const int16_t* at = h + static_cast<ptrdiff_t>(rank[r]) * n + begin;
      int squares_left = 0, squares_right = 0, sum = 0;
      for (int k = 0; k < kWholeClasses; ++k) {
        const auto l = static_cast<int16_t>(L[k] + at[k]);
        const auto rest = static_cast<int16_t>(all[k] - l);
        L[k] = l;
        squares_left += l * l;
        squares_right += rest * rest;
        sum += l;
      }
      left[r] = squares_left + (begin > 0 ? left[r] : 0);
      right[r] = squares_right + (begin > 0 ? right[r] : 0);
      weight[r] = sum + (begin > 0 ? weight[r] : 0);
    }
  }
}

}  // namespace assay::ensemble
