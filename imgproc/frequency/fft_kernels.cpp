#include "assay/imgproc/frequency/fft_kernels.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace assay {

namespace {

template <class V>
inline ComplexOf<V> operator+(const ComplexOf<V>& a, const ComplexOf<V>& b) {
  return {a.re + b.re, a.im + b.im};
}
template <class V>
inline ComplexOf<V> operator-(const ComplexOf<V>& a, const ComplexOf<V>& b) {
  return {a.re - b.re, a.im - b.im};
}
template <class V>
inline ComplexOf<V> times(const ComplexOf<V>& a, double re, double im) {
  return {a.re * re - a.im * im, a.re * im + a.im * re};
}
template <class V>
inline ComplexOf<V> times_minus_i(const ComplexOf<V>& a) {
  return {a.im, -a.re};
}

template <class V>
inline void dft_4(ComplexOf<V>& a, ComplexOf<V>& b, ComplexOf<V>& c, ComplexOf<V>& d) {
  const ComplexOf<V> even = a + c, odd = b + d, low = a - c, high = times_minus_i(b - d);
  a = even + odd, b = low + high, c = even - odd, d = low - high;
}

template <class V>
inline void dft_8(ComplexOf<V>* a) {
  constexpr double h = 0.70710678118654752440;
  dft_4(a[0], a[2], a[4], a[6]);
  dft_4(a[1], a[3], a[5], a[7]);
  const ComplexOf<V> o0 = a[1], o1 = {(a[3].re + a[3].im) * h, (a[3].im - a[3].re) * h}, o2 = times_minus_i(a[5]),
                     o3 = {(a[7].im - a[7].re) * h, -(a[7].re + a[7].im) * h};
  const ComplexOf<V> e0 = a[0], e1 = a[2], e2 = a[4], e3 = a[6];
  a[0] = e0 + o0, a[4] = e0 - o0;
  a[1] = e1 + o1, a[5] = e1 - o1;
  a[2] = e2 + o2, a[6] = e2 - o2;
  a[3] = e3 + o3, a[7] = e3 - o3;
}

// Odd r: values j and r - j have conjugate factors, so their sum takes the cosines and their difference the sines.
template <int r, class V>
inline void dft_odd(ComplexOf<V>* a, const double* cosines, const double* sines) {
  constexpr int pairs = r / 2;
  ComplexOf<V> sum[pairs], difference[pairs];
  for (int j = 0; j < pairs; ++j)
    sum[j] = a[j + 1] + a[r - 1 - j], difference[j] = times_minus_i(a[j + 1] - a[r - 1 - j]);
  const ComplexOf<V> first = a[0];
  for (int j = 0; j < pairs; ++j) a[0] = a[0] + sum[j];
  for (int k = 1; k <= pairs; ++k) {
    ComplexOf<V> real = first, turned{};
    for (int j = 0; j < pairs; ++j) {
      const double c = cosines[(j + 1) * k % r], s = sines[(j + 1) * k % r];
      real.re += sum[j].re * c, real.im += sum[j].im * c;
      turned.re += difference[j].re * s, turned.im += difference[j].im * s;
    }
    a[k] = real + turned;
    a[r - k] = real - turned;
  }
}

template <int r, class V>
inline void dft(ComplexOf<V>* a, const double* cosines, const double* sines) {
  if constexpr (r == 2) {
    const ComplexOf<V> b = a[0] - a[1];
    a[0] = a[0] + a[1], a[1] = b;
  } else if constexpr (r == 4) {
    dft_4(a[0], a[1], a[2], a[3]);
  } else if constexpr (r == 8) {
    dft_8(a);
  } else {
    dft_odd<r>(a, cosines, sines);
  }
}

template <int r, class V>
void pass_of(const Fft::Pass& pass, const ComplexOf<V>* __restrict x, ComplexOf<V>* __restrict y) {
  const ptrdiff_t m = pass.rest, s = pass.done;
  double cosines[r], sines[r];
  for (int j = 0; j < r; ++j) cosines[j] = pass.cosines[j], sines[j] = pass.sines[j];
  for (ptrdiff_t p = 0; p < m; ++p) {
    double re[r], im[r];
    for (int k = 1; k < r; ++k) {
      const std::complex<double>& turn = pass.turns[static_cast<size_t>(p * (r - 1) + k - 1)];
      re[k] = turn.real(), im[k] = turn.imag();
    }
    const ComplexOf<V>* __restrict from = x + s * p;
    ComplexOf<V>* __restrict to = y + s * r * p;
    for (ptrdiff_t q = 0; q < s; ++q) {
      ComplexOf<V> a[r];
      for (int j = 0; j < r; ++j) a[j] = from[q + s * m * j];
      dft<r>(a, cosines, sines);
      to[q] = a[0];
      for (int k = 1; k < r; ++k) to[q + s * k] = p == 0 ? a[k] : times(a[k], re[k], im[k]);
    }
  }
}

template <int... lane, int... other>
inline void swap_lanes(Four& a, Four& b, std::integer_sequence<int, lane...>, std::integer_sequence<int, other...>) {
  const Four first = __builtin_shufflevector(a, b, lane...), second = __builtin_shufflevector(a, b, other...);
  a = first, b = second;
}

}  // namespace

template <class V>
void fft_pass(const Fft::Pass& pass, const ComplexOf<V>* x, ComplexOf<V>* y) {
  switch (pass.radix) {
    case 2:
      return pass_of<2>(pass, x, y);
    case 3:
      return pass_of<3>(pass, x, y);
    case 4:
      return pass_of<4>(pass, x, y);
    case 5:
      return pass_of<5>(pass, x, y);
    case 7:
      return pass_of<7>(pass, x, y);
    case 8:
      return pass_of<8>(pass, x, y);
    case 11:
      return pass_of<11>(pass, x, y);
    default:
      return pass_of<13>(pass, x, y);
  }
}

template <class V>
void times_each(ComplexOf<V>* a, const std::complex<double>* b, int n) {
  for (int k = 0; k < n; ++k) a[k] = times(a[k], b[k].real(), b[k].imag());
}

// Pairs of lanes, then pairs of pairs.
void transpose(Four (&m)[4]) {
  using L1 = std::integer_sequence<int, 0, 4, 2, 6>;
  using H1 = std::integer_sequence<int, 1, 5, 3, 7>;
  using L2 = std::integer_sequence<int, 0, 1, 4, 5>;
  using H2 = std::integer_sequence<int, 2, 3, 6, 7>;
  swap_lanes(m[0], m[1], L1(), H1());
  swap_lanes(m[2], m[3], L1(), H1());
  swap_lanes(m[0], m[2], L2(), H2());
  swap_lanes(m[1], m[3], L2(), H2());
}

// log(2^e f) = e log 2 + 2 atanh(s), s = (f - 1) / (f + 1), f in [sqrt(1/2), sqrt(2)): |s| < 0.172, six terms of the series.
void log_magnitudes(const ComplexOf<Four>* values, int n, Four* to) {
  const auto* in = reinterpret_cast<const double*>(values);
  auto* out = reinterpret_cast<double*>(to);
  for (int i = 0; i < n; ++i) {
#pragma omp simd
    for (int k = 0; k < 4; ++k) {
      const double re = in[8 * i + k], im = in[8 * i + 4 + k], u = 1 + std::sqrt(re * re + im * im);
      const auto bits = std::bit_cast<int64_t>(u) - 0x3fe6a09e667f3bcc;  // sqrt(1/2)
      const int64_t exponent = bits & ~((int64_t{1} << 52) - 1);
      const double f = std::bit_cast<double>(std::bit_cast<int64_t>(u) - exponent);
      // a whole number below 2^51 in the low bits of 1.5 2^52
      const double e = std::bit_cast<double>((exponent >> 52) + 0x4338000000000000) - 6755399441055744.0;
      const double s = (f - 1) / (f + 1), z = s * s;
      const double series = 1 + z * (1 / 3.0 + z * (1 / 5.0 + z * (1 / 7.0 + z * (1 / 9.0 + z * (1 / 11.0)))));
      out[4 * i + k] = e * 0.69314718055994530942 + 2 * s * series;
    }
  }
}

template void fft_pass(const Fft::Pass&, const ComplexOf<double>*, ComplexOf<double>*);
template void fft_pass(const Fft::Pass&, const ComplexOf<Four>*, ComplexOf<Four>*);
template void times_each(ComplexOf<double>*, const std::complex<double>*, int);
template void times_each(ComplexOf<Four>*, const std::complex<double>*, int);

}  // namespace assay
