#include "assay/imgproc/segment/distance_kernels.h"

#include <algorithm>
#include <cmath>

namespace assay {

bool nearest_columns(const uint16_t* __restrict f, uint16_t* __restrict best) {
  for (int x = 0; x < kDistanceBlock; ++x) best[x] = f[x];
  for (int k = 1; k <= kDistanceReach; k += 4) {
    uint16_t largest = 0;
    for (int x = 0; x < kDistanceBlock; ++x) largest = std::max(largest, best[x]);
    if (largest <= k * k) return true;
    for (int j = k; j < k + 4; ++j) {
      const auto away = static_cast<uint16_t>(j * j);
      for (int x = 0; x < kDistanceBlock; ++x)
        best[x] = std::min(best[x], static_cast<uint16_t>(std::min(f[x - j], f[x + j]) + away));
    }
  }
  return false;
}

void read_parabola(int begin, int end, int s, int g, bool squared, float* __restrict to) {
  const double height = static_cast<double>(g) * g;
  for (int x = begin; x < end; ++x) {
    const double d2 = static_cast<double>(x - s) * (x - s) + height;
    to[x] = static_cast<float>(squared ? d2 : std::sqrt(d2));
  }
}

void read_squares(const uint16_t* __restrict d2, int n, bool squared, float* __restrict to) {
  for (int x = 0; x < n; ++x) {
    const auto d = static_cast<float>(d2[x]);
    to[x] = squared ? d : std::sqrt(d);
  }
}

}  // namespace assay
