// features/hough/binning_kernels.cpp
#include "assay/features/hough/binning_kernels.h"

#include <cmath>

namespace assay::hough {

uint32_t bins_of(const int* __restrict x, const int* __restrict y, size_t n, float c, float s, float start, float slack,
                 int* __restrict bin) {
  uint32_t near = 0;
  const auto group = [&](size_t first, size_t count) {
    float nearest = 1;  // distance of a sum from a whole number
#pragma omp simd reduction(min : nearest)
    for (size_t i = first; i < first + count; ++i) {
      const float sum = static_cast<float>(x[i]) * c + (static_cast<float>(y[i]) * s + start);
      const float distance = std::abs(sum - std::nearbyint(sum));
      nearest = distance < nearest ? distance : nearest;
      bin[i] = static_cast<int>(sum);
    }
    near |= static_cast<uint32_t>(nearest < slack) << (first / kGroup);
  };
  size_t first = 0;
  for (; first + kGroup <= n; first += kGroup) group(first, kGroup);
  if (first < n) group(first, n - first);
  return near;
}

// Pixels far apart in turn: neighbours often vote for the same bin and would wait for each other.
void count_votes(const int* __restrict bin, size_t n, int by, int* __restrict row) {
  constexpr size_t kParts = 8;
  const size_t part = n / kParts;
  for (size_t i = 0; i < part; ++i)
    for (size_t k = 0; k < kParts; ++k) row[bin[i + k * part]] += by;
  for (size_t i = kParts * part; i < n; ++i) row[bin[i]] += by;
}

int most_votes(const int* row, size_t n) {
  int most = 0;
#pragma omp simd reduction(max : most)
  for (size_t i = 0; i < n; ++i) most = row[i] > most ? row[i] : most;
  return most;
}

}  // namespace assay::hough
