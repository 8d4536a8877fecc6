// imgproc/filter/rounding_kernels.h: the inner loop of rounding sums to whole numbers.
#pragma once
#include <cstddef>

namespace assay {

/// out[i] = sums[i] rounded to the nearest whole number, ties to even, and limited to the range of T. Returns how far a sum
/// lies from its whole number at most, before the limits. T u8 with Real f32, u16 with f64.
template <class T, class Real>
Real round_values(const Real* sums, T* out, ptrdiff_t n);

}  // namespace assay
