// imgproc/quality/quality_kernels.h: the inner loops of picture comparison.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

/// Sum of (a - b)^2 over n values.
uint64_t squared_difference(const uint8_t* a, const uint8_t* b, ptrdiff_t n);
uint64_t squared_difference(const uint16_t* a, const uint16_t* b, ptrdiff_t n);
double squared_difference(const float* a, const float* b, ptrdiff_t n);

/// One channel of a row as f64: a, b, a^2 + b^2, a b.
template <class T>
void moments(const T* a, const T* b, int stride, ptrdiff_t n, double* pa, double* pb, double* squares,
             double* products);

/// Sums over a row of windows, from their four means: contrast and structure, and SSIM.
struct SsimSums {
  double structure = 0, ssim = 0;
};
SsimSums ssim_sums(const double* ma, const double* mb, const double* squares, const double* products, ptrdiff_t n,
                   double c1, double c2);

}  // namespace assay
