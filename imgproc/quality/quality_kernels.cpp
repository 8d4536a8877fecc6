#include "assay/imgproc/quality/quality_kernels.h"

#include <algorithm>

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

}  // namespace assay
