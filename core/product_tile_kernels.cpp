// Plain loops of constant length: g++ keeps the tile in registers and makes one fused multiply-add of each line.
#include "assay/core/product_tile_kernels.h"

#include <algorithm>
#include <limits>

namespace assay {

void add_products(std::ptrdiff_t columns, const float* __restrict p, const float* __restrict z, bool first,
                  float* __restrict C, std::ptrdiff_t stride) {
  float tile[kTile][kPanel] = {};
  for (std::ptrdiff_t f = 0; f < columns; ++f, p += kTile, z += kPanel) {
#pragma GCC unroll 8
    for (int i = 0; i < kTile; ++i) {
      const float p_i = p[i];
#pragma omp simd
      for (int j = 0; j < kPanel; ++j) tile[i][j] += p_i * z[j];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kTile; ++i) {
    float* c = C + i * stride;
#pragma omp simd
    for (int j = 0; j < kPanel; ++j) c[j] = first ? tile[i][j] : c[j] + tile[i][j];
  }
}

bool all_above(const float* __restrict a, const float* __restrict b, float t, std::ptrdiff_t n) {
  int within = 0;
#pragma omp simd reduction(+ : within)
  for (std::ptrdiff_t j = 0; j < n; ++j) within += !(a[j] + b[j] > t);
  return within == 0;
}

void two_smallest(const float* __restrict a, const float* __restrict b, float& smallest, float& second) {
  constexpr int kLanes = 8;
  static_assert(kPanel % kLanes == 0);
  constexpr float kNone = std::numeric_limits<float>::infinity();
  float low[kLanes], next[kLanes];
  for (int i = 0; i < kLanes; ++i) low[i] = next[i] = kNone;
  for (int j = 0; j < kPanel; j += kLanes)
#pragma omp simd
    for (int i = 0; i < kLanes; ++i) {
      const float sum = a[j + i] + b[j + i], h = sum < kNone ? sum : kNone, higher = h < low[i] ? low[i] : h;
      low[i] = h < low[i] ? h : low[i];
      next[i] = higher < next[i] ? higher : next[i];
    }
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) {  // the two smallest of four, lane by lane
      const float higher = std::max(low[i], low[i + width]);
      low[i] = std::min(low[i], low[i + width]);
      next[i] = std::min(higher, std::min(next[i], next[i + width]));
    }
  const float higher = std::max(smallest, low[0]);
  smallest = std::min(smallest, low[0]);
  second = std::min(higher, std::min(second, next[0]));
}

}  // namespace assay
