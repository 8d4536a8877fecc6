// core/gram_kernels.h: the innermost loop of a symmetric product, on packed panels (used by core/gram.cpp, and by
// ml/linear/one_reading.cpp, which packs other panels).
//
//   C (r x c)  +=  sum_{p < K} a_p b_p'      a_p: kTileRows numbers, b_p: c <= kPanel numbers; both kPanel apart
//
// The tile of sums fills the vector registers: 8 x 24 on AVX-512 (24 of 32 registers), 4 x 12 elsewhere (12 of 16).
#pragma once
#include <cstddef>

namespace assay {

#ifdef __AVX512F__
inline constexpr int kTileRows = 8, kPanel = 24;
#else
inline constexpr int kTileRows = 4, kPanel = 12;
#endif

/// `third` 1, 2 or 3: the tile has third * kTileRows columns. C has ldc doubles a row.
void add_tile(int third, std::ptrdiff_t K, const double* a, const double* b, double* C, std::ptrdiff_t ldc);

/// The same with the numbers of a_p `down` apart, and a_{p+1} `along` further: rows of a table need no packing.
void add_tile(int third, std::ptrdiff_t K, const double* a, std::ptrdiff_t down, std::ptrdiff_t along, const double* b,
              double* C, std::ptrdiff_t ldc);

}  // namespace assay
