// core/exp_kernel.h: exp, log and log(1 + u) as plain arithmetic without branches, so that loops over them become vectors
// (for *_kernels.cpp files, where fused multiply-add is allowed).
//
// Method   exp(t), t <= 0: t = m ln 2 + r, |r| <= ln(2) / 2, 2^m times Taylor's polynomial of degree 13 (its remainder is
//          below 1e-17); m is found by adding 1.5 * 2^52, which leaves it in the lowest bits
//          log(1 + u), 0 <= u <= 1: 2 artanh(s) with s = u / (2 + u) <= 1/3, by its series up to s^33 (remainder below 1e-17)
// Accuracy a few units of the last place
#pragma once
#include <bit>
#include <cstdint>

namespace assay {
namespace kernel {

struct Taylor {
  static constexpr int kDegree = 13;
  double c[kDegree + 1];
  constexpr Taylor() : c{1} {
    for (int j = 1; j <= kDegree; ++j) c[j] = c[j - 1] / j;
  }
};
inline constexpr Taylor kExp;

/// exp(t) for t <= 0; below -708 it stays at exp(-708), about 3e-308.
inline double exp_of(double t) {
  constexpr double kRound = 0x1.8p52, kLog2e = 0x1.71547652b82fep0, kHigh = 0x1.62e42fefa38p-1,
                   kLow = 0x1.ef35793c7673p-45;
  t = t < -708.0 ? -708.0 : t;
  const double shifted = t * kLog2e + kRound, m = shifted - kRound;
  const double r = (t - m * kHigh) - m * kLow;
  double p = kExp.c[Taylor::kDegree];
  for (int j = Taylor::kDegree - 1; j >= 0; --j) p = p * r + kExp.c[j];
  return std::bit_cast<double>(std::bit_cast<int64_t>(p) + (std::bit_cast<int64_t>(shifted) << 52));
}

/// log(1 + u) for 0 <= u <= 1.
inline double log1p_of(double u) {
  const double s = u / (2 + u), q = s * s;
  double p = 1.0 / 33;
  for (int j = 31; j >= 1; j -= 2) p = p * q + 1.0 / j;
  return 2 * s * p;
}

/// log(x) for normal numbers x > 0: x = 2^m f, f from sqrt(1/2) to sqrt(2), log f = 2 artanh(s), s = (f - 1) / (f + 1), by its
/// series up to s^21.
inline double log_of(double x) {
  constexpr int64_t kRootHalf = 0x3fe6a09e667f3bcd;  // the bits of sqrt(1/2)
  constexpr double kLn2High = 0x1.62e42fefa38p-1, kLn2Low = 0x1.ef35793c7673p-45;
  const int64_t above = std::bit_cast<int64_t>(x) - kRootHalf, m = above >> 52;
  const double f = std::bit_cast<double>((above & 0x000fffffffffffff) + kRootHalf);
  const double s = (f - 1) / (f + 1), q = s * s;
  double p = 1.0 / 21;
  for (int j = 19; j >= 1; j -= 2) p = p * q + 1.0 / j;
  return static_cast<double>(m) * kLn2High + (2 * s * p + static_cast<double>(m) * kLn2Low);
}

}  // namespace kernel
}  // namespace assay
