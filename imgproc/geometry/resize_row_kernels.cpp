// imgproc/geometry/resize_row_kernels.cpp: sums along a row. A register holds a block of outputs; tap by tap, their inputs are
// picked by index out of the one or two registers that hold them all. The loops of loads beside it are the same sums in
// the same order, for blocks whose taps lie too far apart and for machines without such picking.
#include <algorithm>
#include <limits>

#include "assay/core/simd.h"

#include "assay/imgproc/geometry/resize_kernels.h"

namespace assay {

namespace {

#if (defined(__AVX2__) || defined(__AVX512BW__)) && defined(__GNUC__) && !defined(__clang__)
// Measured against the loops of loads: 3 times as fast.
#define ASSAY_PERMUTES 1
template <class Real>
struct Register;
template <>
struct Register<float> {
  static constexpr bool exists = true;
  using Lanes = SimdAnywhere<float, RowPlan<float>::kBlock>;
  using Places = SimdAnywhere<int32_t, RowPlan<float>::kBlock>;
};
template <>
struct Register<uint16_t> {
#ifdef __AVX512BW__
  static constexpr bool exists = true;
#else
  static constexpr bool exists = false;  // no instruction picks 16-bit values across the whole register
#endif
  using Lanes = SimdAnywhere<uint16_t, 32>;
  using Places = SimdAnywhere<int16_t, 32>;
};
template <>
struct Register<double> {
#ifdef __AVX512BW__
  static constexpr bool exists = true;
#else
  static constexpr bool exists = false;  // nor 64-bit values by an index
#endif
  using Lanes = SimdAnywhere<double, 8>;
  using Places = SimdAnywhere<int64_t, 8>;
};

template <class Vector, class T>
inline Vector load(const T* from) {
  return *reinterpret_cast<const Vector*>(from);
}

// How far apart the inputs of a block lie.
enum class Reach {
  one,    // each tap's in one register
  two,    // each tap's in two
  close,  // all taps' in the same two: two loads for them all
  three,  // all taps' in the same three
};

template <int K, Reach reach, class Real>
inline void block_sums(const Real* in, const PlaceOf<Real>* offset, const Real* w, int stride, Real* out) {
  using Lanes = typename Register<Real>::Lanes;
  using Places = typename Register<Real>::Places;
  constexpr ptrdiff_t kBlock = RowPlan<Real>::kBlock;
  Places at = load<Places>(offset);
  constexpr bool together = reach == Reach::close || reach == Reach::three;
  Lanes a = load<Lanes>(in), b{}, c{}, sum{};
  if (reach != Reach::one) b = load<Lanes>(in + kBlock);
  if (reach == Reach::three) c = load<Lanes>(in + 2 * kBlock);
  for (ptrdiff_t t = 0; t < K; ++t) {
    if (!together && t > 0) {
      a = load<Lanes>(in + t * stride);
      if (reach == Reach::two) b = load<Lanes>(in + t * stride + kBlock);
    }
    if constexpr (reach == Reach::one)
      sum += load<Lanes>(w + t * kBlock) * __builtin_shuffle(a, at);
    else if constexpr (reach == Reach::three)
      sum += load<Lanes>(w + t * kBlock) *
             (at < static_cast<PlaceOf<Real>>(2 * kBlock) ? __builtin_shuffle(a, b, at) : __builtin_shuffle(c, at));
    else
      sum += load<Lanes>(w + t * kBlock) * __builtin_shuffle(a, b, at);
    if (together) at += static_cast<PlaceOf<Real>>(stride);
  }
  *reinterpret_cast<Lanes*>(out) = sum;
}

template <int K, Reach reach, class Real>
void sum_blocks(const Real* in, const int* base, const int* which, const PlaceOf<Real>* offset, const Real* w,
                int stride, ptrdiff_t blocks, Real* out) {
  constexpr ptrdiff_t kBlock = RowPlan<Real>::kBlock;
  for (ptrdiff_t b = 0; b < blocks; ++b)
    block_sums<K, reach, Real>(in + base[b], offset + which[b] * kBlock, w + which[b] * kBlock * K, stride,
                               out + b * kBlock);
}

using Bytes = SimdAnywhere<uint8_t, BytePlan::kRegister>;
using Words = SimdAnywhere<uint16_t, BytePlan::kBlock>;
using Block = SimdAnywhere<uint8_t, BytePlan::kBlock>;

template <ByteReach reach>
inline Bytes pick(const uint8_t* in, const Bytes& at) {
  Bytes first = load<Bytes>(in);
  if constexpr (reach == ByteReach::wide) {
    Bytes second = load<Bytes>(in + BytePlan::kRegister);
    return __builtin_shuffle(first, second, at);
  }
  return __builtin_shuffle(first, at);
}

// The bytes of a block for tap t: see ByteReach.
template <ByteReach reach>
inline Block pick_block(const uint8_t* in, const int* base, const Bytes& at, ptrdiff_t t) {
#ifdef __AVX512VBMI__
  Bytes all = pick<reach>(in + base[0] + t, at);
  return __builtin_shufflevector(all, all, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
#else
  Bytes lower = pick<reach>(in + base[0] + t, at);
  if constexpr (reach == ByteReach::one) return lower;
  Bytes upper = pick<reach>(in + base[1] + t, at);
  return __builtin_shufflevector(lower, upper, 0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31);
#endif
}

template <int K, ByteReach reach>
void sum_byte_blocks(const uint8_t* in, const int* base, const uint8_t* offset, const uint16_t* w, int stride,
                     ptrdiff_t blocks, uint16_t* out) {
  constexpr ptrdiff_t kBlock = BytePlan::kBlock;
  for (ptrdiff_t b = 0; b < blocks; ++b) {
    const Bytes at = load<Bytes>(offset + b * kBlock);
    Words sum{};
    for (ptrdiff_t t = 0; t < K; ++t)
      sum += load<Words>(w + (b * K + t) * kBlock) *
             __builtin_convertvector(pick_block<reach>(in, base + 2 * b, at, t * stride), Words);
    *reinterpret_cast<Words*>(out + b * kBlock) = sum;
  }
}

template <ByteReach reach>
void pick_byte_blocks(const uint8_t* in, const int* base, const uint8_t* offset, ptrdiff_t blocks, uint8_t* out) {
  constexpr ptrdiff_t kBlock = BytePlan::kBlock;
  for (ptrdiff_t b = 0; b < blocks; ++b)
    *reinterpret_cast<Block*>(out + b * kBlock) =
        pick_block<reach>(in, base + 2 * b, load<Bytes>(offset + b * kBlock), 0);
}
#endif

// f(count as a constant)
template <class F>
void with_count(int count, F&& f) {
  switch (count) {
    case 1:
      return f(std::integral_constant<int, 1>());
    case 2:
      return f(std::integral_constant<int, 2>());
    case 3:
      return f(std::integral_constant<int, 3>());
    case 4:
      return f(std::integral_constant<int, 4>());
    case 5:
      return f(std::integral_constant<int, 5>());
    case 6:
      return f(std::integral_constant<int, 6>());
    case 7:
      return f(std::integral_constant<int, 7>());
    default:
      return f(std::integral_constant<int, 8>());
  }
}

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

// The input value that output value i begins at.
int first_value(const Taps& taps, ptrdiff_t i, int channels) {
  return taps.first[static_cast<size_t>(i / channels)] * channels + static_cast<int>(i % channels);
}

}  // namespace

template <class Real>
RowPlan<Real>::RowPlan(const Taps& taps, const std::vector<double>& weights, int channels)
    : values_(static_cast<ptrdiff_t>(taps.to) * channels), count_(taps.count), channels_(channels) {
  groups_ = channels == 1 && std::all_of(weights.begin(), weights.end(), [](double w) { return w == 1; });
  for (int x = 0; x < taps.to; ++x) groups_ = groups_ && taps.first[static_cast<size_t>(x)] == x * count_;
  groups_ = groups_ && count_ >= 2 && count_ <= 4;
  std::vector<PlaceOf<Real>> offset(kBlock);
  std::vector<Real> weight(static_cast<size_t>(kBlock * count_));
  int farthest = 0;
  for (ptrdiff_t begin = 0; begin < values_; begin += kBlock) {
    const ptrdiff_t end = std::min<ptrdiff_t>(values_, begin + kBlock);
    int base = std::numeric_limits<int>::max(), last = 0;
    for (ptrdiff_t i = begin; i < end; ++i) {
      base = std::min(base, first_value(taps, i, channels));
      last = std::max(last, first_value(taps, i, channels));
    }
    base_.push_back(base);
    farthest = std::max(farthest, last - base);
    std::fill(offset.begin(), offset.end(), PlaceOf<Real>(0)), std::fill(weight.begin(), weight.end(), Real(0));
    for (ptrdiff_t i = begin; i < end; ++i) {
      offset[static_cast<size_t>(i - begin)] = static_cast<PlaceOf<Real>>(first_value(taps, i, channels) - base);
      for (ptrdiff_t t = 0; t < count_; ++t)
        weight[static_cast<size_t>(t * kBlock + i - begin)] =
            static_cast<Real>(weights[static_cast<size_t>(i / channels * count_ + t)]);
    }
    which_.push_back(known_block(offset, weight));
  }
  one_ = farthest < kBlock;
  two_ = farthest < 2 * kBlock;
  close_ = farthest + (count_ - 1) * channels < 2 * kBlock;
  three_ = !close_ && farthest + (count_ - 1) * channels < 3 * kBlock;
}

// At a ratio of small numbers blocks repeat after a few: the same tables then stay in the first-level cache.
template <class Real>
int RowPlan<Real>::known_block(const std::vector<PlaceOf<Real>>& offset, const std::vector<Real>& weight) {
  constexpr int kBack = 16;
  const int known = static_cast<int>(offset_.size() / kBlock);
  for (int k = known - 1; k >= std::max(0, known - kBack); --k)
    if (std::equal(offset.begin(), offset.end(), offset_.begin() + static_cast<ptrdiff_t>(k) * kBlock) &&
        std::equal(weight.begin(), weight.end(), weight_.begin() + static_cast<ptrdiff_t>(k) * kBlock * count_))
      return k;
  offset_.insert(offset_.end(), offset.begin(), offset.end());
  weight_.insert(weight_.end(), weight.begin(), weight.end());
  return known;
}

template <class Real>
void RowPlan<Real>::row_sums(const Real* in, Real* out) const {
  if (groups_ && count_ == 2) return group_sums<2>(in, values_, out);
  if (groups_ && count_ == 3) return group_sums<3>(in, values_, out);
  if (groups_ && count_ == 4) return group_sums<4>(in, values_, out);
  block_range_sums(in, 0, static_cast<ptrdiff_t>(base_.size()), out);
}

template <class Real>
void RowPlan<Real>::block_range_sums(const Real* in, ptrdiff_t begin, ptrdiff_t end, Real* out) const {
  const int *base = base_.data() + begin, *which = which_.data() + begin;
  const PlaceOf<Real>* offset = offset_.data();
  const Real* w = weight_.data();
  const ptrdiff_t blocks = end - begin;
#ifdef ASSAY_PERMUTES
  if constexpr (Register<Real>::exists)
    if ((two_ || three_) && count_ <= 8)
      return with_count(count_, [&](auto k) {
        constexpr int K = decltype(k)::value;
        if (one_)
          sum_blocks<K, Reach::one>(in, base, which, offset, w, channels_, blocks, out);
        else if (close_)
          sum_blocks<K, Reach::close>(in, base, which, offset, w, channels_, blocks, out);
        else if (three_)
          sum_blocks<K, Reach::three>(in, base, which, offset, w, channels_, blocks, out);
        else
          sum_blocks<K, Reach::two>(in, base, which, offset, w, channels_, blocks, out);
      });
#endif
  for (ptrdiff_t b = 0; b < blocks; ++b)
    loaded_sums(in + base[b], offset + which[b] * kBlock, w + which[b] * kBlock * static_cast<ptrdiff_t>(count_),
                count_, channels_, out + b * kBlock);
}

std::optional<BytePlan> BytePlan::of(const Taps& taps, int channels) {
#ifdef ASSAY_PERMUTES
  if (taps.count > 8 || taps.denominator <= 0) return std::nullopt;
  BytePlan plan;
  plan.values_ = static_cast<ptrdiff_t>(taps.to) * channels;
  plan.count_ = taps.count, plan.channels_ = channels;
  const ptrdiff_t blocks = (plan.values_ + kBlock - 1) / kBlock;
  plan.weight_.assign(static_cast<size_t>(blocks * kBlock * taps.count), 0);
  plan.offset_.assign(static_cast<size_t>(blocks * kBlock + kRegister), 0);
  plan.base_.assign(static_cast<size_t>(2 * blocks), 0);
  const auto base_of = [&](ptrdiff_t begin, ptrdiff_t end, int& reach) {
    int low = std::numeric_limits<int>::max(), high = 0;
    for (ptrdiff_t i = begin; i < std::min(end, plan.values_); ++i) {
      low = std::min(low, first_value(taps, i, channels));
      high = std::max(high, first_value(taps, i, channels));
    }
    reach = std::max(reach, high - low);
    return low;
  };
  int whole_reach = 0, part_reach = 0;
  for (ptrdiff_t begin = 0; begin < plan.values_; begin += kBlock) base_of(begin, begin + kBlock, whole_reach);
  const bool halves = whole_reach >= kRegister && kRegister == kBlock;
  const ptrdiff_t part = halves ? kBlock / 2 : kBlock;
  for (ptrdiff_t begin = 0; begin < plan.values_; begin += part) {
    const int base = base_of(begin, begin + part, part_reach);
    if (part_reach >= 2 * kRegister) return std::nullopt;
    plan.base_[static_cast<size_t>(halves ? begin / part : 2 * (begin / kBlock))] = base;
    for (ptrdiff_t i = begin; i < std::min(begin + part, plan.values_); ++i) {
      plan.offset_[static_cast<size_t>(i)] = static_cast<uint8_t>(first_value(taps, i, channels) - base);
      for (ptrdiff_t t = 0; t < taps.count; ++t)
        plan.weight_[static_cast<size_t>((i / kBlock * taps.count + t) * kBlock + i % kBlock)] =
            static_cast<uint16_t>(taps.whole[static_cast<size_t>(i / channels * taps.count + t)]);
    }
  }
  plan.reach_ = whole_reach < kRegister ? ByteReach::one : part_reach < kRegister ? ByteReach::halves : ByteReach::wide;
  return plan;
#else
  static_cast<void>(taps), static_cast<void>(channels);
  return std::nullopt;
#endif
}

void BytePlan::block_range_sums(const uint8_t* in, ptrdiff_t begin, ptrdiff_t end, uint16_t* out) const {
#ifdef ASSAY_PERMUTES
  with_count(count_, [&](auto k) {
    constexpr int K = decltype(k)::value;
    (reach_ == ByteReach::one ? sum_byte_blocks<K, ByteReach::one>
     : reach_ == ByteReach::halves
         ? sum_byte_blocks<K, ByteReach::halves>
         : sum_byte_blocks<K, ByteReach::wide>)(in, base_.data() + 2 * begin, offset_.data() + begin * kBlock,
                                                weight_.data() + begin * kBlock * count_, channels_, end - begin, out);
  });
#else
  static_cast<void>(in), static_cast<void>(begin), static_cast<void>(end), static_cast<void>(out);
#endif
}

ptrdiff_t BytePlan::pick(const uint8_t* in, uint8_t* out) const {
  const ptrdiff_t blocks = values_ / kBlock;
#ifdef ASSAY_PERMUTES
  (reach_ == ByteReach::one      ? pick_byte_blocks<ByteReach::one>
   : reach_ == ByteReach::halves ? pick_byte_blocks<ByteReach::halves>
                                 : pick_byte_blocks<ByteReach::wide>)(in, base_.data(), offset_.data(), blocks, out);
#else
  static_cast<void>(in), static_cast<void>(out);
#endif
  return blocks * kBlock;
}

template class RowPlan<float>;
template class RowPlan<double>;
template class RowPlan<uint16_t>;

}  // namespace assay
