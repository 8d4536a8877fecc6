// imgproc/color/few_by_few.h: pixels of floats a few at a time between memory and registers: while a formula went along a plane, memory
// would wait.
#pragma once
#include <algorithm>

namespace assay {

inline constexpr int kFew = 32;
using Few = float[kFew];

/// kFew pixels, `times` times.
using Floats = void(const float* from, int times, float* to);

/// Convert()(a, b, c, x, y, z) makes kFew of the space's channels x, y, z from a, b, c = R, G, B, or back; alpha is kept.
template <class Convert, bool inverse, int channels>
[[gnu::flatten]] void few_by_few(const float* __restrict from, int times, float* __restrict to) {
  constexpr int kRed = inverse ? 0 : 2, kX = 2 - kRed;  // B, G, R in memory
  for (; times > 0; --times, from += channels * kFew, to += channels * kFew) {
    alignas(64) Few in[channels], out[channels];
    for (int i = 0; i < kFew; ++i)
      for (int k = 0; k < channels; ++k) in[k][i] = from[channels * i + k];
    Convert()(in[kRed], in[1], in[2 - kRed], out[kX], out[1], out[2 - kX]);
    if constexpr (channels == 4) std::copy_n(in[3], kFew, out[3]);
    for (int i = 0; i < kFew; ++i)
      for (int k = 0; k < channels; ++k) to[channels * i + k] = out[k][i];
  }
}

template <class Convert, bool inverse>
Floats* few_by_few_of(int channels) {
  return channels == 3 ? few_by_few<Convert, inverse, 3> : few_by_few<Convert, inverse, 4>;
}

/// A row of n pixels; behind its end stand zeros.
inline void convert_floats(Floats* convert, const float* from, int channels, int n, float* to) {
  const int times = n / kFew, whole = times * kFew * channels, rest = n * channels - whole;
  convert(from, times, to);
  if (rest == 0) return;
  float last[4 * kFew] = {}, converted[4 * kFew];
  std::copy_n(from + whole, rest, last);
  convert(last, 1, converted);
  std::copy_n(converted, rest, to + whole);
}

}  // namespace assay
