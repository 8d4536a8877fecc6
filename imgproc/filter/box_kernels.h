// imgproc/filter/box_kernels.h: the inner loops of the box filter. T: u8, u16, f32; Sum: u16, u32, u64 or f64;
// Column: the type of sums of columns, Sum or narrower.
#pragma once
#include <cstddef>
#include <vector>

namespace assay {

/// sums[i] += enters[i] - leaves[i]
template <class T, class Sum>
void slide_sums(const T* enters, const T* leaves, Sum* sums, ptrdiff_t n);

/// What window_sums keeps its partial sums in: sums of up to `fitting` values are of type Column, the others of type Sum.
inline constexpr int kWindowLevels = 7;  // 3^8 > 4095
template <class Column, class Sum>
struct WindowLevels {
  WindowLevels(int fitting_columns, ptrdiff_t length)
      : fitting(fitting_columns),
        stride(length),
        narrow(static_cast<size_t>(length) * kWindowLevels),
        wide(static_cast<size_t>(length) * kWindowLevels) {}
  int fitting;
  ptrdiff_t stride;
  std::vector<Column> narrow;
  std::vector<Sum> wide;
};

/// out[i] = f[i] + f[i + step] + .. + f[i + (window - 1) step], i = 0..n-1, for n + (window - 1) step sums of columns f;
/// 1 <= window <= 4095. Levels are as long as f. Terms are added as a tree that does not depend on i.
template <class Column, class Sum>
void window_sums(const Column* columns, WindowLevels<Column, Sum>& levels, int window, ptrdiff_t step, Sum* out,
                 ptrdiff_t n);

/// out[i] = sums[i] / area, area a whole number: the nearest whole number, ties to even; f32: to 2^-52, then rounded.
template <class T, class Sum>
void divide_sums(const Sum* sums, double area, T* out, ptrdiff_t n);

}  // namespace assay
