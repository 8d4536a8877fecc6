// imgproc/filter/integral_kernels.h: sums along the rows of an integral image.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

/// here[i] = above[i] + the sum of from[j] over the j <= i of i's channel, i < n: the next row of an integral image. The row's sums
/// must stay below 2^31. T, Sum: u8, s32 or f64; u16, f64.
template <class T, class Sum>
void integrate_row(const T* from, ptrdiff_t n, int channels, const Sum* above, Sum* here);

/// Rows below `above` by reals: each the one before and its own running sums (of squares), added from left to right; several at
/// once, as one sum waits for the one before. T: u8, u16, f32.
inline constexpr int kRowsAtOnce = 4;
template <bool squares, class T>
void integrate_rows(const T* const (&from)[kRowsAtOnce], ptrdiff_t n, int channels, const double* above,
                    double* const (&here)[kRowsAtOnce]);

/// to[i] = from[i] * from[i].
void square_bytes(const uint8_t* from, ptrdiff_t n, uint16_t* to);

}  // namespace assay
