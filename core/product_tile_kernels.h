// core/product_tile_kernels.h: the product in which brute-force search spends its time, in single precision.
//
//   C (kTile x kPanel)  =  or  +=   sum_f p_f z_f'      p_f: kTile numbers, of as many queries; z_f: kPanel, of as many rows
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

#ifdef __AVX512F__
inline constexpr int kTile = 8, kPanel = 48;  // 24 of 32 registers hold the sums
#else
inline constexpr int kTile = 4, kPanel = 24;  // 12 of 16
#endif

/// p: kTile numbers a column, z: kPanel; rows of C are `stride` apart. `first`: C is written, not added to.
void add_products(std::ptrdiff_t columns, const float* p, const float* z, bool first, float* C, std::ptrdiff_t stride);

/// The same of whole numbers, two columns at a time: p holds kTile pairs (p_f, p_f+1) side by side, z kPanel pairs. Exact where the
/// sums, and what stands in C, stay within 2^24. An instruction makes and adds two products for each number of a register: on
/// machines with AVX2 twice as fast.
void add_whole_products(std::ptrdiff_t pairs, const int16_t* p, const int16_t* z, bool first, float* C,
                        std::ptrdiff_t stride);

/// Whether every a_j + b_j > t.
bool all_above(const float* a, const float* b, float t, std::ptrdiff_t n);

/// The two smallest of kPanel sums a_j + b_j and of the two given ones; a sum that is no number is none of them.
void two_smallest(const float* a, const float* b, float& smallest, float& second);

}  // namespace assay
