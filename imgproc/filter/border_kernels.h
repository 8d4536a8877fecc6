// imgproc/filter/border_kernels.h: the inner loop of padded rows.
#pragma once
#include <cstddef>

namespace assay {

/// to[i] = from[i]. T: u8, u16, f32; Real: u8, u16, f32, f64.
template <class T, class Real>
void copy_values(const T* from, Real* to, ptrdiff_t n);

}  // namespace assay
