// imgproc/frequency/fft_kernels.h: one factor r of the transform of n = r m s values, in Stockham's order.
//
//   y(q + s (r p + k)) = exp(-2 pi i p k / (r m)) sum_j x(q + s (p + m j)) exp(-2 pi i j k / r),   q < s, p < m, k < r
//
// s is the product of the factors done before; the values are in their natural order after the last one. V: double or Four.
#pragma once
#include <utility>

#include "assay/imgproc/frequency/fft.h"

namespace assay {

/// r up to 5, 7, 8, 9, 11, 13 or an odd number up to this.
inline constexpr int kMostRadix = 97;

template <class V>
void fft_pass(const Fft::Pass& pass, const ComplexOf<V>* x, ComplexOf<V>* y);

/// a[k] *= b[k], n values
template <class V>
void times_each(ComplexOf<V>* a, const std::complex<double>* b, int n);

/// to[i stride + lane] = log(1 + |values[i]|), to 1e-10 before it is rounded
void log_magnitudes(const ComplexOf<Four>* values, int n, float* to, ptrdiff_t stride);

template <int... lane, int... other>
inline void swap_lanes(Four& a, Four& b, std::integer_sequence<int, lane...>, std::integer_sequence<int, other...>) {
  const Four first = __builtin_shufflevector(a, b, lane...), second = __builtin_shufflevector(a, b, other...);
  a = first, b = second;
}
/// m[i][j] and m[j][i] change places: pairs of lanes, then pairs of pairs.
inline void transpose(Four (&m)[4]) {
  using L1 = std::integer_sequence<int, 0, 4, 2, 6>;
  using H1 = std::integer_sequence<int, 1, 5, 3, 7>;
  using L2 = std::integer_sequence<int, 0, 1, 4, 5>;
  using H2 = std::integer_sequence<int, 2, 3, 6, 7>;
  swap_lanes(m[0], m[1], L1(), H1());
  swap_lanes(m[2], m[3], L1(), H1());
  swap_lanes(m[0], m[2], L2(), H2());
  swap_lanes(m[1], m[3], L2(), H2());
}

}  // namespace assay
