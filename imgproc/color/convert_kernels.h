// imgproc/color/convert_kernels.h: fast rows of 8-bit conversions; planes of n <= 256 values.
#pragma once
#include <cstdint>

namespace assay {

/// H / 2, 255 S, V of 8-bit colours, correctly rounded: quotients of whole numbers below 2^14 are far from a half or on it.
void hsv_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* h, uint8_t* s, uint8_t* v);

/// Y, Cb + 128, Cr + 128 of 8-bit colours, correctly rounded, for the same reason.
void ycbcr_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* y, uint8_t* cb, uint8_t* cr);

/// Lab from linear light, as the 8-bit values before rounding, to `kLabError`; x, y, z over white.
inline constexpr float kLabError = 2e-4f;
void lab_values(const float* x, const float* y, const float* z, int n, float* l, float* a, float* b);

/// Linear light from the bytes of Lab: v[0], v[1], v[2] of X / Xn, Y / Yn, Z / Zn, then m times that; to `kLinearError` within [0, 1].
inline constexpr float kLinearError = 4e-6f;
void linear_from_lab_bytes(const uint8_t* l, const uint8_t* a, const uint8_t* b, int n, const float (&m)[3][3],
                           float* red, float* green, float* blue);

/// to = from to the nearest, clamped to 0..255; true where some value lies within `error` of a half.
bool bytes_from(const float* from, int n, float error, uint8_t* to);

}  // namespace assay
