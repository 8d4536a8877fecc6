// features/hough/binning_kernels.h: the bins of many pixels at one angle, and votes for them.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay::hough {

/// Pixels that are binned and counted at a time, so that their bins stay in the cache.
inline constexpr size_t kBlock = 1024;

/// bin[i] = (x[i] c + y[i] s + start) / 2^fraction, rounded down.
void bins_of(const int* x, const int* y, size_t n, int c, int s, int start, int fraction, int* bin);

/// One vote more, or one less, for each of n bins.
void count_votes(const int* bin, size_t n, int by, uint16_t* row);

/// The most votes of n bins. Votes: int or uint16_t.
template <class Votes>
int most_votes(const Votes* row, size_t n);

}  // namespace assay::hough
