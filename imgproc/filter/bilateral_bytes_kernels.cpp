// Notation   w = 65536 w2 + 256 w1 + w0: a weight's bytes;  v: a value less 128;  A, B, W: sums of (256 w2 + w1) v, of w0 v and of w
// Method     mean = 128 + (256 A + B) / W in single precision; A, B and W are exact

#include "assay/imgproc/filter/bilateral_bytes_kernels.h"

#include <algorithm>
#include <cstdlib>

#ifdef ASSAY_TABLES_IN_REGISTERS
#include <immintrin.h>
#endif

namespace assay {

void join_pairs(const int8_t* a, const int8_t* b, int n, int8_t* __restrict to) {
  for (int i = 0; i < n; ++i) {
    to[2 * i] = a[i];
    to[2 * i + 1] = b[i];
  }
}

namespace {

#ifdef ASSAY_TABLES_IN_REGISTERS

using Bytes = __m512i;  // 16 pixels of four taps
using Sums = __m512i;   // 16 sums

// A byte of the weights of 64 differences; `far`: those from 128 on.
[[gnu::always_inline]] inline Bytes look_up(const uint8_t* table, Bytes difference, __mmask64 far) {
  const Bytes *t = reinterpret_cast<const Bytes*>(table), low = _mm512_permutex2var_epi8(t[0], difference, t[1]);
  return _mm512_mask_blend_epi8(far, low, _mm512_permutex2var_epi8(t[2], difference, t[3]));
}
[[gnu::always_inline]] inline Bytes look_up_near(const uint8_t* table, Bytes difference) {
  const Bytes* t = reinterpret_cast<const Bytes*>(table);
  return _mm512_permutex2var_epi8(t[0], difference, t[1]);
}
[[gnu::always_inline]] inline Bytes absolute_difference(Bytes a, Bytes b) {
  return _mm512_sub_epi8(_mm512_max_epi8(a, b), _mm512_min_epi8(a, b));
}

// Pairs of 32 pixels become fours of 16: pixels 0-3, 8-11, .. (k = 0) or 4-7, 12-15, .. (k = 1).
[[gnu::always_inline]] inline Bytes fours(int k, Bytes a, Bytes b) {
  return k == 0 ? _mm512_unpacklo_epi16(a, b) : _mm512_unpackhi_epi16(a, b);
}

// Rounded means of 16 pixels, 0 .. 255.
[[gnu::always_inline]] inline __m512i means(const Sums* sum, const Sums* weight, Bytes centre) {
  const Sums own = _mm512_slli_epi32(_mm512_srai_epi32(centre, 24), 16);
  const Sums A = _mm512_add_epi32(_mm512_add_epi32(_mm512_slli_epi32(sum[2], 8), sum[1]), own);
  const Sums upper = _mm512_add_epi32(_mm512_slli_epi32(weight[2], 8), weight[1]);
  const Sums W = _mm512_add_epi32(_mm512_add_epi32(_mm512_slli_epi32(upper, 8), weight[0]), _mm512_set1_epi32(1 << 24));
  const __m512 total = _mm512_fmadd_ps(_mm512_cvtepi32_ps(A), _mm512_set1_ps(256.0f), _mm512_cvtepi32_ps(sum[0]));
  const __m512i nearest = _mm512_cvtps_epi32(_mm512_div_ps(total, _mm512_cvtepi32_ps(W)));
  return _mm512_add_epi32(nearest, _mm512_set1_epi32(128));
}

// Of 32 pixels from x on, those of the halves first .. first + halves - 1: as many sums as there are registers for.
template <int P, bool far_is_low, int first, int halves>
[[gnu::always_inline]] inline void means_at(const FourTaps* taps, int count, const int8_t* const* centre, int x,
                                            __m512i (*mean)[2]) {
  const Bytes ones = _mm512_set1_epi8(1);
  Bytes here[P][halves];
  for (int c = 0; c < P; ++c) {
    const Bytes twice = _mm512_loadu_si512(centre[c] + 2 * x);
    for (int k = 0; k < halves; ++k) here[c][k] = fours(first + k, twice, twice);
  }
  Sums sum[P][halves][3] = {}, weight[halves][3] = {};
  for (int t = 0; t < count; ++t) {
    const auto& table = taps[t].table->byte;
    Bytes left[P], right[P];
    for (int c = 0; c < P; ++c) {
      left[c] = _mm512_loadu_si512(taps[t].first[c] + 2 * x);
      right[c] = _mm512_loadu_si512(taps[t].second[c] + 2 * x);
    }
#pragma GCC unroll 2
    for (int k = 0; k < halves; ++k) {
      Bytes value[P], difference;
      for (int c = 0; c < P; ++c) {
        value[c] = fours(first + k, left[c], right[c]);
        const Bytes d = absolute_difference(value[c], here[c][k]);
        difference = c == 0 ? d : _mm512_adds_epu8(difference, d);
      }
      const __mmask64 far = _mm512_movepi8_mask(difference);
      const Bytes near = far_is_low ? _mm512_min_epu8(difference, _mm512_set1_epi8(127)) : difference;
#pragma GCC unroll 3
      for (int b = 0; b < 3; ++b) {
        const Bytes w = far_is_low && b > 0 ? look_up_near(table[b], near) : look_up(table[b], difference, far);
        weight[k][b] = _mm512_dpbusd_epi32(weight[k][b], w, ones);
        for (int c = 0; c < P; ++c) sum[c][k][b] = _mm512_dpbusd_epi32(sum[c][k][b], w, value[c]);
      }
    }
  }
  for (int c = 0; c < P; ++c)
    for (int k = 0; k < halves; ++k) mean[c][first + k] = means(sum[c][k], weight[k], here[c][k]);
}

template <int P, bool far_is_low>
void bilateral_of(const FourTaps* taps, int count, const int8_t* const* centre, uint8_t* const* out, int n) {
  for (int x = 0; x < n; x += kBilateralPixels) {
    __m512i mean[P][2];
    if constexpr (P == 1) {
      means_at<P, far_is_low, 0, 2>(taps, count, centre, x, mean);
    } else {
      means_at<P, far_is_low, 0, 1>(taps, count, centre, x, mean);
      means_at<P, far_is_low, 1, 1>(taps, count, centre, x, mean);
    }
    for (int c = 0; c < P; ++c)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out[c] + x),
                          _mm512_cvtepi16_epi8(_mm512_packus_epi32(mean[c][0], mean[c][1])));
  }
}

template <int P>
void bilateral_of(const FourTaps* taps, int count, const int8_t* const* centre, uint8_t* const* out, int n) {
  std::all_of(taps, taps + count, [](const FourTaps& t) { return t.table->far_is_low; })
      ? bilateral_of<P, true>(taps, count, centre, out, n)
      : bilateral_of<P, false>(taps, count, centre, out, n);
}

#else

template <int P>
void bilateral_of(const FourTaps* taps, int count, const int8_t* const* centre, uint8_t* const* out, int n) {
  for (int i = 0; i < n; ++i) {
    ByteSums sums[P];
    for (int t = 0; t < 4 * count; ++t) {
      const FourTaps& tap = taps[t / 4];
      const int8_t* const* from = t % 4 < 2 ? tap.first : tap.second;
      int difference = 0;
      for (int c = 0; c < P; ++c) difference += std::abs(from[c][2 * i + t % 2] - centre[c][2 * i]);
      for (int c = 0; c < P; ++c) sums[c].add(tap.table->weight[std::min(difference, 255)], from[c][2 * i + t % 2]);
    }
    for (int c = 0; c < P; ++c) out[c][i] = sums[c].mean(centre[c][2 * i]);
  }
}

#endif

}  // namespace

void bilateral_bytes(const FourTaps* taps, int count, const int8_t* const* centre, int planes, uint8_t* const* out,
                     int n) {
  planes == 1 ? bilateral_of<1>(taps, count, centre, out, n) : bilateral_of<3>(taps, count, centre, out, n);
}

}  // namespace assay
