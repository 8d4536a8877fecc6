// imgproc/frequency/fft_kernels.h: one factor r of the transform of n = r m s values, in Stockham's order.
//
//   y(q + s (r p + k)) = exp(-2 pi i p k / (r m)) sum_j x(q + s (p + m j)) exp(-2 pi i j k / r),   q < s, p < m, k < r
//
// s is the product of the factors done before; the values are in their natural order after the last one. V: double or Four.
#pragma once
#include "assay/imgproc/frequency/fft.h"

namespace assay {

template <class V>
void fft_pass(const Fft::Pass& pass, const ComplexOf<V>* x, ComplexOf<V>* y);

/// a[k] *= b[k], n values
template <class V>
void times_each(ComplexOf<V>* a, const std::complex<double>* b, int n);

/// m[i][j] and m[j][i] change places.
void transpose(Four (&m)[4]);

/// to[i] = log(1 + |values[i]|), to 1e-10
void log_magnitudes(const ComplexOf<Four>* values, int n, Four* to);

}  // namespace assay
