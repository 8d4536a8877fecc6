// features/hough/binning_kernels.h: the bins of many pixels at one angle, and votes for them.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay::hough {

/// Pixels whose bins are told apart together.
inline constexpr size_t kGroup = 64;
/// Pixels that are binned and counted at a time, so that their bins stay in the cache.
inline constexpr size_t kBlock = 1024;

/// bin[i] = floor(x[i] c + y[i] s + start) of n <= kBlock pixels, in single precision: sums above 0. Bit g of the result is
/// set where a sum of group g lies within `slack` of a whole number.
uint32_t bins_of(const int* x, const int* y, size_t n, float c, float s, float start, float slack, int* bin);

/// One vote more, or one less, for each of n bins.
void count_votes(const int* bin, size_t n, int by, int* row);

/// The most votes of n bins.
int most_votes(const int* row, size_t n);

}  // namespace assay::hough
