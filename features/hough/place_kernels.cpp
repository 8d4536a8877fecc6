// features/hough/place_kernels.cpp
#include "assay/features/hough/place_kernels.h"

#include <algorithm>

namespace assay::hough {

void sum_from_left(const int* __restrict count, size_t stride, size_t n, int* __restrict before) {
  const int *c0 = count, *c1 = c0 + stride, *c2 = c1 + stride, *c3 = c2 + stride;
  int *b0 = before, *b1 = b0 + n, *b2 = b1 + n, *b3 = b2 + n;
  for (size_t i = 0; i < n; ++i) b3[i] = c0[i] + c1[i] + c2[i] + c3[i];
  int sum = 0;
  for (size_t i = 0; i < n; ++i) b0[i] = sum, sum += b3[i];
#pragma GCC ivdep
  for (size_t i = 0; i < n; ++i) {
    const int one = b0[i] + c0[i], two = one + c1[i];
    b1[i] = one, b2[i] = two, b3[i] = two + c2[i];
  }
}

void bin_borders(int64_t first, int64_t per_bin, int most, int n, size_t bins, int* __restrict border) {
  for (size_t k = 0; k < bins; ++k) {
    const auto from = static_cast<int>((first + static_cast<int64_t>(k) * per_bin) >> 32);
    const int place = std::min(std::max(from, 0), most);
    border[k] = (place & 3) * n + (place >> 2);
  }
}

void add_differences(const int* __restrict before, size_t bins, int* __restrict votes) {
  for (size_t k = 0; k < bins; ++k) votes[k] += before[k + 1] - before[k];
}

void add_mirrored_differences(const int* __restrict before, size_t bins, int* __restrict votes) {
  votes -= static_cast<ptrdiff_t>(bins) - 1;
  for (size_t k = 0; k < bins; ++k) votes[bins - 1 - k] += before[k + 1] - before[k];
}

}  // namespace assay::hough
