#include "assay/imgproc/geometry/byte_rows_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#if defined(__AVX512VBMI__) && defined(__AVX512VNNI__)
#define ASSAY_BYTE_DOTS 1
#include <immintrin.h>
#endif

namespace assay {

template <class Sum>
std::optional<ByteDots<Sum>> ByteDots<Sum>::of(const Taps& taps, int channels) {
#ifdef ASSAY_BYTE_DOTS
  constexpr bool words = sizeof(Sum) == 2;
  constexpr double kLeast = words ? 0 : -8127, kMost = words ? 127 : 8127;
  const bool small =
      std::all_of(taps.whole.begin(), taps.whole.end(), [](double w) { return w >= kLeast && w <= kMost; });
  if (taps.denominator <= 0 || !small || taps.count > 2 * kTaps) return std::nullopt;
  if (words && 255 * taps.denominator > std::numeric_limits<int16_t>::max()) return std::nullopt;
  ByteDots dots;
  dots.groups_ = taps.count > kTaps ? 2 : 1;
  const ptrdiff_t values = static_cast<ptrdiff_t>(taps.to) * channels;
  const auto first = [&](ptrdiff_t i) {
    return taps.first[static_cast<size_t>(i / channels)] * channels + static_cast<int>(i % channels);
  };
  for (ptrdiff_t begin = 0; begin < values; begin += kBlock) {
    const ptrdiff_t end = std::min(values, begin + kBlock);
    int base = std::numeric_limits<int>::max();
    for (ptrdiff_t i = begin; i < end; ++i) base = std::min(base, first(i));
    std::array<Pattern, 2> pattern;
    for (ptrdiff_t i = begin; i < end; ++i)
      for (int t = 0; t < taps.count; ++t) {
        const int place = first(i) - base + t * channels;
        if (place >= kRegister) return std::nullopt;
        Pattern& p = pattern[static_cast<size_t>(t / kTaps)];
        const auto at = static_cast<size_t>((i - begin) * kTaps + t % kTaps);
        const auto w = static_cast<int>(taps.whole[static_cast<size_t>(i / channels * taps.count + t)]);
        const int high = words ? 0 : (w + 32) >> 6;
        p.pick[at] = static_cast<uint8_t>(place);
        p.high[at] = static_cast<uint8_t>(high), p.low[at] = static_cast<uint8_t>(w - 64 * high);
      }
    const auto groups = static_cast<ptrdiff_t>(dots.groups_);
    ptrdiff_t which = 0;
    const auto known = static_cast<ptrdiff_t>(dots.patterns_.size());
    while (which < known && !std::equal(pattern.begin(), pattern.begin() + groups, dots.patterns_.begin() + which))
      which += groups;
    if (which == known) dots.patterns_.insert(dots.patterns_.end(), pattern.begin(), pattern.begin() + groups);
    if (dots.patterns_.size() > 128) return std::nullopt;  // they would leave no room in the first-level cache
    dots.base_.push_back(base);
    dots.which_.push_back(static_cast<int>(which));
  }
  return dots;
#else
  static_cast<void>(taps), static_cast<void>(channels);
  return std::nullopt;
#endif
}

template <class Sum>
template <int groups>
void ByteDots<Sum>::sum_blocks(const uint8_t* in, ptrdiff_t begin, ptrdiff_t end, Sum* out) const {
#ifdef ASSAY_BYTE_DOTS
  for (ptrdiff_t b = begin; b < end; ++b, out += kBlock) {
    const __m512i bytes = _mm512_loadu_si512(in + base_[static_cast<size_t>(b)]);
    const Pattern* pattern = patterns_.data() + which_[static_cast<size_t>(b)];
    __m512i low = _mm512_setzero_si512(), high = low;
    for (int g = 0; g < groups; ++g) {
      const __m512i taps = _mm512_permutexvar_epi8(_mm512_loadu_si512(pattern[g].pick.data()), bytes);
      const __m512i w = _mm512_loadu_si512(pattern[g].low.data());
      if constexpr (sizeof(Sum) == 2) {
        const __m512i pairs = _mm512_maddubs_epi16(taps, w);
        low = g ? _mm512_add_epi16(low, pairs) : pairs;
      } else {
        low = _mm512_dpbusd_epi32(low, taps, w);
        high = _mm512_dpbusd_epi32(high, taps, _mm512_loadu_si512(pattern[g].high.data()));
      }
    }
    if constexpr (sizeof(Sum) == 2)
      _mm512_storeu_si512(out, low);
    else
      _mm512_storeu_ps(out, _mm512_cvtepi32_ps(_mm512_add_epi32(low, _mm512_slli_epi32(high, 6))));
  }
#else
  static_cast<void>(in), static_cast<void>(begin), static_cast<void>(end), static_cast<void>(out);
#endif
}

template <class Sum>
void ByteDots<Sum>::block_range_sums(const uint8_t* in, ptrdiff_t begin, ptrdiff_t end, Sum* out) const {
  if (groups_ == 1)
    sum_blocks<1>(in, begin, end, out);
  else
    sum_blocks<2>(in, begin, end, out);
}

template class ByteDots<uint16_t>;
template class ByteDots<float>;

namespace {

// Sums in units of 2^-16 and lifted by a half and by `near`: the whole number stands in the high half of 32 bits, and a low half
// below 2 near tells of a doubt. A sum below 0 is cut toward 0, and is 0 anyhow.
constexpr float kUnit = 65536;
struct Lift {
  int near;
  float bias;
  explicit Lift(double error)
      : near(static_cast<int>(error * static_cast<double>(kUnit)) + 2), bias(kUnit / 2 + static_cast<float>(near)) {}
  int limit() const { return 2 * near + 1; }
};

#ifdef ASSAY_BYTE_DOTS
// Measured against the plain loops below: see there.
template <int K>
int rounded_rows(const float* const* rows, const float* w, double error, uint8_t* out, ptrdiff_t n, int* doubts) {
  const Lift lift(error);
  const __m512 bias = _mm512_set1_ps(lift.bias);
  const __m512i low_half = _mm512_set1_epi32(65535), limit = _mm512_set1_epi32(lift.limit());
  const __m512i highs = _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31, 29, 27, 25,
                                         23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
  const __m512i in_order = _mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0);
  const float* row[K];
  __m512 weight[K];
  for (int k = 0; k < K; ++k) row[k] = rows[k], weight[k] = _mm512_set1_ps(w[k] * kUnit);
  int found = 0;
  for (ptrdiff_t i = 0; i < n; i += 64) {
    __m512i y[4], least = low_half;
    for (int v = 0; v < 4; ++v) {
      __m512 sum = bias;
      for (int k = 0; k < K; ++k) sum = _mm512_fmadd_ps(weight[k], _mm512_loadu_ps(row[k] + i + 16 * v), sum);
      y[v] = _mm512_cvttps_epi32(sum);
      least = _mm512_min_epi32(least, _mm512_and_si512(y[v], low_half));
    }
    const __m512i bytes =
        _mm512_permutexvar_epi64(in_order, _mm512_packus_epi16(_mm512_permutex2var_epi16(y[0], highs, y[1]),
                                                               _mm512_permutex2var_epi16(y[2], highs, y[3])));
    const ptrdiff_t left = n - i;
    if (left >= 64)
      _mm512_storeu_si512(out + i, bytes);
    else
      _mm512_mask_storeu_epi8(out + i, (1ull << left) - 1, bytes);
    if (_mm512_cmplt_epi32_mask(least, limit)) [[unlikely]]
      for (int v = 0; v < 4; ++v)
        for (unsigned m = _mm512_cmplt_epi32_mask(_mm512_and_si512(y[v], low_half), limit); m; m &= m - 1)
          if (const ptrdiff_t at = i + 16 * v + __builtin_ctz(m); at < n) doubts[found++] = static_cast<int>(at);
  }
  return found;
}
#else
template <int K>
int rounded_rows(const float* const* rows, const float* w, double error, uint8_t* __restrict out, ptrdiff_t n,
                 int* doubts) {
  constexpr ptrdiff_t kPiece = 64;
  const Lift lift(error);
  const float* row[K];
  float weight[K];
  for (int k = 0; k < K; ++k) row[k] = rows[k], weight[k] = w[k] * kUnit;
  int found = 0;
  for (ptrdiff_t begin = 0; begin < n; begin += kPiece) {
    int32_t y[kPiece], least = 65535;
    for (ptrdiff_t i = 0; i < kPiece; ++i) {
      float sum = lift.bias;
      for (int k = 0; k < K; ++k) sum += weight[k] * row[k][begin + i];
      y[i] = static_cast<int32_t>(sum);
    }
    for (int32_t v : y) least = std::min(least, v & 65535);
    const ptrdiff_t here = std::min(kPiece, n - begin);
    for (ptrdiff_t i = 0; i < here; ++i) out[begin + i] = static_cast<uint8_t>(std::clamp(y[i] >> 16, 0, 255));
    if (least >= lift.limit()) continue;
    for (ptrdiff_t i = 0; i < here; ++i)
      if ((y[i] & 65535) < lift.limit()) doubts[found++] = static_cast<int>(begin + i);
  }
  return found;
}
#endif

template <int shift, bool ties>
void blend_divided(const uint16_t* __restrict a, const uint16_t* __restrict b, uint16_t w0, uint16_t w1, uint16_t d,
                   uint16_t multiplier, uint8_t* __restrict out, ptrdiff_t n) {
  const auto lift = static_cast<uint16_t>(ties ? d / 2 - 1 : d / 2);
  const auto over_d = [&](uint16_t raised) {
    return static_cast<uint16_t>(static_cast<uint16_t>(static_cast<uint32_t>(raised) * multiplier >> 16) >> shift);
  };
  for (ptrdiff_t i = 0; i < n; ++i) {
    const auto raised = static_cast<uint16_t>(w0 * a[i] + w1 * b[i] + lift);
    const uint16_t r = over_d(raised);
    out[i] = static_cast<uint8_t>(ties ? over_d(static_cast<uint16_t>(raised + (r & 1))) : r);
  }
}

template <int shift>
void blend_shifted(const uint16_t* a, const uint16_t* b, uint16_t w0, uint16_t w1, const WholeDivision& division,
                   uint8_t* out, ptrdiff_t n) {
  if (division.shift != shift) {
    if constexpr (shift < 7) blend_shifted<shift + 1>(a, b, w0, w1, division, out, n);
  } else {
    (division.d % 2 ? blend_divided<shift, false> : blend_divided<shift, true>)(a, b, w0, w1, division.d,
                                                                                division.multiplier, out, n);
  }
}

}  // namespace

int sum_rows_rounded(const float* const* rows, const float* w, int count, double error, uint8_t* out, ptrdiff_t n,
                     int* doubts) {
  switch (count) {
    case 1:
      return rounded_rows<1>(rows, w, error, out, n, doubts);
    case 2:
      return rounded_rows<2>(rows, w, error, out, n, doubts);
    case 3:
      return rounded_rows<3>(rows, w, error, out, n, doubts);
    case 4:
      return rounded_rows<4>(rows, w, error, out, n, doubts);
    case 5:
      return rounded_rows<5>(rows, w, error, out, n, doubts);
    case 6:
      return rounded_rows<6>(rows, w, error, out, n, doubts);
    case 7:
      return rounded_rows<7>(rows, w, error, out, n, doubts);
    default:
      return rounded_rows<8>(rows, w, error, out, n, doubts);
  }
}

void blend_rows_divided(const uint16_t* a, const uint16_t* b, uint16_t w0, uint16_t w1, const WholeDivision& division,
                        uint8_t* out, ptrdiff_t n) {
  blend_shifted<0>(a, b, w0, w1, division, out, n);  // as round_fractions does
}

}  // namespace assay
