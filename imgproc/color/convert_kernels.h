// imgproc/color/convert_kernels.h: fast rows of 8-bit conversions; planes of n <= kPlane values.
#pragma once
#include <cstdint>

namespace assay {

inline constexpr int kPlane = 256;

/// H / 2, 255 S, V of 8-bit colours, correctly rounded: quotients of whole numbers below 2^14 are far from a half or on it.
void hsv_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* h, uint8_t* s, uint8_t* v);

/// Y, Cb + 128, Cr + 128 of pixels b, g, r side by side, correctly rounded; the planes are writable up to kPlane.
void ycbcr_bytes(const uint8_t* from, int n, uint8_t* y, uint8_t* cb, uint8_t* cr);

}  // namespace assay
