// imgproc/segment/white_bits_kernels.h: which values of a row are above 0, a bit each. T is u8, u16 or f32.
#pragma once
#include <cstdint>

namespace assay {

/// Bit x % 64 of bits[x / 64] = (row[x] > 0), x < n; the other bits of n / 64 + 1 words become 0.
template <class T>
void white_bits(const T* row, int n, uint64_t* bits);

}  // namespace assay
