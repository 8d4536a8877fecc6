// core/thin_product_kernels.h: the innermost loop of core/thin_product.cpp.
//
//   C (kTileRows x c)  +=  sum_{p < K} a_p b_p'      b_p: c <= kPanel numbers, kPanel apart
//
// a_p is not packed, so that a large matrix is read where it lies: in `add_tile_of_rows` its numbers are the p-th of kTileRows
// consecutive rows, in `add_tile_of_columns` kTileRows consecutive numbers of the p-th row. Rows are `lda` apart. Each step asks for
// a piece of the tile that follows, which would otherwise be waited for: a walk across rows is none that a processor foresees.
#pragma once
#include "assay/core/gram_kernels.h"

namespace assay {

/// `third` 1, 2 or 3: the tile has third * kTileRows columns. C has ldc doubles a row.
void add_tile_of_rows(int third, std::ptrdiff_t K, const double* a, std::ptrdiff_t lda, const double* b, double* C,
                      std::ptrdiff_t ldc);
void add_tile_of_columns(int third, std::ptrdiff_t K, const double* a, std::ptrdiff_t lda, const double* b, double* C,
                         std::ptrdiff_t ldc);

}  // namespace assay
