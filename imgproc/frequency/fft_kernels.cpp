#include "assay/imgproc/frequency/fft_kernels.h"

#include <algorithm>
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
[[gnu::always_inline]] inline void dft_odd(ComplexOf<V>* a, const double* cosines, const double* sines) {
  constexpr int pairs = r / 2;
  ComplexOf<V> sum[pairs], difference[pairs];
#pragma GCC unroll 8
  for (int j = 0; j < pairs; ++j)
    sum[j] = a[j + 1] + a[r - 1 - j], difference[j] = times_minus_i(a[j + 1] - a[r - 1 - j]);
  const ComplexOf<V> first = a[0];
#pragma GCC unroll 8
  for (int j = 0; j < pairs; ++j) a[0] = a[0] + sum[j];
#pragma GCC unroll 8
  for (int k = 1; k <= pairs; ++k) {
    ComplexOf<V> real = first, turned{};
#pragma GCC unroll 8
    for (int j = 0; j < pairs; ++j) {
      const double c = cosines[(j + 1) * k % r], s = sines[(j + 1) * k % r];
      real.re += sum[j].re * c, real.im += sum[j].im * c;
      turned.re += difference[j].re * s, turned.im += difference[j].im * s;
    }
    a[k] = real + turned;
    a[r - k] = real - turned;
  }
}

// 9 = 3 3: x = 3 j + i, k = 3 l + m; first over j, then a turn by i m / 9, then over i.
template <class V>
inline void dft_9(ComplexOf<V>* a) {
  constexpr double cosines[3] = {1, -0.5, -0.5}, sines[3] = {0, 0.86602540378443864676, -0.86602540378443864676};
  constexpr double turn[5][2] = {{1, 0},
                                 {0.76604444311897803520, -0.64278760968653932632},
                                 {0.17364817766693034885, -0.98480775301220805937},
                                 {},
                                 {-0.93969262078590838405, -0.34202014332566873304}};
  ComplexOf<V> b[3][3] = {{a[0], a[3], a[6]}, {a[1], a[4], a[7]}, {a[2], a[5], a[8]}};
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) dft_odd<3>(b[i], cosines, sines);
#pragma GCC unroll 3
  for (int m = 0; m < 3; ++m) {
    ComplexOf<V> c[3] = {b[0][m], b[1][m], b[2][m]};
    if (m > 0) c[1] = times(c[1], turn[m][0], turn[m][1]), c[2] = times(c[2], turn[2 * m][0], turn[2 * m][1]);
    dft_odd<3>(c, cosines, sines);
    a[m] = c[0], a[3 + m] = c[1], a[6 + m] = c[2];
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
  } else if constexpr (r == 9) {
    dft_9(a);
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

// The same for any odd r: as dft_odd, two values k at a time, which need the same sums and differences.
template <class V>
void pass_of_prime(const Fft::Pass& pass, const ComplexOf<V>* __restrict x, ComplexOf<V>* __restrict y) {
  const ptrdiff_t r = pass.radix, m = pass.rest, s = pass.done, pairs = r / 2;
  ComplexOf<V> sum[kMostRadix / 2], difference[kMostRadix / 2];
  const auto next = [r](ptrdiff_t angle, ptrdiff_t k) { return angle + k < r ? angle + k : angle + k - r; };
  for (ptrdiff_t p = 0; p < m; ++p) {
    const std::complex<double>* turns = pass.turns.data() + p * (r - 1) - 1;
    for (ptrdiff_t q = 0; q < s; ++q) {
      const ComplexOf<V>* from = x + q + s * p;
      ComplexOf<V>* to = y + q + s * r * p;
      const ComplexOf<V> first = from[0];
      ComplexOf<V> total = first;
      for (ptrdiff_t j = 0; j < pairs; ++j) {
        const ComplexOf<V> a = from[s * m * (j + 1)], b = from[s * m * (r - 1 - j)];
        sum[j] = a + b, difference[j] = times_minus_i(a - b);
        total = total + sum[j];
      }
      to[0] = total;
      for (ptrdiff_t k = 1; k <= pairs; k += 2) {
        const ptrdiff_t other = std::min(k + 1, pairs);
        ComplexOf<V> real[2] = {first, first}, turned[2] = {};
        for (ptrdiff_t j = 0, angle = k, second = other; j < pairs; ++j) {
          const double c[2] = {pass.cosines[static_cast<size_t>(angle)], pass.cosines[static_cast<size_t>(second)]};
          const double d[2] = {pass.sines[static_cast<size_t>(angle)], pass.sines[static_cast<size_t>(second)]};
          for (int i = 0; i < 2; ++i) {
            real[i].re += sum[j].re * c[i], real[i].im += sum[j].im * c[i];
            turned[i].re += difference[j].re * d[i], turned[i].im += difference[j].im * d[i];
          }
          angle = next(angle, k), second = next(second, other);
        }
        const ptrdiff_t ks[2] = {k, other};
        for (int i = 0; i < 2; ++i) {
          const std::complex<double>&up = turns[ks[i]], &down = turns[r - ks[i]];
          to[s * ks[i]] = times(real[i] + turned[i], up.real(), up.imag());
          to[s * (r - ks[i])] = times(real[i] - turned[i], down.real(), down.imag());
        }
      }
    }
  }
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
    case 9:
      return pass_of<9>(pass, x, y);
    case 11:
      return pass_of<11>(pass, x, y);
    case 13:
      return pass_of<13>(pass, x, y);
    default:
      return pass_of_prime(pass, x, y);
  }
}

template <class V>
void times_each(ComplexOf<V>* a, const std::complex<double>* b, int n) {
  for (int k = 0; k < n; ++k) a[k] = times(a[k], b[k].real(), b[k].imag());
}

// log(2^e f) = e log 2 + 2 atanh(s), s = (f - 1) / (f + 1), f in [sqrt(1/2), sqrt(2)): |s| < 0.172, six terms of the series.
void log_magnitudes(const ComplexOf<Four>* values, int n, float* __restrict to, ptrdiff_t stride) {
  const auto* in = reinterpret_cast<const double*>(values);
  for (int i = 0; i < n; ++i, to += stride) {
    double logs[4];
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
      logs[k] = e * 0.69314718055994530942 + 2 * s * series;
    }
    for (int k = 0; k < 4; ++k) to[k] = static_cast<float>(logs[k]);
  }
}

template void fft_pass(const Fft::Pass&, const ComplexOf<double>*, ComplexOf<double>*);
template void fft_pass(const Fft::Pass&, const ComplexOf<Four>*, ComplexOf<Four>*);
template void times_each(ComplexOf<double>*, const std::complex<double>*, int);
template void times_each(ComplexOf<Four>*, const std::complex<double>*, int);

}  // namespace assay
