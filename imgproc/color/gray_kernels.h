// imgproc/color/gray_kernels.h: brightness of 8-bit colours in 16-bit whole numbers.
#pragma once
#include <cstdint>

namespace assay {

/// to[i] = (299 r + 587 g + 114 b) / 1000 to the nearest, ties to even, of pixels b, g, r side by side,  i < n
void luma_bytes(const uint8_t* from, int n, uint8_t* to);

}  // namespace assay
