#include "assay/imgproc/quality/quality_kernels.h"

#include <algorithm>
#include <type_traits>

namespace assay {

uint64_t squared_difference(const uint8_t* a, const uint8_t* b, ptrdiff_t n) {
  uint64_t total = 0;
  constexpr ptrdiff_t kPiece = 32768;  // 32768 * 255^2 < 2^31
  for (ptrdiff_t begin = 0; begin < n; begin += kPiece) {
    const ptrdiff_t end = std::min(n, begin + kPiece);
    int32_t sum = 0;
    for (ptrdiff_t i = begin; i < end; ++i) {
      const auto d = static_cast<int16_t>(a[i] - b[i]);
      sum += d * d;
    }
    total += static_cast<uint64_t>(sum);
  }
  return total;
}

uint64_t squared_difference(const uint16_t* a, const uint16_t* b, ptrdiff_t n) {
  uint64_t total = 0;
  for (ptrdiff_t i = 0; i < n; ++i) {
    const int64_t d = static_cast<int64_t>(a[i]) - b[i];
    total += static_cast<uint64_t>(d * d);
  }
  return total;
}

double squared_difference(const float* a, const float* b, ptrdiff_t n) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (ptrdiff_t i = 0; i < n; ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    total += d * d;
  }
  return total;
}

template <class T>
void moments(const T* __restrict a, const T* __restrict b, int stride, ptrdiff_t n, double* __restrict pa,
             double* __restrict pb, double* __restrict squares, double* __restrict products) {
  const auto all = [&](auto s) {
    for (ptrdiff_t i = 0; i < n; ++i) {
      const auto u = static_cast<double>(a[i * s]), v = static_cast<double>(b[i * s]);
      pa[i] = u, pb[i] = v, products[i] = u * v;
      squares[i] = (u + v) * (u + v) - 2 * (u * v);  // the same bits whichever picture comes first
    }
  };
  if (stride == 1)
    all(std::integral_constant<ptrdiff_t, 1>());
  else
    all(static_cast<ptrdiff_t>(stride));
}

SsimSums ssim_sums(const double* ma, const double* mb, const double* squares, const double* products, ptrdiff_t n,
                   double c1, double c2) {
  double structure = 0, ssim = 0;
#pragma omp simd reduction(+ : structure, ssim)
  for (ptrdiff_t i = 0; i < n; ++i) {
    const double both = ma[i] * mb[i], lights = (ma[i] + mb[i]) * (ma[i] + mb[i]) - 2 * both;
    const double cs = (2 * (products[i] - both) + c2) / (squares[i] - lights + c2);
    structure += cs;
    ssim += cs * (2 * both + c1) / (lights + c1);
  }
  return {structure, ssim};
}

template void moments(const uint8_t*, const uint8_t*, int, ptrdiff_t, double*, double*, double*, double*);
template void moments(const uint16_t*, const uint16_t*, int, ptrdiff_t, double*, double*, double*, double*);
template void moments(const float*, const float*, int, ptrdiff_t, double*, double*, double*, double*);
template void moments(const double*, const double*, int, ptrdiff_t, double*, double*, double*, double*);

}  // namespace assay
