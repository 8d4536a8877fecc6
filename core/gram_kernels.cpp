// Plain loops of constant length: g++ keeps the whole tile in registers and makes one fused multiply-add of each line.
#include "assay/core/gram_kernels.h"

namespace assay {
namespace {

// a_p: kTileRows numbers `down` apart; a_{p+1}: `along` further.
template <int kColumns>
inline void add_tile_of(std::ptrdiff_t K, const double* __restrict a, std::ptrdiff_t down, std::ptrdiff_t along,
                        const double* __restrict b, double* __restrict C, std::ptrdiff_t ldc) {
  double tile[kTileRows][kColumns] = {};
  for (int i = 0; i < kTileRows; ++i)
    for (int j = 0; j < kColumns; j += 8) __builtin_prefetch(C + i * ldc + j, 1);
  for (std::ptrdiff_t p = 0; p < K; ++p, a += along, b += kPanel) {
#pragma GCC unroll 8
    for (int i = 0; i < kTileRows; ++i) {
      const double a_i = a[i * down];
#pragma omp simd
      for (int j = 0; j < kColumns; ++j) tile[i][j] += a_i * b[j];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kTileRows; ++i) {
#pragma omp simd
    for (int j = 0; j < kColumns; ++j) C[i * ldc + j] += tile[i][j];
  }
}

}  // namespace

void add_tile(int third, std::ptrdiff_t K, const double* a, const double* b, double* C, std::ptrdiff_t ldc) {
  if (third == 3) return add_tile_of<3 * kTileRows>(K, a, 1, kPanel, b, C, ldc);
  if (third == 2) return add_tile_of<2 * kTileRows>(K, a, 1, kPanel, b, C, ldc);
  add_tile_of<kTileRows>(K, a, 1, kPanel, b, C, ldc);
}

void add_tile(int third, std::ptrdiff_t K, const double* a, std::ptrdiff_t down, std::ptrdiff_t along, const double* b,
              double* C, std::ptrdiff_t ldc) {
  if (third == 3) return add_tile_of<3 * kTileRows>(K, a, down, along, b, C, ldc);
  if (third == 2) return add_tile_of<2 * kTileRows>(K, a, down, along, b, C, ldc);
  add_tile_of<kTileRows>(K, a, down, along, b, C, ldc);
}

}  // namespace assay
