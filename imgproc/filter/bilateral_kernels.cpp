// Method   2^x for x <= 0: x = m + r with m whole and |r| <= 1/2; 2^r by the polynomial of degree 5 through its
//          Chebyshev points (relative error 1.1e-7), m goes to the exponent
//          A block of pixels takes all taps before the next one: its sums stay in registers, and its vectors keep the machine
//          busy while each waits for its polynomial

#include "assay/imgproc/filter/bilateral_kernels.h"

#include <cstdint>

namespace assay {

namespace {

constexpr int kLanes = 8;
using Lanes = float __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
using Bits = int32_t __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

[[gnu::always_inline]] inline Lanes lanes_at(const float* at) { return *reinterpret_cast<const Lanes*>(at); }
[[gnu::always_inline]] inline Lanes absolute_value(Lanes v) {
  return reinterpret_cast<Lanes>(reinterpret_cast<Bits>(v) & 0x7fffffff);
}
[[gnu::always_inline]] inline Lanes power_of_two(Lanes x) {
  x = x > -126.0f ? x : Lanes{} - 126.0f;
  const Lanes shifted = x + 12582912.0f, m = shifted - 12582912.0f, r = x - m;
  Lanes p = 1.339086337e-3f * r + 9.676031919e-3f;
  p = p * r + 5.550357114e-2f;
  p = p * r + 2.402210749e-1f;
  p = p * r + 6.931471880e-1f;
  p = p * r + 1.000000075f;
  return reinterpret_cast<Lanes>(reinterpret_cast<Bits>(p) + (reinterpret_cast<Bits>(shifted) << 23));
}

// P planes, U vectors at once.
template <int P, int U, bool absolute>
void means_of(const float* centre, ptrdiff_t plane, const float* const* taps, const float* exponents, int count,
              float rate, float* means, ptrdiff_t stride, ptrdiff_t n) {
  for (ptrdiff_t begin = 0; begin < n; begin += U * kLanes) {
    Lanes here[U][P], weights[U], sums[U][P];
    for (int u = 0; u < U; ++u) {
      weights[u] = Lanes{};
      for (int c = 0; c < P; ++c) {
        here[u][c] = lanes_at(centre + c * plane + begin + u * kLanes);
        sums[u][c] = Lanes{};
      }
    }
    for (int t = 0; t < count; ++t) {
      const float* tap = taps[t] + begin;
      const float exponent = exponents[t];
      for (int u = 0; u < U; ++u) {
        Lanes value[P], distance{};
        for (int c = 0; c < P; ++c) {
          value[c] = lanes_at(tap + c * plane + u * kLanes);
          const Lanes d = value[c] - here[u][c];
          const Lanes term = absolute ? absolute_value(d) : d * d;
          distance = c == 0 ? term : distance + term;
        }
        const Lanes w = power_of_two((absolute ? distance * distance : distance) * rate + exponent);
        weights[u] += w;
        for (int c = 0; c < P; ++c) sums[u][c] += w * value[c];
      }
    }
    for (int u = 0; u < U; ++u)
      for (int c = 0; c < P; ++c)
        *reinterpret_cast<Lanes*>(means + c * stride + begin + u * kLanes) = sums[u][c] / weights[u];
  }
}

}  // namespace

void bilateral_means(const float* centre, ptrdiff_t plane, int planes, bool absolute, const float* const* taps,
                     const float* exponents, int count, float rate, float* means, ptrdiff_t stride, ptrdiff_t n) {
  if (planes == 1) return means_of<1, 2, false>(centre, plane, taps, exponents, count, rate, means, stride, n);
  if (absolute) return means_of<3, 1, true>(centre, plane, taps, exponents, count, rate, means, stride, n);
  means_of<3, 1, false>(centre, plane, taps, exponents, count, rate, means, stride, n);
}

}  // namespace assay
