// imgproc/edge/derivative_kernels.h: the inner loops of first derivatives.
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

}  // namespace assay
