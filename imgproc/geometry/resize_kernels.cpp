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

#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__)
// One register of 16 values out of two, by index. Measured against the loop of loads below: 3 times as fast.
#define ASSAY_PERMUTES 1
using Lanes = float __attribute__((vector_size(64), aligned(4)));
using Places = int32_t __attribute__((vector_size(64), aligned(4)));

template <int K>
inline void block_sums(const float* in, const int32_t* offset, const float* w, int stride, float* out) {
  const Places at = *reinterpret_cast<const Places*>(offset);
  Lanes sum{};
  for (int t = 0; t < K; ++t) {
    const float* from = in + static_cast<ptrdiff_t>(t) * stride;
    const Lanes a = *reinterpret_cast<const Lanes*>(from), b = *reinterpret_cast<const Lanes*>(from + 16);
    sum += *reinterpret_cast<const Lanes*>(w + static_cast<ptrdiff_t>(t) * 16) * __builtin_shuffle(a, b, at);
  }
  *reinterpret_cast<Lanes*>(out) = sum;
}

// All taps of the block lie within 32 values: two loads for them all.
template <int K>
inline void close_block_sums(const float* in, const int32_t* offset, const float* w, int stride, float* out) {
  Places at = *reinterpret_cast<const Places*>(offset);
  const Lanes a = *reinterpret_cast<const Lanes*>(in), b = *reinterpret_cast<const Lanes*>(in + 16);
  Lanes sum{};
  for (int t = 0; t < K; ++t, at += stride)
    sum += *reinterpret_cast<const Lanes*>(w + static_cast<ptrdiff_t>(t) * 16) * __builtin_shuffle(a, b, at);
  *reinterpret_cast<Lanes*>(out) = sum;
}

template <int K>
void all_blocks(const float* in, const int* base, const int32_t* offset, const float* w, int stride, bool close,
                ptrdiff_t blocks, float* out) {
  for (ptrdiff_t b = 0; b < blocks; ++b)
    (close ? close_block_sums<K> : block_sums<K>)(in + base[b], offset + b * 16, w + b * 16 * K, stride, out + b * 16);
}
#endif

template <class Real>
void loaded_sums(const Real* in, const int32_t* offset, const Real* w, int count, int stride, Real* out) {
  Real sum[16] = {};
  for (int t = 0; t < count; ++t)
    for (int i = 0; i < 16; ++i) sum[i] += w[t * 16 + i] * in[offset[i] + static_cast<ptrdiff_t>(t) * stride];
  std::copy_n(sum, 16, out);
}

template <int K, bool begins, class In, class Real>
void add_rows(const In* const* rows, const Real* w, Real* __restrict out, ptrdiff_t n) {
  const In* row[K];
  Real v[K];
  for (int k = 0; k < K; ++k) row[k] = rows[k], v[k] = w[k];
  for (ptrdiff_t i = 0; i < n; ++i) {
    Real sum = begins ? Real(0) : out[i];
    for (int k = 0; k < K; ++k) sum += v[k] * static_cast<Real>(row[k][i]);
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
    near_ = near_ && last - base < 32;
    close_ = close_ && last - base + (count_ - 1) * channels < 32;
    for (ptrdiff_t i = begin; i < end; ++i) {
      offset_[static_cast<size_t>(i)] = place(i) - base;
      for (ptrdiff_t t = 0; t < count_; ++t)
        weight_[static_cast<size_t>((b * count_ + t) * kBlock + i - begin)] =
            static_cast<Real>(weights[static_cast<size_t>(i / channels * count_ + t)]);
    }
  }
}

template <class Real>
void RowPlan<Real>::row_sums(const Real* in, Real* out) const {
  const auto blocks = static_cast<ptrdiff_t>(base_.size());
#ifdef ASSAY_PERMUTES
  if constexpr (std::is_same_v<Real, float>) {
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
    const int32_t* offset = offset_.data() + b * kBlock;
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

template <class T, class Real>
void widen_values(const T* __restrict from, Real* __restrict to, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) to[i] = static_cast<Real>(from[i]);
}

template class RowPlan<float>;
template class RowPlan<double>;
template void sum_rows(const float* const*, const float*, int, float*, ptrdiff_t);
template void sum_rows(const double* const*, const double*, int, double*, ptrdiff_t);
template void sum_rows(const uint8_t* const*, const float*, int, float*, ptrdiff_t);
template void sum_rows(const uint16_t* const*, const double*, int, double*, ptrdiff_t);
template bool round_values(const float*, uint8_t*, ptrdiff_t, float);
template bool round_values(const double*, uint16_t*, ptrdiff_t, double);
template void round_fractions(const float*, float, uint8_t*, ptrdiff_t);
template void round_fractions(const double*, double, uint16_t*, ptrdiff_t);
template void widen_values(const uint8_t*, float*, ptrdiff_t);
template void widen_values(const uint16_t*, double*, ptrdiff_t);
template void widen_values(const float*, float*, ptrdiff_t);

}  // namespace assay
