// imgproc/color/power_pieces.h: x^p of a register of f64, by polynomials of pieces of the mantissa.
//
// Method   x = m 2^e, 1 <= m < 2: m^p is a polynomial in each of 16 pieces, through the values at Chebyshev's nodes, and
//          2^(ep) stands in a table, of 16 exponents; AVX-512 keeps a table of 16 in two registers
// Requires   x normal and positive, within the exponents of the table
// Accuracy for p = 1/3, 1/2.4 and 2.4 and degrees 4, 5, 6: below kError of the power
// Cost     degree + 2 multiplications and two look-ups
#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>

#include "assay/core/simd.h"

#if defined(__AVX512F__) || defined(__FMA__)
#include <immintrin.h>
#endif

namespace assay {

using Reals = Simd<double>;
using Wholes = Simd<int64_t>;
inline constexpr int kReals = sizeof(Reals) / sizeof(double);

/// a b + c, rounded once where the machine can.
[[gnu::always_inline]] inline Reals fused(Reals a, Reals b, Reals c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_pd(a, b, c);
#else
  return a * b + c;
#endif
}

[[gnu::always_inline]] inline Reals larger(Reals v, Reals low) {
#if defined(__AVX512F__)
  return _mm512_max_pd(v, low);
#else
  return v < low ? low : v;
#endif
}
[[gnu::always_inline]] inline Reals smaller(Reals v, Reals high) {
#if defined(__AVX512F__)
  return _mm512_min_pd(v, high);
#else
  return high < v ? high : v;
#endif
}
[[gnu::always_inline]] inline Reals all(double v) { return Reals{} + v; }

template <int degree>
class PowerPieces {
 public:
  static constexpr double kError = degree == 4 ? 7e-11 : degree == 5 ? 9e-13 : 1.2e-14;
  static_assert(degree >= 4 && degree <= 6);

  /// For x from 2^least to below 2^(least + 16); of other x the result is any number.
  PowerPieces(double p, int least) {
    constexpr int kNodes = degree + 1;
    for (int piece = 0; piece < kPieces; ++piece) {
      long double w[kNodes], y[kNodes], c[kNodes] = {};
      for (int j = 0; j < kNodes; ++j) {
        w[j] = std::cos((j + 0.5L) / kNodes * std::numbers::pi_v<long double>) / (2 * kPieces);
        y[j] = std::pow(1 + (piece + 0.5L) / kPieces + w[j], static_cast<long double>(p));
      }
      for (int order = 1; order < kNodes; ++order)  // divided differences
        for (int j = degree; j >= order; --j) y[j] = (y[j] - y[j - 1]) / (w[j] - w[j - order]);
      for (int j = degree; j >= 0; --j) {  // c = c (w - w_j) + y_j
        for (int k = degree; k > 0; --k) c[k] = c[k - 1] - w[j] * c[k];
        c[0] = y[j] - w[j] * c[0];
      }
      for (int k = 0; k < kNodes; ++k) c_[k][piece] = static_cast<double>(c[k]);
    }
    for (int e = least; e < least + 16; ++e) scale_[(e + 1023) & 15] = std::exp2(e * p);
  }
  [[gnu::always_inline]] Reals operator()(Reals x) const {
    const Wholes bits = reinterpret_cast<Wholes>(x), piece = bits >> 48, exponent = bits >> 52;
    const Wholes rest = (bits & 0x0000ffffffffffff) | 0x3ff0000000000000;
    const Reals w = reinterpret_cast<Reals>(rest) - (1 + 0.5 / kPieces);
    Reals power = at(c_[degree], piece);
    for (int k = degree - 1; k >= 0; --k) power = fused(power, w, at(c_[k], piece));
    return power * at(scale_, exponent);
  }

 private:
  static constexpr int kPieces = 16;
  // The numbers at the lowest four bits of `index`.
  [[gnu::always_inline]] static Reals at(const double (&table)[16], Wholes index) {
#if defined(__AVX512F__) && !defined(__clang__)
    const Reals low = *reinterpret_cast<const Reals*>(table), high = *reinterpret_cast<const Reals*>(table + 8);
    return __builtin_shuffle(low, high, index);
#else
    Reals v;
    for (int j = 0; j < kReals; ++j) v[j] = table[index[j] & 15];
    return v;
#endif
  }
  alignas(64) double c_[degree + 1][kPieces], scale_[16];
};

}  // namespace assay
