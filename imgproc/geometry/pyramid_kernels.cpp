#include "assay/imgproc/geometry/pyramid_kernels.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
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

// A pixel, and of 3 and 6 bytes what follows to the next power of two: one move in place of two.
template <int channels, class T>
void copy_wide(const T* from, T* to) {
  constexpr size_t bytes = channels * sizeof(T);
  std::memcpy(to, from, bytes == 3 ? 4 : bytes == 6 ? 8 : bytes);
}

// Even and odd pixels of a row, apart; `s`, `even` and `odd` have room for a pixel more.
template <int channels, class Sum>
void part_pixels(const Sum* __restrict s, ptrdiff_t n, Sum* __restrict even, Sum* __restrict odd) {
  if constexpr (channels == 1) {
    for (ptrdiff_t x = 0; x < n; ++x) even[x] = s[2 * x], odd[x] = s[2 * x + 1];
  } else {
    for (ptrdiff_t x = 0; x < n; ++x, s += 2 * channels, even += channels, odd += channels) {
      copy_wide<channels>(s, even);
      copy_wide<channels>(s + channels, odd);
    }
  }
}

// And together again; the last pixel exactly.
template <int channels, class T>
void join_pixels(const T* __restrict even, const T* __restrict odd, ptrdiff_t n, T* __restrict out) {
  if constexpr (channels == 1) {
    for (ptrdiff_t x = 0; x < n; ++x) out[2 * x] = even[x], out[2 * x + 1] = odd[x];
  } else {
    for (ptrdiff_t x = 0; x < n; ++x, out += 2 * channels, even += channels, odd += channels) {
      copy_wide<channels>(even, out);
      if (x + 1 < n)
        copy_wide<channels>(odd, out + channels);
      else
        std::copy_n(odd, channels, out + channels);
    }
  }
}

// Piece by piece: the pixels from x - 1 on apart, then five sums without gaps.
template <int channels, class T, class Sum>
void halve(const Sum* __restrict s, ptrdiff_t n, Sum up, T* __restrict out) {
  constexpr ptrdiff_t kPiece = 256;
  Sum even[(kPiece + 3) * channels], odd[(kPiece + 3) * channels];
  for (ptrdiff_t x = 0; x < n; x += kPiece) {
    const ptrdiff_t m = std::min(kPiece, n - x);
    part_pixels<channels>(s + 2 * (x - 1) * channels, m + 1, even, odd);
    for (int c = 0; c < channels; ++c) even[(m + 1) * channels + c] = s[2 * (x + m) * channels + c];
    T* __restrict to = out + x * channels;
    for (ptrdiff_t i = 0; i < m * channels; ++i) {
      const auto sum = static_cast<Sum>(even[i] + even[i + 2 * channels] + 4 * (odd[i] + odd[i + channels]) +
                                        6 * even[i + channels]);
      to[i] = rounded<8, T>(sum, up);
    }
  }
}

template <int channels, class T, class Sum>
void expand(const Sum* __restrict s, ptrdiff_t width, Sum up, T* __restrict out) {
  constexpr ptrdiff_t kPiece = 256;
  T even[(kPiece + 1) * channels], odd[(kPiece + 1) * channels];
  for (ptrdiff_t x = 0; x < width / 2; x += kPiece) {
    const ptrdiff_t m = std::min(kPiece, width / 2 - x);
    const Sum* __restrict p = s + x * channels;
    for (ptrdiff_t i = 0; i < m * channels; ++i) {
      even[i] = rounded<6, T>(static_cast<Sum>(p[i - channels] + 6 * p[i] + p[i + channels]), up);
      odd[i] = rounded<6, T>(static_cast<Sum>(4 * (p[i] + p[i + channels])), up);
    }
    join_pixels<channels>(even, odd, m, out + 2 * x * channels);
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
