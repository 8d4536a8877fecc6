#include "assay/imgproc/geometry/resize_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace assay {

namespace {

// The nearest whole number, ties to even, by the rounding of an addition; |v| < 2^22 or 2^51.
inline float nearest(float v) { return (v + 12582912.0f) - 12582912.0f; }
inline double nearest(double v) { return (v + 6755399441055744.0) - 6755399441055744.0; }

#if defined(__AVX512BW__) && defined(__GNUC__) && !defined(__clang__)
// A register of values picked by index out of two. Measured against the loop of loads below: 3 times as fast.
#define ASSAY_PERMUTES 1
template <class Real>
struct Register;
template <>
struct Register<float> {
  using Lanes = float __attribute__((vector_size(64), aligned(4), may_alias));
  using Places = int32_t __attribute__((vector_size(64), aligned(4), may_alias));
};
template <>
struct Register<uint16_t> {
  using Lanes = uint16_t __attribute__((vector_size(64), aligned(2), may_alias));
  using Places = int16_t __attribute__((vector_size(64), aligned(2), may_alias));
};

template <class Vector, class T>
inline Vector load(const T* from) {
  return *reinterpret_cast<const Vector*>(from);
}

// `close`: all taps of the block lie within two registers: two loads for them all.
template <int K, bool close, class Real>
inline void block_sums(const Real* in, const PlaceOf<Real>* offset, const Real* w, int stride, Real* out) {
  using Lanes = typename Register<Real>::Lanes;
  using Places = typename Register<Real>::Places;
  constexpr ptrdiff_t kBlock = RowPlan<Real>::kBlock;
  Places at = load<Places>(offset);
  Lanes a = load<Lanes>(in), b = load<Lanes>(in + kBlock), sum{};
  for (ptrdiff_t t = 0; t < K; ++t) {
    if (!close && t > 0) a = load<Lanes>(in + t * stride), b = load<Lanes>(in + t * stride + kBlock);
    sum += load<Lanes>(w + t * kBlock) * __builtin_shuffle(a, b, at);
    if (close) at += static_cast<PlaceOf<Real>>(stride);
  }
  *reinterpret_cast<Lanes*>(out) = sum;
}

template <int K, class Real>
void all_blocks(const Real* in, const int* base, const PlaceOf<Real>* offset, const Real* w, int stride, bool close,
                ptrdiff_t blocks, Real* out) {
  constexpr ptrdiff_t kBlock = RowPlan<Real>::kBlock;
  for (ptrdiff_t b = 0; b < blocks; ++b)
    (close ? block_sums<K, true, Real> : block_sums<K, false, Real>)(in + base[b], offset + b * kBlock,
                                                                     w + b * kBlock * K, stride, out + b * kBlock);
}
#endif

template <class Real>
void loaded_sums(const Real* in, const PlaceOf<Real>* offset, const Real* w, int count, int stride, Real* out) {
  constexpr int kBlock = RowPlan<Real>::kBlock;
  Real sum[kBlock] = {};
  for (int t = 0; t < count; ++t)
    for (int i = 0; i < kBlock; ++i)
      sum[i] = static_cast<Real>(sum[i] + w[t * kBlock + i] * in[offset[i] + static_cast<ptrdiff_t>(t) * stride]);
  std::copy_n(sum, kBlock, out);
}

// out[x] = in[K x] + .. + in[K x + K - 1]
template <int K, class Real>
void group_sums(const Real* __restrict in, ptrdiff_t n, Real* __restrict out) {
  for (ptrdiff_t x = 0; x < n; ++x) {
    Real sum = in[K * x];
    for (int k = 1; k < K; ++k) sum = static_cast<Real>(sum + in[K * x + k]);
    out[x] = sum;
  }
}

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

template <class Real>
RowPlan<Real>::RowPlan(const Taps& taps, const std::vector<double>& weights, int channels)
    : values_(static_cast<ptrdiff_t>(taps.to) * channels), count_(taps.count), channels_(channels) {
  groups_ = channels == 1 && std::all_of(weights.begin(), weights.end(), [](double w) { return w == 1; });
  for (int x = 0; x < taps.to; ++x) groups_ = groups_ && taps.first[static_cast<size_t>(x)] == x * count_;
  groups_ = groups_ && count_ >= 2 && count_ <= 4;
  if (groups_) return;
  const ptrdiff_t blocks = (values_ + kBlock - 1) / kBlock;
  weight_.assign(static_cast<size_t>(blocks * kBlock * count_), Real(0));
  offset_.assign(static_cast<size_t>(blocks * kBlock), 0);
  for (ptrdiff_t b = 0; b < blocks; ++b) {
    const ptrdiff_t begin = b * kBlock, end = std::min(values_, begin + kBlock);
    const auto place = [&](ptrdiff_t i) {
      return taps.first[static_cast<size_t>(i / channels)] * channels + static_cast<int>(i % channels);
    };
    int base = std::numeric_limits<int>::max(), last = 0;
    for (ptrdiff_t i = begin; i < end; ++i) base = std::min(base, place(i)), last = std::max(last, place(i));
    base_.push_back(base);
    near_ = near_ && last - base < 2 * kBlock;
    close_ = close_ && last - base + (count_ - 1) * channels < 2 * kBlock;
    for (ptrdiff_t i = begin; i < end; ++i) {
      offset_[static_cast<size_t>(i)] = static_cast<PlaceOf<Real>>(place(i) - base);
      for (ptrdiff_t t = 0; t < count_; ++t)
        weight_[static_cast<size_t>((b * count_ + t) * kBlock + i - begin)] =
            static_cast<Real>(weights[static_cast<size_t>(i / channels * count_ + t)]);
    }
  }
}

template <class Real>
void RowPlan<Real>::row_sums(const Real* in, Real* out) const {
  if (groups_ && count_ == 2) return group_sums<2>(in, values_, out);
  if (groups_ && count_ == 3) return group_sums<3>(in, values_, out);
  if (groups_ && count_ == 4) return group_sums<4>(in, values_, out);
  const auto blocks = static_cast<ptrdiff_t>(base_.size());
#ifdef ASSAY_PERMUTES
  if constexpr (!std::is_same_v<Real, double>) {
    const auto with = [&](auto k) {
      all_blocks<decltype(k)::value>(in, base_.data(), offset_.data(), weight_.data(), channels_, close_, blocks, out);
    };
    if (near_ && count_ <= 8) switch (count_) {
        case 1:
          return with(std::integral_constant<int, 1>());
        case 2:
          return with(std::integral_constant<int, 2>());
        case 3:
          return with(std::integral_constant<int, 3>());
        case 4:
          return with(std::integral_constant<int, 4>());
        case 5:
          return with(std::integral_constant<int, 5>());
        case 6:
          return with(std::integral_constant<int, 6>());
        case 7:
          return with(std::integral_constant<int, 7>());
        default:
          return with(std::integral_constant<int, 8>());
      }
  }
#endif
  for (ptrdiff_t b = 0; b < blocks; ++b) {
    const Real* from = in + base_[static_cast<size_t>(b)];
    const PlaceOf<Real>* offset = offset_.data() + b * kBlock;
    const Real* w = weight_.data() + b * kBlock * count_;
    loaded_sums(from, offset, w, count_, channels_, out + b * kBlock);
  }
}

template <class In, class Real>
void sum_rows(const In* const* rows, const Real* w, int count, Real* out, ptrdiff_t n) {
  add_up_to_eight<true>(rows, w, std::min(count, 8), out, n);
  for (int done = 8; done < count; done += 8)
    add_up_to_eight<false>(rows + done, w + done, std::min(count - done, 8), out, n);
}

template <class T, class Real>
bool round_values(const Real* __restrict v, T* __restrict out, ptrdiff_t n, Real limit) {
  constexpr auto kFull = static_cast<Real>(std::numeric_limits<T>::max());
  int close = 0;
  for (ptrdiff_t i = 0; i < n; ++i) {
    const Real whole = nearest(v[i]);
    close |= std::abs(v[i] - whole) >= limit;
    const Real inside = whole < Real(0) ? Real(0) : whole > kFull ? kFull : whole;
    out[i] = static_cast<T>(static_cast<int>(inside));
  }
  return close;
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

void round_fractions(const uint16_t* __restrict v, const WholeDivision& division, uint8_t* __restrict out,
                     ptrdiff_t n) {
  constexpr ptrdiff_t kPiece = 256;
  const uint16_t d = division.d, half = d / 2, even = d % 2 == 0, multiplier = division.multiplier;
  const int shift = division.shift;
  uint16_t high[kPiece];  // on its own, so that the compiler finds the instruction for the upper half of a product
  for (ptrdiff_t begin = 0; begin < n; begin += kPiece) {
    const ptrdiff_t m = std::min(kPiece, n - begin);
    for (ptrdiff_t i = 0; i < m; ++i) {
      const auto raised = static_cast<uint16_t>(v[begin + i] + half);
      high[i] = static_cast<uint16_t>(static_cast<uint32_t>(raised) * multiplier >> 16);
    }
    for (ptrdiff_t i = 0; i < m; ++i) {
      const auto raised = static_cast<uint16_t>(v[begin + i] + half), up = static_cast<uint16_t>(high[i] >> shift);
      const auto tie = static_cast<uint16_t>(static_cast<uint16_t>(up * d) == raised ? even : 0);  // v / d is up - 1/2
      out[begin + i] = static_cast<uint8_t>(up - (tie & up & 1));
    }
  }
}

void mean_of_four(const uint8_t* __restrict upper, const uint8_t* __restrict lower, uint8_t* __restrict out,
                  ptrdiff_t n) {
  for (ptrdiff_t x = 0; x < n; ++x) {
    const auto sum = static_cast<uint16_t>(upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
    out[x] = static_cast<uint8_t>((sum + 1 + (sum >> 2 & 1)) >> 2);
  }
}

template <class T, class Real>
void widen_values(const T* __restrict from, Real* __restrict to, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) to[i] = static_cast<Real>(from[i]);
}

template class RowPlan<float>;
template class RowPlan<double>;
template class RowPlan<uint16_t>;
template void sum_rows(const float* const*, const float*, int, float*, ptrdiff_t);
template void sum_rows(const double* const*, const double*, int, double*, ptrdiff_t);
template void sum_rows(const uint8_t* const*, const float*, int, float*, ptrdiff_t);
template void sum_rows(const uint16_t* const*, const double*, int, double*, ptrdiff_t);
template void sum_rows(const uint8_t* const*, const uint16_t*, int, uint16_t*, ptrdiff_t);
template void sum_rows(const uint16_t* const*, const uint16_t*, int, uint16_t*, ptrdiff_t);
template bool round_values(const float*, uint8_t*, ptrdiff_t, float);
template bool round_values(const double*, uint16_t*, ptrdiff_t, double);
template void round_fractions(const float*, float, uint8_t*, ptrdiff_t);
template void round_fractions(const double*, double, uint16_t*, ptrdiff_t);
template void widen_values(const uint8_t*, float*, ptrdiff_t);
template void widen_values(const uint8_t*, uint16_t*, ptrdiff_t);
template void widen_values(const uint16_t*, double*, ptrdiff_t);
template void widen_values(const float*, float*, ptrdiff_t);

}  // namespace assay
