#include "assay/imgproc/edge/derivative_kernels.h"

#include <cstdint>
#include <type_traits>

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

namespace {

template <bool eight, class Sum, class T>
void laplacian_of(const T* up, const T* mid, const T* down, ptrdiff_t step, float* __restrict out, ptrdiff_t n) {
  const auto at = [](const T& v) { return static_cast<Sum>(v); };
  for (ptrdiff_t i = 0; i < n; ++i) {
    Sum sum = static_cast<Sum>((at(up[i]) + at(down[i])) + (at(mid[i - step]) + at(mid[i + step])));
    if (eight)
      sum = static_cast<Sum>(((at(up[i - step]) + at(down[i + step])) + (at(up[i + step]) + at(down[i - step]))) + sum);
    out[i] = static_cast<float>(static_cast<Sum>(sum - (eight ? 8 : 4) * at(mid[i])));
  }
}

}  // namespace

template <class T>
void laplacian_row(const T* up, const T* mid, const T* down, ptrdiff_t step, bool eight, float* out, ptrdiff_t n) {
  using Whole = std::conditional_t<sizeof(T) == 1, int16_t, int32_t>;
  using Sum = std::conditional_t<std::is_floating_point_v<T>, T, Whole>;
  const auto row = eight ? laplacian_of<true, Sum, T> : laplacian_of<false, Sum, T>;
  row(up, mid, down, step, out, n);
}

template void laplacian_row(const uint8_t*, const uint8_t*, const uint8_t*, ptrdiff_t, bool, float*, ptrdiff_t);
template void laplacian_row(const uint16_t*, const uint16_t*, const uint16_t*, ptrdiff_t, bool, float*, ptrdiff_t);
template void laplacian_row(const float*, const float*, const float*, ptrdiff_t, bool, float*, ptrdiff_t);

}  // namespace assay
