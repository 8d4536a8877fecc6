#include "assay/imgproc/geometry/pyramid_kernels.h"

#include <cstdint>
#include <type_traits>

namespace assay {

namespace {

// s / 2^bits to the nearest; halves to even, or up.
template <int bits, class T, class Sum>
inline T rounded(Sum s, Sum up) {
  if constexpr (std::is_same_v<T, float>)
    return s * (1.0f / (1 << bits));
  else
    return static_cast<T>((s + static_cast<Sum>((1 << (bits - 1)) - 1) + ((s >> bits) & 1 & up) + (1 - up)) >> bits);
}

// `up` = 1 rounds halves to even, 0 up: (s + 2^(b-1) - 1 + (odd or 1)) >> b.
template <class T, class Sum>
Sum mode(bool halves_up) {
  return static_cast<Sum>(halves_up ? 0 : 1);
}

template <int channels, class T, class Sum>
void halve(const Sum* __restrict s, ptrdiff_t n, Sum up, T* __restrict out) {
  for (ptrdiff_t x = 0; x < n; ++x)
    for (int c = 0; c < channels; ++c) {
      const Sum* p = s + 2 * x * channels + c;
      const Sum sum =
          static_cast<Sum>(p[-2 * channels] + 4 * p[-channels] + 6 * p[0] + 4 * p[channels] + p[2 * channels]);
      out[x * channels + c] = rounded<8, T>(sum, up);
    }
}

template <int channels, class T, class Sum>
void expand(const Sum* __restrict s, ptrdiff_t width, Sum up, T* __restrict out) {
  for (ptrdiff_t x = 0; x < width / 2; ++x)
    for (int c = 0; c < channels; ++c) {
      const Sum* p = s + x * channels + c;
      const Sum even = static_cast<Sum>(p[-channels] + 6 * p[0] + p[channels]),
                odd = static_cast<Sum>(4 * (p[0] + p[channels]));
      out[2 * x * channels + c] = rounded<6, T>(even, up);
      out[(2 * x + 1) * channels + c] = rounded<6, T>(odd, up);
    }
  if (width % 2)
    for (int c = 0; c < channels; ++c) {
      const Sum* p = s + width / 2 * channels + c;
      out[(width - 1) * channels + c] = rounded<6, T>(static_cast<Sum>(p[-channels] + 6 * p[0] + p[channels]), up);
    }
}

}  // namespace

template <class T, class Sum>
void binomial_rows(const T* const* rows, Sum* __restrict out, ptrdiff_t n) {
  const T *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3], *e = rows[4];
  for (ptrdiff_t i = 0; i < n; ++i)
    out[i] = static_cast<Sum>(static_cast<Sum>(a[i]) + static_cast<Sum>(e[i]) +
                              4 * (static_cast<Sum>(b[i]) + static_cast<Sum>(d[i])) + 6 * static_cast<Sum>(c[i]));
}

template <class T, class Sum>
void binomial_halve(const Sum* s, int channels, ptrdiff_t n, bool halves_up, T* out) {
  const Sum up = mode<T, Sum>(halves_up);
  if (channels == 1)
    halve<1>(s, n, up, out);
  else if (channels == 3)
    halve<3>(s, n, up, out);
  else
    halve<4>(s, n, up, out);
}

template <class T, class Sum>
void expand_rows(const T* const* rows, Sum* __restrict even, Sum* __restrict odd, ptrdiff_t n) {
  const T *a = rows[0], *b = rows[1], *c = rows[2];
  for (ptrdiff_t i = 0; i < n; ++i) {
    even[i] = static_cast<Sum>(static_cast<Sum>(a[i]) + 6 * static_cast<Sum>(b[i]) + static_cast<Sum>(c[i]));
    odd[i] = static_cast<Sum>(4 * (static_cast<Sum>(b[i]) + static_cast<Sum>(c[i])));
  }
}

template <class T, class Sum>
void expand_along(const Sum* s, int channels, ptrdiff_t width, bool halves_up, T* out) {
  const Sum up = mode<T, Sum>(halves_up);
  if (channels == 1)
    expand<1>(s, width, up, out);
  else if (channels == 3)
    expand<3>(s, width, up, out);
  else
    expand<4>(s, width, up, out);
}

#define ASSAY_PYRAMID(T, Sum)                                         \
  template void binomial_rows(const T* const*, Sum*, ptrdiff_t);      \
  template void binomial_halve(const Sum*, int, ptrdiff_t, bool, T*); \
  template void expand_rows(const T* const*, Sum*, Sum*, ptrdiff_t);  \
  template void expand_along(const Sum*, int, ptrdiff_t, bool, T*)
ASSAY_PYRAMID(uint8_t, uint16_t);
ASSAY_PYRAMID(uint16_t, uint32_t);
ASSAY_PYRAMID(float, float);
#undef ASSAY_PYRAMID

}  // namespace assay
