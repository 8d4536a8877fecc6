// imgproc/color/convert_kernels.h: fast rows of conversions of whole numbers; planes of n <= kPlane values.
#pragma once
#include <cstdint>

namespace assay {

inline constexpr int kPlane = 256;

/// H / 2, 255 S, V of 8-bit colours, correctly rounded: quotients of whole numbers below 2^14 are far from a half or on it.
void hsv_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* h, uint8_t* s, uint8_t* v);
/// H / 2, 255 S, 255 L likewise.
void hsl_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* h, uint8_t* s, uint8_t* l);

/// Y, Cb + 128, Cr + 128 of pixels b, g, r side by side, correctly rounded; the planes are writable up to kPlane.
void ycbcr_bytes(const uint8_t* from, int n, uint8_t* y, uint8_t* cb, uint8_t* cr);

/// 8-bit sRGB of the bytes of a space, correctly rounded.
void srgb_from_hsv_bytes(const uint8_t* h, const uint8_t* s, const uint8_t* v, int n, uint8_t* r, uint8_t* g,
                         uint8_t* b);
void srgb_from_hsl_bytes(const uint8_t* h, const uint8_t* s, const uint8_t* l, int n, uint8_t* r, uint8_t* g,
                         uint8_t* b);
void srgb_from_ycbcr_bytes(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int n, uint8_t* r, uint8_t* g,
                           uint8_t* b);

/// ycbcr of 16 bits, correctly rounded, and back.
void ycbcr_words(const uint16_t* r, const uint16_t* g, const uint16_t* b, int n, uint16_t* y, uint16_t* cb,
                 uint16_t* cr);
void srgb_from_ycbcr_words(const uint16_t* y, const uint16_t* cb, const uint16_t* cr, int n, uint16_t* r, uint16_t* g,
                           uint16_t* b);

}  // namespace assay
