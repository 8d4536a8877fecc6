// imgproc/histogram/count_kernels.h: how often each byte occurs, two at a time: half as many counters are read and written.
#pragma once
#include <cstdint>

namespace assay {

inline constexpr int kPairs = 65536;  // counters: one for each pair of bytes

/// Counts the pairs of two rows of n bytes, by turns: what is alike in a row lies close together, and would wait for the
/// counter to be written. An odd last byte is counted in `counts`, of 256.
void count_pairs(const uint8_t* a, const uint8_t* b, int n, uint32_t* pairs, uint32_t* counts);

/// counts[v] += pairs of which v is the first + those of which it is the second.
void add_pairs(const uint32_t* pairs, uint32_t* counts);

}  // namespace assay
