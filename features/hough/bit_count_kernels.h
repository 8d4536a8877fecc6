// features/hough/bit_count_kernels.h: rows of bits, and how many have a bit at each place.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay::hough {

/// Bytes of a row are a multiple of this.
inline constexpr size_t kBitVector = 64;
/// Rows that are added together.
inline constexpr size_t kTogether = 8;

/// Bit i of byte k: whether pixels[8 k + i] is not 0; n bytes.
void pack_eights(const uint8_t* pixels, size_t n, uint8_t* bits);

/// Bit i of byte m: ones[i * bytes + m], which is 0 or 1; for m < 0 down to -before, what lies there is taken as 0.
void pack_columns(const uint8_t* ones, size_t bytes, size_t before, uint8_t* bits);

/// count[i * bytes + m] = rows with bit i of byte m, for the first `used` places (of others, too, or not). n: a multiple of
/// kTogether.
void count_bits(const uint8_t* const* rows, size_t n, size_t bytes, size_t used, int* count);

/// Pixels that a run of count_runs has at most.
inline constexpr int kLongestRun = 25;
/// Bits set among pixels x0[i] <= x < x1[i] of rows i < n, if any; pixel x is bit x % 8 of byte i * stride + x / 8. Reads up to three
/// bytes behind a run.
int count_runs(const uint8_t* bits, size_t stride, const int* x0, const int* x1, size_t n);

}  // namespace assay::hough
