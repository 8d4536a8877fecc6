// Method   2^x for x <= 0: x = m + r with m whole and |r| <= 1/2; 2^r by the polynomial of degree 5 through its
//          Chebyshev points (relative error 1.1e-7), m goes to the exponent

#include "assay/imgproc/filter/bilateral_kernels.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace assay {

namespace {

[[gnu::always_inline]] inline float power_of_two(float x) {
  x = x < -126.0f ? -126.0f : x;
  const float shifted = x + 12582912.0f, m = shifted - 12582912.0f, r = x - m;
  float p = 1.339086337e-3f;
  p = p * r + 9.676031919e-3f;
  p = p * r + 5.550357114e-2f;
  p = p * r + 2.402210749e-1f;
  p = p * r + 6.931471880e-1f;
  p = p * r + 1.000000075f;
  return std::bit_cast<float>(std::bit_cast<int32_t>(p) + (std::bit_cast<int32_t>(shifted) << 23));
}

template <int K, int P, bool absolute>
[[gnu::noinline]] void add_taps(const float* centre, ptrdiff_t plane, const float* const* taps, const float* spatial,
                                float rate, float* __restrict weights, float* __restrict sums, ptrdiff_t n) {
  const float* t[K];
  float s[K];
  for (int k = 0; k < K; ++k) t[k] = taps[k], s[k] = spatial[k];
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) {
    float weight = weights[i], sum[P];
    for (int c = 0; c < P; ++c) sum[c] = sums[c * n + i];
    for (int k = 0; k < K; ++k) {
      float distance = 0, value[P];
      for (int c = 0; c < P; ++c) {
        value[c] = t[k][c * plane + i];
        const float d = value[c] - centre[c * plane + i];
        distance += absolute || P == 1 ? std::abs(d) : d * d;
      }
      const float squared = absolute || P == 1 ? distance * distance : distance;
      const float w = s[k] * power_of_two(rate * squared);
      weight += w;
      for (int c = 0; c < P; ++c) sum[c] += w * value[c];
    }
    weights[i] = weight;
    for (int c = 0; c < P; ++c) sums[c * n + i] = sum[c];
  }
}

template <int P, bool absolute>
void add_all(const float* centre, ptrdiff_t plane, const float* const* taps, const float* spatial, int count,
             float rate, float* weights, float* sums, ptrdiff_t n) {
  constexpr int kGroup = 4;
  int done = 0;
  for (; done + kGroup <= count; done += kGroup)
    add_taps<kGroup, P, absolute>(centre, plane, taps + done, spatial + done, rate, weights, sums, n);
  for (; done < count; ++done)
    add_taps<1, P, absolute>(centre, plane, taps + done, spatial + done, rate, weights, sums, n);
}

}  // namespace

void add_bilateral_taps(const float* centre, ptrdiff_t plane, int planes, bool absolute, const float* const* taps,
                        const float* spatial, int count, float rate, float* weights, float* sums, ptrdiff_t n) {
  if (planes == 1) return add_all<1, true>(centre, plane, taps, spatial, count, rate, weights, sums, n);
  if (absolute) return add_all<3, true>(centre, plane, taps, spatial, count, rate, weights, sums, n);
  add_all<3, false>(centre, plane, taps, spatial, count, rate, weights, sums, n);
}

}  // namespace assay
