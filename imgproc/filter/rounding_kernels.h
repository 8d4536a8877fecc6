// imgproc/filter/rounding_kernels.h: the inner loop of rounding sums to whole numbers.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

/// out[i] = sums[i] rounded to the nearest whole number, ties to even, and limited to the range of T. Returns how far a sum
/// lies from its whole number at most, before the limits. T u8 with Real f32, u16 with f64 or f32.
template <class T, class Real>
Real round_values(const Real* sums, T* out, ptrdiff_t n);

/// close[i] = 1 where sums[i], limited to the range of T, lies `limit` or more from its whole number; else 0.
template <class T, class Real>
void mark_close_values(const Real* sums, Real limit, uint8_t* close, ptrdiff_t n);

/// out[i] = floor(sums[i] / 2^shift), limited to 0 .. 255; close[i] = 1 where what is left is less than `doubt`, else 0.
void floor_values(const int32_t* sums, int shift, int32_t doubt, uint8_t* out, uint8_t* close, ptrdiff_t n);

}  // namespace assay
