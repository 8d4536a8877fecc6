#include "assay/imgproc/filter/gaussian_fixed_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#include "assay/imgproc/filter/gaussian_lanes_internal.h"

namespace assay {

namespace {

// One scale A with its shift, and what it loses.
struct Scale {
  double a = 0, b = 0, bound = 1;
  int shift = 0;
};

// 127.5 |each error| is what sums of values less 127.5 lose, and half an error more those of values less 128; T_k / 256 is a
// mean of such values.
Scale scale_for(const std::vector<double>& w, double a) {
  Scale s;
  s.a = a;
  s.shift = static_cast<int>(std::ceil(std::log2(a * (1 + 0x1p-12)))) - 8;
  s.b = std::ldexp(1, 24 + s.shift) / a;
  if (w[0] * std::max(a, s.b) > 32767) return s;
  s.bound = std::ldexp(0.5, s.shift) / a;
  for (size_t k = 0; k < w.size(); ++k)
    for (const double one : {s.a, s.b})
      s.bound += (k == 0 ? 1 : 2) * 128.1 * std::abs(std::nearbyint(one * w[k]) / one - w[k]);
  return s;
}

int32_t pair_of(int low, int high) {
  return static_cast<int32_t>(static_cast<uint16_t>(low) | static_cast<uint32_t>(high) << 16);
}

}  // namespace

std::optional<FixedWeights> FixedWeights::of(const std::vector<double>& w) {
  Scale best;
  constexpr int kTries = 256;  // some scales are kinder to these weights than others
  for (int i = 0; i < kTries; ++i)
    if (const Scale s = scale_for(w, std::min(32767 / w[0], 0x1p22) * (1 - i / (4.0 * kTries))); s.bound < best.bound)
      best = s;
  if (best.bound >= 1) return std::nullopt;

  FixedWeights f;
  f.radius_ = static_cast<int>(w.size()) - 1;
  f.bound_ = best.bound;
  f.exact_ = w;
  f.shift = best.shift;
  // The weight of row (column) i in result number `result`, whose window begins at row `result`.
  const auto weight = [&](double one, int i, int result) {
    const int distance = std::abs(i - result - f.radius_);
    return distance > f.radius_ ? 0 : static_cast<int>(std::nearbyint(one * w[static_cast<size_t>(distance)]));
  };
  f.down.resize(static_cast<size_t>(f.radius_) + 2);
  f.along.resize(static_cast<size_t>(f.radius_) + 1);
  for (int i = 0; i <= 2 * f.radius_; ++i) f.all_down += weight(best.a, i, 0);
  for (int k = 0; k < static_cast<int>(f.down.size()); ++k)
    for (int j = 0; j < kByteRows; ++j)
      f.down[static_cast<size_t>(k)][static_cast<size_t>(j)] =
          pair_of(weight(best.a, 2 * k, j), weight(best.a, 2 * k + 1, j));
  for (int k = 0; k < static_cast<int>(f.along.size()); ++k)
    for (int j = 0; j < 2; ++j)
      f.along[static_cast<size_t>(k)][static_cast<size_t>(j)] =
          pair_of(weight(best.b, 2 * k, j), weight(best.b, 2 * k + 1, j));
  // With a half and the bound, what is in doubt is what lies less than twice the bound above a whole number.
  const auto margin = static_cast<uint32_t>(std::ceil(best.bound * 0x1p24)) + 1;
  f.doubt_ = static_cast<int>((2 * margin + 0xffff) >> 16);
  f.start_down = (1 << best.shift >> 1) - 128 * f.all_down;
  f.start_along = static_cast<int32_t>((128u << 24) + (1u << 23) + margin);
  return f;
}

#ifdef __AVX2__

namespace {

using gaussian::Lanes, gaussian::kChunk, gaussian::load, gaussian::store, gaussian::hold;
[[gnu::always_inline]] inline Lanes add_products(Lanes sums, Lanes a, Lanes b) {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  return hold(_mm256_dpwssd_epi32(sums, a, b));
#else
  return hold(_mm256_add_epi32(sums, _mm256_madd_epi16(a, b)));
#endif
}

#ifdef __AVX512VL__
constexpr int kTogether = kByteRows;  // rows of sums there are registers for
#else
constexpr int kTogether = 2;
#endif

// Rows first .. first + kTogether - 1 of sums of 32 columns.
template <int first>
[[gnu::always_inline]] inline void sum_down(const uint8_t* const* rows, ptrdiff_t x, const FixedWeights& w,
                                            int16_t* out, ptrdiff_t stride) {
  Lanes sum[kTogether][4];
#pragma GCC unroll 4
  for (int j = 0; j < kTogether; ++j)
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) sum[j][i] = _mm256_set1_epi32(w.start_down);
  // Rows 2k and 2k + 1 of the picture in rows from .. to of them.
  const auto add = [&](int k, int from, int to) __attribute__((always_inline)) {
    const Lanes a = load(rows[2 * k] + x), b = load(rows[2 * k + 1] + x);
    const Lanes low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b), zero = _mm256_setzero_si256();
    const Lanes v[4] = {_mm256_unpacklo_epi8(low, zero), _mm256_unpackhi_epi8(low, zero),
                        _mm256_unpacklo_epi8(high, zero), _mm256_unpackhi_epi8(high, zero)};
#pragma GCC unroll 4
    for (int j = from; j <= to; ++j) {
      const Lanes weights = _mm256_set1_epi32(w.down[static_cast<size_t>(k)][static_cast<size_t>(first + j)]);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) sum[j][i] = add_products(sum[j][i], v[i], weights);
    }
  };
  add(first / 2, 0, 1);  // the windows of a third and fourth begin below
  for (int k = first / 2 + 1; k <= first / 2 + w.radius(); ++k) add(k, 0, kTogether - 1);
  if constexpr (kTogether == 4) add(w.radius() + 1, 2, 3);
  const __m128i shift = _mm_cvtsi32_si128(w.shift);
#pragma GCC unroll 4
  for (int j = 0; j < kTogether; ++j) {
    const auto both = [&](int i) __attribute__((always_inline)) {
      return _mm256_packs_epi32(_mm256_sra_epi32(sum[j][i], shift), _mm256_sra_epi32(sum[j][i + 1], shift));
    };
    const Lanes low = both(0), high = both(2);
    int16_t* to = out + (first + j) * stride + x;
    store(to, _mm256_permute2x128_si256(low, high, 0x20));
    store(to + kChunk / 2, _mm256_permute2x128_si256(low, high, 0x31));
  }
}

// 64 results of a row; a bit of what is returned is set where one is in doubt.
template <ptrdiff_t step>
[[gnu::always_inline]] inline uint64_t sum_along(const int16_t* in, const FixedWeights& w, uint8_t* out) {
  constexpr int kGroups = 4;  // of 16 results
  Lanes sum[kGroups][2];
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) sum[g][0] = sum[g][1] = _mm256_set1_epi32(w.start_along);
  for (const auto& weights : w.along) {
    const Lanes first = _mm256_set1_epi32(weights[0]), second = step == 1 ? _mm256_set1_epi32(weights[1]) : first;
#pragma GCC unroll 4
    for (int g = 0; g < kGroups; ++g) {
      Lanes a = hold(load(in + 16 * g)), b = a;  // pairs of neighbours: for the even results and for the odd ones
      if constexpr (step != 1) {                 // pairs of pixels: for results 0 - 3 and 8 - 11, and for the others
        const Lanes next = hold(load(in + 16 * g + step));
        b = _mm256_unpackhi_epi16(a, next), a = _mm256_unpacklo_epi16(a, next);
      }
      sum[g][0] = add_products(sum[g][0], a, first);
      sum[g][1] = add_products(sum[g][1], b, second);
    }
    in += 2 * step;
  }
  uint64_t doubtful = 0;
#ifdef __AVX512VBMI__
  // Of 16 sums, eight of each kind, the levels and then the 256ths, in the order of the results.
  constexpr auto order = [] {
    std::array<uint8_t, 32> from{};
    for (size_t i = 0; i < 16; ++i) {
      const size_t which = step == 1 ? i / 2 + i % 2 * 8 : i % 4 + i / 8 * 4 + i / 4 % 2 * 8;
      from[i] = static_cast<uint8_t>(4 * which + 3);
      from[16 + i] = static_cast<uint8_t>(4 * which + 2);
    }
    return from;
  }();
  const Lanes places = load(order.data()), doubt = _mm256_set1_epi8(static_cast<char>(w.doubt()));
#pragma GCC unroll 2
  for (int g = 0; g < kGroups; g += 2) {
    const Lanes a = _mm256_permutex2var_epi8(sum[g][0], places, sum[g][1]);
    const Lanes b = _mm256_permutex2var_epi8(sum[g + 1][0], places, sum[g + 1][1]);
    store(out + 16 * g, _mm256_permute2x128_si256(a, b, 0x20));
    doubtful |= uint64_t{_mm256_cmplt_epu8_mask(_mm256_permute2x128_si256(a, b, 0x31), doubt)} << 16 * g;
  }
#else
  Lanes words[kGroups], close[kGroups];  // words: a level and 256ths of it
  const Lanes rest = _mm256_set1_epi16(255), doubt = _mm256_set1_epi16(static_cast<int16_t>(w.doubt()));
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) {
    const Lanes a = _mm256_srli_epi32(sum[g][0], 16);
    words[g] =
        step == 1 ? _mm256_blend_epi16(a, sum[g][1], 0xAA) : _mm256_packus_epi32(a, _mm256_srli_epi32(sum[g][1], 16));
    close[g] = _mm256_cmpgt_epi16(doubt, _mm256_and_si256(words[g], rest));
    words[g] = _mm256_srli_epi16(words[g], 8);
  }
#pragma GCC unroll 2
  for (int g = 0; g < kGroups; g += 2) {
    store(out + 16 * g, _mm256_permute4x64_epi64(_mm256_packus_epi16(words[g], words[g + 1]), 0xD8));
    const Lanes marks = _mm256_permute4x64_epi64(_mm256_packs_epi16(close[g], close[g + 1]), 0xD8);
    doubtful |= uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(marks))} << 16 * g;
  }
#endif
  return doubtful;
}

// By high and low weights: pairs of rows, each to its own `across` weights.
[[gnu::always_inline]] inline int64_t sum_square(const uint8_t* const* centre, int r, ptrdiff_t begin, ptrdiff_t n,
                                                 const int16_t* high, const int16_t* low, ptrdiff_t across) {
  Lanes highs[2] = {}, lows[2] = {};
  // Columns k .. k + 16 count - 1; each sixteen to sums of its own, which need not wait for the other's.
  const auto add_columns = [&]<int count>(ptrdiff_t k) __attribute__((always_inline)) {
    const auto widen = [&](int j, int i) __attribute__((always_inline)) {
      return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(centre[j] + begin + k + 16 * i)));
    };
    const auto add = [&](int i, Lanes v, ptrdiff_t at) __attribute__((always_inline)) {
      highs[i] = add_products(highs[i], v, load(high + at + 16 * i));
      lows[i] = add_products(lows[i], v, load(low + at + 16 * i));
    };
    ptrdiff_t at = k;
#pragma GCC unroll 2
    for (int i = 0; i < count; ++i) add(i, widen(0, i), at);
    for (int j = 1; j <= r; ++j) {
      at += across;
#pragma GCC unroll 2
      for (int i = 0; i < count; ++i) add(i, _mm256_add_epi16(widen(-j, i), widen(j, i)), at);
    }
  };
  ptrdiff_t k = 0;
  for (; k + 32 <= n; k += 32) add_columns.operator()<2>(k);
  if (k < n) add_columns.operator()<1>(k);
  const Lanes pairs = _mm256_hadd_epi32(_mm256_add_epi32(highs[0], highs[1]), _mm256_add_epi32(lows[0], lows[1]));
  const __m128i fours = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
  const int64_t both = _mm_cvtsi128_si64(_mm_hadd_epi32(fours, fours));
  return 256 * int64_t{static_cast<int32_t>(both)} + (both >> 32);
}

template <ptrdiff_t step>
int* sum_row(const int16_t* in, ptrdiff_t n, const FixedWeights& w, uint8_t* out, int* doubtful) {
  for (ptrdiff_t i = 0; i < n; i += kByteTile) {
    const ptrdiff_t at = std::min(i, n - kByteTile);  // the last values twice
    uint64_t marks = sum_along<step>(in + at, w, out + at);
    int* const end = doubtful + std::popcount(marks);
    const auto take =
        [&] {  // whether there is one nobody can foresee: no branch, and what is taken in vain is overwritten
          *doubtful++ = static_cast<int>(at) + std::countr_zero(marks | uint64_t{1} << 63);
          marks &= marks - 1;
        };
    take(), take(), take(), take();
    while (doubtful < end) take();  // hardly ever
    doubtful = end;
  }
  return doubtful;
}

}  // namespace

void sum_bytes_down_columns(const uint8_t* const* rows, ptrdiff_t n, const FixedWeights& w, int16_t* out,
                            ptrdiff_t stride) {
  for (ptrdiff_t i = 0; i < n; i += kChunk) {
    const ptrdiff_t x = std::min(i, n - kChunk);  // the last values twice
    sum_down<0>(rows, x, w, out, stride);
    if constexpr (kTogether < kByteRows) sum_down<2>(rows, x, w, out, stride);
  }
}

int* sum_words_along_row(const int16_t* in, ptrdiff_t n, ptrdiff_t step, const FixedWeights& w, uint8_t* out,
                         int* doubtful) {
  if (step == 1) return sum_row<1>(in, n, w, out, doubtful);
  if (step == 3) return sum_row<3>(in, n, w, out, doubtful);
  return sum_row<4>(in, n, w, out, doubtful);
}

#else

namespace {
int low_of(int32_t pair) { return static_cast<int16_t>(pair & 0xffff); }
int high_of(int32_t pair) { return pair >> 16; }
}  // namespace

void sum_bytes_down_columns(const uint8_t* const* rows, ptrdiff_t n, const FixedWeights& w, int16_t* out,
                            ptrdiff_t stride) {
  for (size_t j = 0; j < kByteRows; ++j)
    for (ptrdiff_t i = 0; i < n; ++i) {
      int sum = w.start_down;
      for (size_t k = 0; k < w.down.size(); ++k)
        sum += low_of(w.down[k][j]) * rows[2 * k][i] + high_of(w.down[k][j]) * rows[2 * k + 1][i];
      out[static_cast<ptrdiff_t>(j) * stride + i] = static_cast<int16_t>(sum >> w.shift);
    }
}

int* sum_words_along_row(const int16_t* in, ptrdiff_t n, ptrdiff_t step, const FixedWeights& w, uint8_t* out,
                         int* doubtful) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    auto sum = static_cast<uint32_t>(w.start_along);
    for (size_t k = 0; k < w.along.size(); ++k) {
      const int16_t* two = in + i + 2 * static_cast<ptrdiff_t>(k) * step;
      sum += static_cast<uint32_t>(low_of(w.along[k][0]) * two[0]) +
             static_cast<uint32_t>(high_of(w.along[k][0]) * two[step]);
    }
    out[i] = static_cast<uint8_t>(sum >> 24);
    if (static_cast<int>(sum >> 16 & 255) < w.doubt()) *doubtful++ = static_cast<int>(i);
  }
  return doubtful;
}

namespace {

// By high and low weights: pairs of rows, each to its own `across` weights.
int64_t sum_square(const uint8_t* const* centre, int r, ptrdiff_t begin, ptrdiff_t n, const int16_t* high,
                   const int16_t* low, ptrdiff_t across) {
  int64_t sum = 0;
  for (int j = 0; j <= r; ++j, high += across, low += across)
    for (ptrdiff_t k = 0; k < n; ++k)
      sum += int64_t{256 * high[k] + low[k]} * (centre[-j][begin + k] + (j == 0 ? 0 : centre[j][begin + k]));
  return sum;
}

}  // namespace

#endif

SingleSums::SingleSums(const std::vector<double>& w, ptrdiff_t step)
    : radius_(static_cast<int>(w.size()) - 1),
      reach_(radius_ * step),
      sixteens_((2 * reach_ + 16) / 16),
      bits_(static_cast<int>(std::min(std::log2(32767 * 256 / (w[0] * w[0])), 30.0))),
      high_(static_cast<size_t>((radius_ + 1) * 32 * sixteens_), int16_t{0}),
      low_(high_) {
  double error = 0;
  for (int j = 0; j <= radius_; ++j)
    for (int i = -radius_; i <= radius_; ++i) {
      const double weight = w[static_cast<size_t>(j)] * w[static_cast<size_t>(std::abs(i))];
      const int whole = static_cast<int>(std::nearbyint(std::ldexp(weight, bits_))), high = (whole + 128) >> 8;
      error += (j == 0 ? 1 : 2) * 255 * std::abs(whole - std::ldexp(weight, bits_));
      const auto at = static_cast<size_t>((32 * j + 16) * sixteens_ + reach_ + i * step);
      high_[at] = static_cast<int16_t>(high);
      low_[at] = static_cast<int16_t>(whole - 256 * high);
    }
  margin_ = static_cast<int64_t>(std::ceil(error)) + 1;
}

int* SingleSums::round(const uint8_t* const* rows, ptrdiff_t n, ptrdiff_t wide, const int* first, const int* last,
                       uint8_t* out, int* left) const {
  const int64_t start = (int64_t{1} << bits_ >> 1) + margin_;
  for (; first < last; ++first) {
    const ptrdiff_t place = *first, begin = std::min(place - reach_, wide - 16 * sixteens_);
    *left = *first;
    if (begin < 0 || place < reach_ || place + reach_ >= n) {
      ++left;
      continue;
    }
    const ptrdiff_t at = 16 * sixteens_ - (place - reach_ - begin);
    const int64_t sum = start + sum_square(rows + radius_, radius_, begin, 16 * sixteens_, high_.data() + at,
                                           low_.data() + at, 32 * sixteens_);
    out[place] = static_cast<uint8_t>(sum >> bits_);
    left += (sum & ((int64_t{1} << bits_) - 1)) <= 2 * margin_;
  }
  return left;
}

}  // namespace assay
