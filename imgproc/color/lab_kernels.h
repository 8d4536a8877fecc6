// imgproc/color/lab_kernels.h: rows of 8 bits to Lab and back, and from XYZ, in single precision, with a bound of the error; planes of n <= kPlane
// values, readable and writable up to kPlane.
#pragma once
#include <cstdint>

#include "assay/imgproc/color/convert_kernels.h"

namespace assay {

/// A number for each byte, and the same as four tables of bytes.
struct FloatTable {
  alignas(64) float value[256];
  alignas(64) uint8_t byte[4][256];
  void set(int i, float v);
};

/// The bytes of Lab, with the linear light of each level in [0, 1] and m over white. Writes down the pixels with a value so near a half
/// that f64 must decide, and returns how many. All of sRGB lies within the bytes' range.
int lab_bytes(const uint8_t* red, const uint8_t* green, const uint8_t* blue, int n, const FloatTable& linear,
              const float (&m)[3][3], uint8_t* l, uint8_t* a, uint8_t* b, int* doubts);

/// sRGB from the bytes of Lab, m over white; doubts likewise.
int srgb_from_lab_bytes(const uint8_t* l, const uint8_t* a, const uint8_t* b, int n, const float (&m)[3][3],
                        uint8_t* const (&srgb)[3], int* doubts);

/// sRGB from the bytes of XYZ, likewise, m from XYZ to linear light.
int srgb_from_xyz_bytes(const uint8_t* x, const uint8_t* y, const uint8_t* z, int n, const float (&m)[3][3],
                        uint8_t* const (&srgb)[3], int* doubts);

}  // namespace assay
