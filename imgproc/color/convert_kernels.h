// imgproc/color/convert_kernels.h: fast rows of 8-bit conversions; planes of n <= kPlane values.
#pragma once
#include <cstdint>

namespace assay {

inline constexpr int kPlane = 256;

/// H / 2, 255 S, V of 8-bit colours, correctly rounded: quotients of whole numbers below 2^14 are far from a half or on it.
void hsv_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* h, uint8_t* s, uint8_t* v);

/// Y, Cb + 128, Cr + 128 of 8-bit colours, correctly rounded, for the same reason.
void ycbcr_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* y, uint8_t* cb, uint8_t* cr);

/// Lab from linear light, as the 8-bit values before rounding, to `kLabError`; x, y, z over white.
inline constexpr float kLabError = 4e-4f;
void lab_values(const float* x, const float* y, const float* z, int n, float* l, float* a, float* b);

/// sRGB from the bytes of Lab, m over white; unsure[i] is 1 where a value lies so near a half that f64 must decide. Linear light errs
/// by kLinearError of the largest of X / Xn, Y / Yn, Z / Zn, and by kLeastLinearError besides, the curve by kEncodeError of a step.
inline constexpr float kLinearError = 1.5e-6f, kLeastLinearError = 1e-8f, kEncodeError = 5e-4f;
void srgb_from_lab_bytes(const uint8_t* l, const uint8_t* a, const uint8_t* b, int n, const float (&m)[3][3],
                         uint8_t* const (&srgb)[3], uint8_t* unsure);

/// to = from to the nearest, clamped to 0..255; true where some value lies within `error` of a half.
bool bytes_from(const float* from, int n, float error, uint8_t* to);

}  // namespace assay
