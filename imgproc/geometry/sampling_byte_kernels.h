// imgproc/geometry/sampling_byte_kernels.h: pixels around places, picked out of registers; bilinear sampling of bytes straight to
// bytes.
#pragma once
#include <cstddef>
#include <cstdint>

#include "assay/imgproc/geometry/places_kernels.h"
#include "assay/imgproc/geometry/sampling_kernels.h"

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

/// out[i channels + c] = the value at place i to the nearest, where it errs by at most `error`; all four pixels of all places lie
/// inside, in colour (3 or 4 channels) with another one behind them in the row. Writes down which values lie within that of a half,
/// and returns how many. Fills `places` up to a multiple of 64.
int blend_to_bytes(const BytePicture& picture, SplitPlaces& places, int n, int channels, double error, uint8_t* out,
                   int* doubts);
/// The same without picking, which is what machines with short registers do.
int blend_to_bytes_by_words(const BytePicture& picture, SplitPlaces& places, int n, int channels, double error,
                            uint8_t* out, int* doubts);

/// out[i] for the values i that are in doubt, anew in f64 from the places (u[p], v[p]) of pixels p: a half within `tie` is one, and
/// goes to the even number.
void blend_doubts(const BytePicture& picture, const double* u, const double* v, int channels, const int* doubts,
                  int count, double tie, uint8_t* out);

/// The same of bicubic taps, all of which lie inside. Fills the run's places up to a multiple of 64. Requires kPicksBytes.
int weigh_to_bytes(const BytePicture& picture, SampleRun<float>& run, int n, int channels, double error, uint8_t* out,
                   int* doubts);

/// Grey: out[i] = pixel (x[i], y[i]). Fills x and y up to a multiple of 64. Requires kPicksBytes.
void pick_bytes(const BytePicture& picture, int32_t* x, int32_t* y, int n, uint8_t* out);

/// The four pixels around each place: corner[k][i], upper ones first. Returns how many of the first places it did, at whose end the
/// rows or columns lie too far apart (or none where a register cannot pick).
int pick_floats(const float* first, ptrdiff_t step, const int32_t* x, const int32_t* y, int n,
                float* const (&corner)[4]);

}  // namespace assay
