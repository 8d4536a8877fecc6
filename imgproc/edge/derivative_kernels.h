// imgproc/edge/derivative_kernels.h: the inner loops of derivatives on 3x3 windows.
#pragma once
#include <cstddef>

namespace assay {

/// out[i] = a (before[i] + after[i]) + b centre[i].  T u8: Sum s16;  u16: s32;  f32: f32 or f64. (a, b): (1, 2), (3, 10), (1, 1).
/// The order of steps does not depend on what lies before and after: columns and rows meet the same roundings.
template <int a, int b, class T, class Sum>
void smooth_three(const T* before, const T* centre, const T* after, Sum* out, ptrdiff_t n);

/// out[i] = after[i] - before[i].  Real: f32, f64.
template <class Sum, class Real>
void difference(const Sum* before, const Sum* after, Real* out, ptrdiff_t n);

/// out[i] = the sum of the four (eight) neighbours of mid[i], less mid[i] as many times; neighbours along the row are `step`
/// away. T u8, u16, f32; in whole numbers for the first two.
template <class T>
void laplacian_row(const T* up, const T* mid, const T* down, ptrdiff_t step, bool eight, float* out, ptrdiff_t n);

}  // namespace assay
