// Plain loops of constant length, as in gram_kernels.cpp.
#include "assay/core/thin_product_kernels.h"

namespace assay {
namespace {

constexpr int kLine = 8;  // doubles of a cache line

template <int kColumns, bool kOfRows>
void add(std::ptrdiff_t K, const double* __restrict a, std::ptrdiff_t lda, const double* __restrict b,
         double* __restrict C, std::ptrdiff_t ldc) {
  const std::ptrdiff_t row = kOfRows ? lda : 1, step = kOfRows ? 1 : lda;
  double tile[kTileRows][kColumns] = {};
  for (std::ptrdiff_t p = 0; p < K; ++p, b += kPanel) {
    const double* next = kOfRows ? a + (kTileRows + p % kLine) * lda + p / kLine * kLine : a + p * lda + kTileRows;
    __builtin_prefetch(next);
#pragma GCC unroll 8
    for (int i = 0; i < kTileRows; ++i) {
      const double a_i = a[i * row + p * step];
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

template <bool kOfRows>
void choose(int third, std::ptrdiff_t K, const double* a, std::ptrdiff_t lda, const double* b, double* C,
            std::ptrdiff_t ldc) {
  if (third == 3) return add<3 * kTileRows, kOfRows>(K, a, lda, b, C, ldc);
  if (third == 2) return add<2 * kTileRows, kOfRows>(K, a, lda, b, C, ldc);
  add<kTileRows, kOfRows>(K, a, lda, b, C, ldc);
}

}  // namespace

void add_tile_of_rows(int third, std::ptrdiff_t K, const double* a, std::ptrdiff_t lda, const double* b, double* C,
                      std::ptrdiff_t ldc) {
  choose<true>(third, K, a, lda, b, C, ldc);
}

void add_tile_of_columns(int third, std::ptrdiff_t K, const double* a, std::ptrdiff_t lda, const double* b, double* C,
                         std::ptrdiff_t ldc) {
  choose<false>(third, K, a, lda, b, C, ldc);
}

}  // namespace assay
