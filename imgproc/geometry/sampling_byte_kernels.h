// imgproc/geometry/sampling_byte_kernels.h: bilinear sampling of bytes straight to bytes, where a register can pick bytes.
#pragma once
#include <cstddef>
#include <cstdint>

#include "assay/imgproc/geometry/places_kernels.h"

namespace assay {

#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
inline constexpr bool kPicksBytes = true;
#else
inline constexpr bool kPicksBytes = false;
#endif

/// The bytes of a picture; `end` lies behind the last of them.
struct BytePicture {
  const uint8_t* first;
  ptrdiff_t step;
  const uint8_t* end;
};

/// Grey: out[i] = the value at place i to the nearest, where it errs by at most `error`; all four pixels of all places lie inside.
/// Writes down which lie within that of a half, and returns how many. Fills `places` up to a multiple of 64.
/// Requires kPicksBytes.
int blend_to_bytes(const BytePicture& picture, SplitPlaces& places, int n, double error, uint8_t* out, int* doubts);

}  // namespace assay
