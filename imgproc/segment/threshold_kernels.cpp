#include "assay/imgproc/segment/threshold_kernels.h"

namespace assay {

template <class T>
void white_above_mean(const T* __restrict f, const float* __restrict m, float offset, uint8_t white,
                      uint8_t* __restrict to, int n) {
#pragma omp simd
  for (int x = 0; x < n; ++x) {
    const int below = static_cast<float>(f[x]) > m[x] - offset ? 0 : 255;
    to[x] = static_cast<uint8_t>(below ^ white);
  }
}

template <class Sum>
void white_above_mean_of(const uint8_t* __restrict f, const Sum* __restrict sums, float area, float offset,
                         uint8_t white, uint8_t* __restrict to, int n) {
#pragma omp simd
  for (int x = 0; x < n; ++x) {
    const float m = static_cast<float>(static_cast<int32_t>(sums[x])) / area;
    const int below = static_cast<float>(f[x]) > m - offset ? 0 : 255;
    to[x] = static_cast<uint8_t>(below ^ white);
  }
}

template void white_above_mean(const uint8_t*, const float*, float, uint8_t, uint8_t*, int);
template void white_above_mean(const uint16_t*, const float*, float, uint8_t, uint8_t*, int);
template void white_above_mean(const float*, const float*, float, uint8_t, uint8_t*, int);
template void white_above_mean_of(const uint8_t*, const uint16_t*, float, float, uint8_t, uint8_t*, int);
template void white_above_mean_of(const uint8_t*, const uint32_t*, float, float, uint8_t, uint8_t*, int);

}  // namespace assay
