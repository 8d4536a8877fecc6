// Plain loops of constant length: g++ keeps the tile in registers and makes one fused multiply-add of each line.
#include "assay/core/product_tile_kernels.h"

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

}  // namespace assay
