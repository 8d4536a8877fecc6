#include "assay/imgproc/filter/gaussian_bytes_kernels.h"

#include <algorithm>
#include <cstdlib>

#include "assay/imgproc/filter/gaussian_lanes_internal.h"

namespace assay {

ByteWeights::ByteWeights(const std::vector<int>& w) : radius_(static_cast<int>(w.size()) - 1) {
  // The weight of row (column) i in result number `result`, whose window begins at row `result`.
  const auto weight = [&](int i, int result) {
    const int distance = std::abs(i - result - radius_);
    return distance > radius_ ? 0 : w[static_cast<size_t>(distance)];
  };
  const auto fill = [&](auto& lanes, int k, int result) {
    for (size_t i = 0; i < lanes.size(); ++i)
      lanes[i] = static_cast<uint8_t>(weight(2 * k + static_cast<int>(i % 2), result));
  };
  down.resize(static_cast<size_t>(radius_) + 2);
  along.resize(static_cast<size_t>(radius_) + 1);
  for (int k = 0; k <= radius_ + 1; ++k)
    for (int j = 0; j < kByteRows; ++j) fill(down[static_cast<size_t>(k)][static_cast<size_t>(j)].at, k, j);
  for (int k = 0; k <= radius_; ++k)
    for (int j = 0; j < 2; ++j) fill(along[static_cast<size_t>(k)][static_cast<size_t>(j)].at, k, j);
}

namespace {
constexpr int kStart = (128 << 16) + (1 << 15);  // what was taken off all values, and a half
}

#ifdef __AVX2__

namespace {

using gaussian::Lanes, gaussian::kChunk, gaussian::load, gaussian::store, gaussian::hold;

// Adds two rows of a chunk to the rows of sums first .. last, 16 sums and 16 sums.
template <size_t first, size_t last>
[[gnu::always_inline]] inline void add_two_rows(const uint8_t* above, const uint8_t* below,
                                                const std::array<ByteWeights::Bytes, kByteRows>& w,
                                                Lanes (&sum)[kByteRows][2]) {
  const Lanes sign = _mm256_set1_epi8(-128);
  const Lanes a = _mm256_xor_si256(load(above), sign), b = _mm256_xor_si256(load(below), sign);
  const Lanes low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
#pragma GCC unroll 4
  for (size_t j = first; j <= last; ++j) {
    const Lanes weights = hold(load(&w[j]));
    sum[j][0] = hold(_mm256_add_epi16(sum[j][0], _mm256_maddubs_epi16(weights, low)));
    sum[j][1] = hold(_mm256_add_epi16(sum[j][1], _mm256_maddubs_epi16(weights, high)));
  }
}

// 64 results of a row.
template <ptrdiff_t step>
[[gnu::always_inline]] inline void sum_along(const int16_t* in, const ByteWeights& w, uint8_t* out) {
  constexpr int kGroups = 4;  // of 16 results
  Lanes sum[kGroups][2];
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) sum[g][0] = sum[g][1] = _mm256_set1_epi32(kStart);
  const auto* weights = w.along.data();
  const auto* const end = weights + w.along.size();
  do {
    const Lanes first = hold(load(&(*weights)[0])), second = step == 1 ? hold(load(&(*weights)[1])) : first;
#pragma GCC unroll 4
    for (int g = 0; g < kGroups; ++g) {
      Lanes a = hold(load(in + 16 * g)), b = a;  // pairs of neighbours: for the even results and for the odd ones
      if (step != 1) {                           // pairs of pixels: for results 0 - 3 and 8 - 11, and for the others
        const Lanes next = hold(load(in + 16 * g + step));
        b = _mm256_unpackhi_epi16(a, next), a = _mm256_unpacklo_epi16(a, next);
      }
      sum[g][0] = hold(_mm256_add_epi32(sum[g][0], _mm256_madd_epi16(a, first)));
      sum[g][1] = hold(_mm256_add_epi32(sum[g][1], _mm256_madd_epi16(b, second)));
    }
    in += 2 * step;
  } while (++weights != end);
  Lanes words[kGroups];
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) {
    const Lanes a = _mm256_srli_epi32(sum[g][0], 16);
    words[g] =
        step == 1 ? _mm256_blend_epi16(a, sum[g][1], 0xAA) : _mm256_packus_epi32(a, _mm256_srli_epi32(sum[g][1], 16));
  }
#pragma GCC unroll 2
  for (int g = 0; g < kGroups; g += 2)
    store(out + 16 * g, _mm256_permute4x64_epi64(_mm256_packus_epi16(words[g], words[g + 1]), 0xD8));
}

template <ptrdiff_t step>
void sum_row(const int16_t* in, ptrdiff_t n, const ByteWeights& w, uint8_t* out) {
  for (ptrdiff_t i = 0; i < n; i += kByteTile) {
    const ptrdiff_t at = std::min(i, n - kByteTile);  // the last values twice
    sum_along<step>(in + at, w, out + at);
  }
}

}  // namespace

void sum_bytes_down_columns(const uint8_t* const* rows, ptrdiff_t n, const ByteWeights& w, int16_t* out,
                            ptrdiff_t stride) {
  for (ptrdiff_t i = 0; i < n; i += kChunk) {
    const ptrdiff_t x = std::min(i, n - kChunk);  // the last values twice
    Lanes sum[kByteRows][2] = {};
    const auto* weights = w.down.data();
    const auto* const last = weights + w.radius() + 1;
    const uint8_t* const* row = rows;
    add_two_rows<0, 1>(row[0] + x, row[1] + x, *weights, sum);  // the windows of the last two begin below
    while (++weights != last) row += 2, add_two_rows<0, 3>(row[0] + x, row[1] + x, *weights, sum);
    add_two_rows<2, 3>(row[2] + x, row[3] + x, *last, sum);
#pragma GCC unroll 4
    for (int j = 0; j < kByteRows; ++j) {
      store(out + j * stride + x, _mm256_permute2x128_si256(sum[j][0], sum[j][1], 0x20));
      store(out + j * stride + x + kChunk / 2, _mm256_permute2x128_si256(sum[j][0], sum[j][1], 0x31));
    }
  }
}

void sum_words_along_row(const int16_t* in, ptrdiff_t n, ptrdiff_t step, const ByteWeights& w, uint8_t* out) {
  if (step == 1) return sum_row<1>(in, n, w, out);
  if (step == 3) return sum_row<3>(in, n, w, out);
  sum_row<4>(in, n, w, out);
}

#else

void sum_bytes_down_columns(const uint8_t* const* rows, ptrdiff_t n, const ByteWeights& w, int16_t* out,
                            ptrdiff_t stride) {
  for (size_t j = 0; j < kByteRows; ++j)
    for (ptrdiff_t i = 0; i < n; ++i) {
      int sum = 0;
      for (size_t k = 0; k < 2 * w.down.size(); ++k) sum += w.down[k / 2][j].at[k % 2] * (rows[k][i] - 128);
      out[static_cast<ptrdiff_t>(j) * stride + i] = static_cast<int16_t>(sum);
    }
}

void sum_words_along_row(const int16_t* in, ptrdiff_t n, ptrdiff_t step, const ByteWeights& w, uint8_t* out) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    int sum = kStart;
    for (int k = 0; k <= 2 * w.radius(); ++k)
      sum += w.along[static_cast<size_t>(k / 2)][0].at[static_cast<size_t>(k % 2)] * in[i + k * step];
    out[i] = static_cast<uint8_t>(sum >> 16);
  }
}

#endif

}  // namespace assay
