// imgproc/color/gray_kernels.h: brightness of 8-bit colours in 16-bit whole numbers.
#pragma once
#include <cstdint>

namespace assay {

/// to[i] = (299 r[i] + 587 g[i] + 114 b[i]) / 1000 to the nearest, ties to even,  i < n
void luma_bytes(const uint8_t* b, const uint8_t* g, const uint8_t* r, int n, uint8_t* to);

}  // namespace assay
