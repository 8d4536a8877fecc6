// imgproc/color/formula_kernels.h: the formulas of space.h for hsv, hsl and ycbcr over planes of numbers, in f64, operation by operation
// as there: the same bits.
#pragma once
#include <cmath>
#include <cstdint>

#include "assay/imgproc/color/few_by_few.h"
#include "assay/imgproc/color/space.h"

namespace assay {

/// To the nearest, ties to even; a value within 1e-9 of a half is one: its formula has some 1e-13 of rounding.
inline double nearest_even(double v) {
  const double low = std::floor(v);
  return std::abs(v - low - 0.5) < 1e-9 ? 2 * std::floor((low + 1) / 2) : std::nearbyint(v);
}

/// stored = scale * value + offset, for each channel of an integer picture.
struct ChannelCode {
  Colour scale, offset;
};

/// x, y, z = the space's channels of a, b, c = R, G, B or back, n of them; In, Out: u8, u16 or f32 (formula_of: not of f32). Whole numbers are read and written by
/// the code on the space's side and as parts of `full` on that of sRGB, rounded to the nearest, ties to even, and clamped.
template <class In, class Out>
using Formula = void(const In* a, const In* b, const In* c, int n, const ChannelCode& code, double full, Out* x, Out* y,
                     Out* z);

/// Null for spaces that are curved.
template <class In, class Out>
Formula<In, Out>* formula_of(ColourSpace space, bool inverse);

/// Of floats to floats, for hsv, hsl and ycbcr.
Floats* floats_of(ColourSpace space, bool inverse, int channels);

/// Likewise for linear, xyz and lab, within a bound of the error and decided by space.h in doubt; null forth of whole numbers, whose light
/// is found in tables; n <= kPlane, planes readable and writable up to kPlane.
template <class In, class Out>
Formula<In, Out>* curve_of(ColourSpace space, bool inverse);

}  // namespace assay
