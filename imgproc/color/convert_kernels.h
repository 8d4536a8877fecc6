// imgproc/color/convert_kernels.h: fast rows of 8-bit conversions; planes of n <= kPlane values.
#pragma once
#include <cstdint>

namespace assay {

inline constexpr int kPlane = 256;

/// H / 2, 255 S, V of 8-bit colours, correctly rounded: quotients of whole numbers below 2^14 are far from a half or on it.
void hsv_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* h, uint8_t* s, uint8_t* v);

/// Y, Cb + 128, Cr + 128 of 8-bit colours, correctly rounded, for the same reason.
void ycbcr_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* y, uint8_t* cb, uint8_t* cr);

/// The bytes of Lab, with the linear light of each level in [0, 1] and m over white; unsure[i] is 1 where a value, which errs by
/// less than kLabError, lies so near a half that f64 must decide. All of sRGB lies within the bytes' range.
inline constexpr float kLabError = 4e-4f;
/// A number for each byte, and the same as four tables of bytes.
struct FloatTable {
  alignas(64) float value[256];
  alignas(64) uint8_t byte[4][256];
  void set(int i, float v);
};
void lab_bytes(const uint8_t* red, const uint8_t* green, const uint8_t* blue, int n, const FloatTable& linear,
               const float (&m)[3][3], uint8_t* l, uint8_t* a, uint8_t* b, uint8_t* unsure);

/// sRGB from the bytes of Lab, m over white; unsure[i] is 1 where a value lies so near a half that f64 must decide. Linear light errs
/// by kLinearError of the largest of X / Xn, Y / Yn, Z / Zn, and by kLeastLinearError besides, the curve by kEncodeError of a step.
inline constexpr float kLinearError = 1.5e-6f, kLeastLinearError = 1e-8f, kEncodeError = 2e-4f;
void srgb_from_lab_bytes(const uint8_t* l, const uint8_t* a, const uint8_t* b, int n, const float (&m)[3][3],
                         uint8_t* const (&srgb)[3], uint8_t* unsure);

}  // namespace assay
