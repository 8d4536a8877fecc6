#include "assay/imgproc/geometry/resize_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "assay/core/simd.h"

namespace assay {

namespace {

// The nearest whole number, ties to even, by the rounding of an addition; |v| < 2^22 or 2^51.
constexpr float kLift = 12582912.0f;
inline float nearest(float v) { return (v + kLift) - kLift; }
inline double nearest(double v) { return (v + 6755399441055744.0) - 6755399441055744.0; }

template <int K, bool begins, class In, class Real>
void add_rows(const In* const* rows, const Real* w, Real* __restrict out, ptrdiff_t n) {
  const In* row[K];
  Real v[K];
  for (int k = 0; k < K; ++k) row[k] = rows[k], v[k] = w[k];
  for (ptrdiff_t i = 0; i < n; ++i) {
    Real sum = begins ? Real(0) : out[i];
    for (int k = 0; k < K; ++k) sum = static_cast<Real>(sum + v[k] * static_cast<Real>(row[k][i]));
    out[i] = sum;
  }
}

template <bool begins, class In, class Real>
void add_up_to_eight(const In* const* rows, const Real* w, int count, Real* out, ptrdiff_t n) {
  switch (count) {
    case 1:
      return add_rows<1, begins>(rows, w, out, n);
    case 2:
      return add_rows<2, begins>(rows, w, out, n);
    case 3:
      return add_rows<3, begins>(rows, w, out, n);
    case 4:
      return add_rows<4, begins>(rows, w, out, n);
    case 5:
      return add_rows<5, begins>(rows, w, out, n);
    case 6:
      return add_rows<6, begins>(rows, w, out, n);
    case 7:
      return add_rows<7, begins>(rows, w, out, n);
    default:
      return add_rows<8, begins>(rows, w, out, n);
  }
}

}  // namespace

template <class In, class Real>
void sum_rows(const In* const* rows, const Real* w, int count, Real* out, ptrdiff_t n) {
  add_up_to_eight<true>(rows, w, std::min(count, 8), out, n);
  for (int done = 8; done < count; done += 8)
    add_up_to_eight<false>(rows + done, w + done, std::min(count - done, 8), out, n);
}

template <class T, class Real>
void round_fractions(const Real* __restrict v, Real denominator, T* __restrict out, ptrdiff_t n) {
  // p = 2 v / d is whole only for a half or a whole result, else at least 1 / d away from that; its two roundings move it by
  // less than `error`, which is less than 1 / (2 d).
  constexpr Real kFull = 2 * static_cast<Real>(std::numeric_limits<T>::max());
  constexpr Real error = kFull * std::numeric_limits<Real>::epsilon();
  const Real twice_inverse = 2 / denominator;
  for (ptrdiff_t i = 0; i < n; ++i) {
    const Real p = v[i] * twice_inverse, whole = nearest(p);
    const Real settled = std::abs(p - whole) <= error ? whole : p;
    out[i] = static_cast<T>(static_cast<int>(nearest(settled / 2)));
  }
}

// Sums below 2^24. The guess, v / d less a quarter to the nearest, is the result or 1 less, and its remainder is exact; lifted, it has its
// parity in the last bit.
template <>
void round_fractions(const float* __restrict v, float d, uint16_t* __restrict out, ptrdiff_t n) {
  const float inverse = 1 / d;
  for (ptrdiff_t i = 0; i < n; ++i) {
    const float lifted = (v[i] * inverse - 0.25f) + kLift, guess = lifted - kLift, rest = v[i] - guess * d;
    const auto bits = std::bit_cast<int32_t>(lifted);
    const int32_t up = 2 * rest + static_cast<float>(bits & 1) > d ? 1 : 0;
    out[i] = static_cast<uint16_t>((bits & 0xffff) + up);
  }
}

std::optional<WholeDivision> WholeDivision::by(double denominator) {
  if (denominator > 256) return std::nullopt;
  WholeDivision w;
  w.d = static_cast<uint16_t>(denominator);
  while ((2u << w.shift) < w.d) ++w.shift;
  const uint32_t d = w.d, power = 65536u << w.shift, multiplier = (power + d - 1) / d;
  if (multiplier > 65535) return std::nullopt;  // d = 1: nothing to divide
  w.multiplier = static_cast<uint16_t>(multiplier);
  for (uint32_t k = 1; k <= 256; ++k)  // a floor that is right on both sides of each multiple is right between them
    if (w.floor(static_cast<uint16_t>(k * d - 1)) != k - 1 || (k < 256 && w.floor(static_cast<uint16_t>(k * d)) != k))
      return std::nullopt;
  return w;
}

namespace {

// Rounded with halves down it is r = floor((v + d/2 - 1) / d); an odd r whose remainder is a half must go up, and no other
// value does if the numerator grows by 1: floor((v + d/2 - 1 + (r & 1)) / d). For odd d there is no half, and r itself serves.
template <int shift, bool ties>
void divide_by(const uint16_t* __restrict v, uint16_t d, uint16_t multiplier, uint8_t* __restrict out, ptrdiff_t n) {
  const auto lift = static_cast<uint16_t>(ties ? d / 2 - 1 : d / 2);
  const auto over_d = [&](uint16_t raised) {
    return static_cast<uint16_t>(static_cast<uint16_t>(static_cast<uint32_t>(raised) * multiplier >> 16) >> shift);
  };
  for (ptrdiff_t i = 0; i < n; ++i) {
    const auto raised = static_cast<uint16_t>(v[i] + lift);
    const uint16_t r = over_d(raised);
    out[i] = static_cast<uint8_t>(ties ? over_d(static_cast<uint16_t>(raised + (r & 1))) : r);
  }
}

template <int shift>
void divide_shifted(const uint16_t* v, const WholeDivision& division, uint8_t* out, ptrdiff_t n) {
  if (division.shift != shift) {
    if constexpr (shift < 7) divide_shifted<shift + 1>(v, division, out, n);
  } else {
    (division.d % 2 ? divide_by<shift, false> : divide_by<shift, true>)(v, division.d, division.multiplier, out, n);
  }
}

}  // namespace

void round_fractions(const uint16_t* v, const WholeDivision& division, uint8_t* out, ptrdiff_t n) {
  divide_shifted<0>(v, division, out, n);  // the shift as a constant: another instruction, half the time
}

namespace {

// A sum of four whole numbers / 4 to the nearest, ties to even.
template <class V>
inline V quarter(V sum) {
  return static_cast<V>((sum + 1 + (sum >> 2 & 1)) >> 2);
}

// `times` neighbours are one load, so that none need be sorted apart.
template <int times, class T>
void mean_of_four_values(const T* upper, const T* lower, T* __restrict out, ptrdiff_t n) {
  using Cell = std::conditional_t<times * sizeof(T) == 2, uint16_t,
                                  std::conditional_t<times * sizeof(T) == 4, uint32_t, uint64_t>>;
  constexpr int kBits = 8 * sizeof(T), kFirst = (times / 2 - 1) * kBits;
  constexpr Cell kOne = std::numeric_limits<T>::max();
  const auto pair = [](const T* from) {
    Cell cell = 0;
    std::memcpy(&cell, from, sizeof cell);
    return static_cast<Cell>((cell >> kFirst & kOne) + (cell >> (kFirst + kBits) & kOne));
  };
  for (ptrdiff_t x = 0; x < n; ++x) {
    const auto sum = static_cast<Cell>(pair(upper + times * x) + pair(lower + times * x));
    out[x] = static_cast<T>(quarter(sum));
  }
}

// The order and the roundings of sum_rows and row_sums.
template <int times>
void mean_of_four_values(const float* upper, const float* lower, float* __restrict out, ptrdiff_t n) {
  const auto mean = [](float a, float b) {
    float sum = 0;
    sum += 0.5f * a;
    sum += 0.5f * b;
    return sum;
  };
  for (ptrdiff_t x = 0; x < n; ++x) {
    const ptrdiff_t i = times * x + times / 2 - 1;
    out[x] = mean(mean(upper[i], lower[i]), mean(upper[i + 1], lower[i + 1]));
  }
}

// Vectors whose bytes one instruction puts in any order.
#ifdef __AVX512VBMI__
constexpr int kBytes = 64;
#else
constexpr int kBytes = 16;
#endif
constexpr int kHalf = kBytes / 2;
using Bytes = Simd<uint8_t, kBytes>;
using Words = Simd<uint16_t, kHalf>;

// Output value j of a row of pixels: where the first of its two inputs lies; the second is `channels` behind.
template <int times, int channels>
constexpr int first_input(int j) {
  return channels * (times * (j / channels) + times / 2 - 1) + j % channels;
}

// Sums of two neighbours for kHalf outputs, of inputs from `from` on.
template <int times, int channels, int... k>
inline Words pair_sums(const uint8_t* from, std::integer_sequence<int, k...>) {
  Bytes a, b;
  std::memcpy(&a, from, kBytes);
  std::memcpy(&b, from + kBytes, kBytes);
  // Whole pixels alone are kept: their inputs are in the two vectors.
  const Bytes pairs =
      __builtin_shufflevector(a, b, (first_input<times, channels>(k / 2) + k % 2 * channels) % (2 * kBytes)...);
  const Words both = reinterpret_cast<Words>(pairs);
  return (both & 255) + (both >> 8);
}

template <int times, int channels>
void mean_of_four_pixels(const uint8_t* upper, const uint8_t* lower, uint8_t* __restrict out, ptrdiff_t n) {
  constexpr int kPixels = kHalf / channels;
  static_assert(first_input<times, channels>(kPixels * channels - 1) + channels < 2 * kBytes);
  constexpr auto all = std::make_integer_sequence<int, kBytes>();
  ptrdiff_t x = 0;
  for (; times * channels * (n - x) >= 2 * kBytes && channels * (n - x) >= kHalf; x += kPixels) {
    const ptrdiff_t i = times * channels * x;
    const Words sum = pair_sums<times, channels>(upper + i, all) + pair_sums<times, channels>(lower + i, all);
    const auto mean = __builtin_convertvector(quarter(sum), Simd<uint8_t, kHalf>);
    std::memcpy(out + channels * x, &mean, kHalf);
  }
  for (ptrdiff_t j = channels * x; j < channels * n; ++j) {
    const ptrdiff_t i = first_input<times, channels>(static_cast<int>(j));
    out[j] = static_cast<uint8_t>(quarter(upper[i] + upper[i + channels] + lower[i] + lower[i + channels]));
  }
}

}  // namespace

template <class T>
void mean_of_four(const T* upper, const T* lower, int times, T* out, ptrdiff_t n) {
  if (times == 2)
    mean_of_four_values<2>(upper, lower, out, n);
  else
    mean_of_four_values<4>(upper, lower, out, n);
}

void mean_of_four_colours(const uint8_t* upper, const uint8_t* lower, int times, int channels, uint8_t* out,
                          ptrdiff_t n) {
  if (times == 2)
    (channels == 3 ? mean_of_four_pixels<2, 3> : mean_of_four_pixels<2, 4>)(upper, lower, out, n);
  else
    (channels == 3 ? mean_of_four_pixels<4, 3> : mean_of_four_pixels<4, 4>)(upper, lower, out, n);
}

void mean_of_sixteen(const uint8_t* const (&rows)[4], uint8_t* __restrict out, ptrdiff_t n) {
  const uint8_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];
  const auto pairs = [](const uint8_t* from) {  // in 32 bits, bytes 0 and 1 in the low half, 2 and 3 in the high one
    uint32_t four = 0;
    std::memcpy(&four, from, 4);
    return (four & 0x00ff00ff) + (four >> 8 & 0x00ff00ff);
  };
  for (ptrdiff_t x = 0; x < n; ++x) {
    const uint32_t both = pairs(a + 4 * x) + pairs(b + 4 * x) + pairs(c + 4 * x) + pairs(d + 4 * x);
    const uint32_t sum = (both & 65535) + (both >> 16);
    out[x] = static_cast<uint8_t>((sum + 7 + (sum >> 4 & 1)) >> 4);
  }
}

template <class T, class Real>
void widen_values(const T* __restrict from, Real* __restrict to, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) to[i] = static_cast<Real>(from[i]);
}

template void sum_rows(const float* const*, const float*, int, float*, ptrdiff_t);
template void sum_rows(const double* const*, const double*, int, double*, ptrdiff_t);
template void sum_rows(const uint8_t* const*, const float*, int, float*, ptrdiff_t);
template void sum_rows(const uint16_t* const*, const double*, int, double*, ptrdiff_t);
template void sum_rows(const uint16_t* const*, const float*, int, float*, ptrdiff_t);
template void sum_rows(const uint8_t* const*, const uint16_t*, int, uint16_t*, ptrdiff_t);
template void sum_rows(const uint16_t* const*, const uint16_t*, int, uint16_t*, ptrdiff_t);
template void round_fractions(const float*, float, uint8_t*, ptrdiff_t);
template void round_fractions(const double*, double, uint16_t*, ptrdiff_t);
template void mean_of_four(const uint8_t*, const uint8_t*, int, uint8_t*, ptrdiff_t);
template void mean_of_four(const uint16_t*, const uint16_t*, int, uint16_t*, ptrdiff_t);
template void mean_of_four(const float*, const float*, int, float*, ptrdiff_t);
template void widen_values(const uint8_t*, float*, ptrdiff_t);
template void widen_values(const uint8_t*, uint16_t*, ptrdiff_t);
template void widen_values(const uint16_t*, double*, ptrdiff_t);
template void widen_values(const uint16_t*, float*, ptrdiff_t);
template void widen_values(const float*, float*, ptrdiff_t);

}  // namespace assay
