// Method   2^x for x <= 0: x = m + r with m whole and |r| <= 1/2; 2^r by the polynomial of degree 5 through its
//          Chebyshev points (relative error 1.1e-7), m goes to the exponent. Below 2^-100 a weight stays at that: it counts
//          for nothing, and its products stay clear of the slow numbers below 2^-126
//          A block of pixels takes all taps before the next one: its sums stay in registers, and its vectors keep the
//          machine busy while each waits for its sum

#include "assay/imgproc/filter/bilateral_kernels.h"

#include <bit>
#include <cstdint>

#include "assay/core/simd.h"

namespace assay {

namespace {

#ifdef __AVX512F__
constexpr int kLanes = 16;
#else
constexpr int kLanes = 8;
#endif
using Lanes = SimdAnywhere<float, kLanes>;
using Bits = SimdAnywhere<uint32_t, kLanes>;

[[gnu::always_inline]] inline Lanes& lanes_at(float* at) { return *reinterpret_cast<Lanes*>(at); }
[[gnu::always_inline]] inline Lanes lanes_at(const float* at) { return *reinterpret_cast<const Lanes*>(at); }
[[gnu::always_inline]] inline Lanes absolute_value(Lanes v) {
  return reinterpret_cast<Lanes>(reinterpret_cast<Bits>(v) & 0x7fffffff);
}
[[gnu::always_inline]] inline Lanes power_of_two(Lanes x) {
  constexpr uint32_t kLowest = std::bit_cast<uint32_t>(-100.0f);
  const Bits bits = reinterpret_cast<Bits>(x), lowest = Bits{} + kLowest;  // below 0 a greater number has smaller bits
  x = reinterpret_cast<Lanes>(bits < lowest ? bits : lowest);
  const Lanes shifted = x + 12582912.0f, m = shifted - 12582912.0f, r = x - m;
  Lanes p = 1.339086337e-3f * r + 9.676031919e-3f;
  p = p * r + 5.550357114e-2f;
  p = p * r + 2.402210749e-1f;
  p = p * r + 6.931471880e-1f;
  p = p * r + 1.000000075f;
  return reinterpret_cast<Lanes>(reinterpret_cast<Bits>(p) + (reinterpret_cast<Bits>(shifted) << 23));
}

// Of the colours a, b.
template <int P, bool absolute>
[[gnu::always_inline]] inline Lanes weight(const Lanes* a, const Lanes* b, float rate, float exponent) {
  Lanes distance{};
  for (int c = 0; c < P; ++c) {
    const Lanes d = b[c] - a[c], term = absolute ? absolute_value(d) : d * d;
    distance = c == 0 ? term : distance + term;
  }
  return power_of_two((absolute ? distance * distance : distance) * rate + exponent);
}

template <int P>
[[gnu::always_inline]] inline void load_colours(const float* at, ptrdiff_t plane, Lanes* colours) {
  for (int c = 0; c < P; ++c) colours[c] = lanes_at(at + c * plane);
}

template <int P, bool absolute>
void weights_of(const float* here, const float* there, ptrdiff_t plane, float rate, float exponent, float* weights,
                ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i += kLanes) {
    Lanes a[P], b[P];
    load_colours<P>(here + i, plane, a);
    load_colours<P>(there + i, plane, b);
    lanes_at(weights + i) = weight<P, absolute>(a, b, rate, exponent);
  }
}

// P planes, U vectors at once. weight_of(t, i, centre, tap): the weights of tap t for pixels i .. i + kLanes - 1.
template <int P, int U, class Weight>
[[gnu::always_inline]] inline void means_of(const float* centre, ptrdiff_t plane, const float* const* taps, int count,
                                            float* means, ptrdiff_t stride, ptrdiff_t n, Weight weight_of) {
  for (ptrdiff_t begin = 0; begin < n; begin += U * kLanes) {
    Lanes here[U][P], weights[U], sums[U][P];
    for (int u = 0; u < U; ++u) {
      load_colours<P>(centre + begin + u * kLanes, plane, here[u]);
      for (int c = 0; c < P; ++c) sums[u][c] = here[u][c];
      weights[u] = Lanes{} + 1.0f;
    }
    for (int t = 0; t < count; ++t)
      for (int u = 0; u < U; ++u) {
        Lanes value[P];
        load_colours<P>(taps[t] + begin + u * kLanes, plane, value);
        const Lanes w = weight_of(t, begin + u * kLanes, here[u], value);
        weights[u] += w;
        for (int c = 0; c < P; ++c) sums[u][c] += w * value[c];
      }
    for (int u = 0; u < U; ++u)
      for (int c = 0; c < P; ++c) lanes_at(means + c * stride + begin + u * kLanes) = sums[u][c] / weights[u];
  }
}

template <int P, bool absolute>
void means_alone(const float* centre, ptrdiff_t plane, const float* const* taps, float rate, const float* exponents,
                 int count, float* means, ptrdiff_t stride, ptrdiff_t n) {
  means_of<P, 2>(
      centre, plane, taps, count, means, stride,
      n, [=](int t, ptrdiff_t, const Lanes* here, const Lanes* there) __attribute__((always_inline)) {
        return weight<P, absolute>(here, there, rate, exponents[t]);
      });
}

}  // namespace

void bilateral_weights(const float* here, const float* there, ptrdiff_t plane, int planes, PairWeight w, float exponent,
                       float* weights, ptrdiff_t n) {
  const auto make = planes == 1 ? weights_of<1, false> : w.absolute ? weights_of<3, true> : weights_of<3, false>;
  make(here, there, plane, w.rate, exponent, weights, n);
}

void bilateral_means(const float* centre, ptrdiff_t plane, int planes, const float* const* taps,
                     const float* const* weights, int count, float* means, ptrdiff_t stride, ptrdiff_t n) {
  const auto kept = [=](int t, ptrdiff_t i, const Lanes*, const Lanes*) __attribute__((always_inline)) {
    return lanes_at(weights[t] + i);
  };
  if (planes == 1) return means_of<1, 4>(centre, plane, taps, count, means, stride, n, kept);
  means_of<3, 2>(centre, plane, taps, count, means, stride, n, kept);
}

void bilateral_means(const float* centre, ptrdiff_t plane, int planes, const float* const* taps, PairWeight w,
                     const float* exponents, int count, float* means, ptrdiff_t stride, ptrdiff_t n) {
  const auto make = planes == 1 ? means_alone<1, false> : w.absolute ? means_alone<3, true> : means_alone<3, false>;
  make(centre, plane, taps, w.rate, exponents, count, means, stride, n);
}

}  // namespace assay
