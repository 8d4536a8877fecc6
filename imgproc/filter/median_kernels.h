// imgproc/filter/median_kernels.h: medians of 9 and 25 by networks of minima and maxima. T: u8, u16, f32.
#pragma once
#include <cstddef>

namespace assay {

/// Sorts each column of `size` (3 or 5) rows: sorted[k][i] is the (k + 1)-th smallest of rows[0][i] .. rows[size - 1][i].
template <class T>
void sort_columns(const T* const* rows, int size, T* const* sorted, ptrdiff_t n);

/// out[i] = the median of size x size values whose columns are sorted: sorted[k][i + j step], j, k = 0..size - 1.
template <class T>
void median_of_sorted_columns(const T* const* sorted, int size, ptrdiff_t step, T* out, ptrdiff_t n);

}  // namespace assay
