#include "assay/imgproc/histogram/point_kernels.h"

#include <cstdint>
#include <limits>

#include "assay/core/exp_kernel.h"

namespace assay {

template <class T>
void widen_range(const T* row, int n, T& least, T& largest) {
  T low = least, high = largest;
#pragma omp simd reduction(min : low) reduction(max : high)
  for (int i = 0; i < n; ++i) {
    low = row[i] < low ? row[i] : low;
    high = row[i] > high ? row[i] : high;
  }
  least = low, largest = high;
}
template void widen_range(const uint8_t*, int, uint8_t&, uint8_t&);
template void widen_range(const uint16_t*, int, uint16_t&, uint16_t&);
template void widen_range(const float*, int, float&, float&);

void bins_of_floats(const float* from, int n, int bins, int* bin) {
  const double last = bins - 1;
#pragma omp simd
  for (int i = 0; i < n; ++i) {
    const double at = static_cast<double>(from[i]) * bins;
    bin[i] = static_cast<int>(at > 0 ? (at < last ? at : last) : 0);
  }
}

void power_of_values(const float* from, int n, double gamma, float* to) {
#pragma omp simd
  for (int i = 0; i < n; ++i) {
    const double v = static_cast<double>(from[i]);
    const double t = gamma * kernel::log_of(v > 0 ? v : 1);
    const double falls = kernel::exp_of(t < 0 ? t : -t), power = t < 0 ? falls : 1 / falls;
    to[i] = static_cast<float>(v > 0 ? v > 0x1p128 ? v : power : 0);
  }
}

}  // namespace assay
