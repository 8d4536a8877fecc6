// imgproc/filter/median_kernels.h: medians of 9 and 25 by networks of minima and maxima. T: u8, u16, f32.
#pragma once
#include <cstddef>

#include "assay/core/simd.h"

namespace assay {

/// So many medians are taken side by side.
template <class T>
inline constexpr ptrdiff_t kMedianLanes = kSimdBytes / sizeof(T);

/// Down a strip of kMedianLanes columns:
///   out[j][at + i] = the median of rows[j + v][from + i + u step],   u, v = 0 .. size - 1,  j = 0 .. count - 1
/// size: 3 or 5; count: even. f32: `signs` says that there may be values below 0, which are ordered more slowly; set where
/// one was seen.
template <class T>
void median_down_strip(const T* const* rows, ptrdiff_t from, int size, ptrdiff_t step, T* const* out, ptrdiff_t at,
                       int count, bool& signs);

}  // namespace assay
