#include "assay/imgproc/edge/derivative_kernels.h"

#include <cmath>
#include <cstdint>

namespace assay {

template <int a, int b, class T, class Sum>
void smooth_three(const T* before, const T* centre, const T* after, Sum* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i)
    out[i] = static_cast<Sum>(a * (static_cast<Sum>(before[i]) + static_cast<Sum>(after[i])) +
                              b * static_cast<Sum>(centre[i]));
}

template <class Sum, class Real>
void difference(const Sum* before, const Sum* after, Real* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = static_cast<Real>(static_cast<Sum>(after[i] - before[i]));
}

#define ASSAY_SMOOTH(a, b)                                                                                  \
  template void smooth_three<a, b>(const uint8_t*, const uint8_t*, const uint8_t*, int16_t*, ptrdiff_t);    \
  template void smooth_three<a, b>(const uint16_t*, const uint16_t*, const uint16_t*, int32_t*, ptrdiff_t); \
  template void smooth_three<a, b>(const float*, const float*, const float*, float*, ptrdiff_t);
ASSAY_SMOOTH(1, 2)
ASSAY_SMOOTH(3, 10)
ASSAY_SMOOTH(1, 1)
template void smooth_three<1, 2>(const float*, const float*, const float*, double*, ptrdiff_t);
#undef ASSAY_SMOOTH

template void difference(const int16_t*, const int16_t*, float*, ptrdiff_t);
template void difference(const int32_t*, const int32_t*, float*, ptrdiff_t);
template void difference(const float*, const float*, float*, ptrdiff_t);
template void difference(const int16_t*, const int16_t*, double*, ptrdiff_t);
template void difference(const int32_t*, const int32_t*, double*, ptrdiff_t);
template void difference(const double*, const double*, double*, ptrdiff_t);

}  // namespace assay
