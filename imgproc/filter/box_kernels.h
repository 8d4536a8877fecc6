// imgproc/filter/box_kernels.h: the inner loops of the box filter. T: u8, u16, f32; Sum: u16, u32, u64
// or f64.
#pragma once
#include <cstddef>

namespace assay {

/// sums[i] += enters[i] - leaves[i]
template <class T, class Sum>
void slide_sums(const T* enters, const T* leaves, Sum* sums, ptrdiff_t n);

/// Lines that window_sums keeps its partial sums in.
inline constexpr int kWindowLevels = 7;  // 3^8 > 4095

/// out[i] = f[i] + f[i + step] + .. + f[i + (window - 1) step], i = 0..n-1, for n + (window - 1) step values f;
/// 1 <= window <= 4095. Level k begins at levels + k stride and is as long as f. Terms are added as a tree that does not
/// depend on i.
template <class Sum>
void window_sums(const Sum* values, Sum* levels, ptrdiff_t stride, int window, ptrdiff_t step, Sum* out, ptrdiff_t n);

/// out[i] = sums[i] / area: the nearest whole number, ties to even; f32: rounded once.
template <class T, class Sum>
void divide_sums(const Sum* sums, double area, T* out, ptrdiff_t n);

}  // namespace assay
