// imgproc/geometry/sampling_registers.h: what sampling of grey and of colours shares where a register of 64 bytes picks from another.
#pragma once

#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
#define ASSAY_PICKS_BYTES 1
#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "assay/imgproc/geometry/sampling_byte_kernels.h"

namespace assay {

inline constexpr ptrdiff_t kAhead =
    8;  // rows: of places that turn, no hardware foresees what the next rows of the result will read

inline __m512i load_row(const uint8_t* from, const uint8_t* end) {
  const ptrdiff_t left = end - from;
  return left >= 64 ? _mm512_loadu_si512(from)
                    : _mm512_maskz_loadu_epi8((1ull << std::max<ptrdiff_t>(left, 0)) - 1, from);
}

/// 64 bytes of a row, or 128.
struct Near {
  static constexpr int kFarthest = 62;
  __m512i first;
  Near(const uint8_t* from, const uint8_t* end) : first(load_row(from, end)) {}
  __m512i at(__m512i place) const { return _mm512_permutexvar_epi8(place, first); }
};
struct Far {
  static constexpr int kFarthest = 126;
  __m512i first, second;
  Far(const uint8_t* from, const uint8_t* end) : first(load_row(from, end)), second(load_row(from + 64, end)) {}
  __m512i at(__m512i place) const { return _mm512_permutex2var_epi8(first, place, second); }
};

/// Columns and rows of 16 places from the least of each on.
struct Group {
  int x0, top, rows;
  __m512i column, row;
  Group(const int32_t* x, const int32_t* y) {
    const __m512i xs = _mm512_loadu_si512(x), ys = _mm512_loadu_si512(y);
    place(xs, ys, std::min(x[0], x[15]), std::min(y[0], y[15]), std::max(y[0], y[15]));
    const __mmask16 outside =
        _mm512_cmpge_epu32_mask(row, _mm512_set1_epi32(rows)) | _mm512_cmpgt_epu32_mask(column, _mm512_set1_epi32(64));
    if (outside)  // bent
      place(xs, ys, _mm512_reduce_min_epi32(xs), _mm512_reduce_min_epi32(ys), _mm512_reduce_max_epi32(ys));
  }
  bool within(int columns) const {
    constexpr int kSteep = 12;
    return rows <= kSteep && !_mm512_cmpge_epu32_mask(column, _mm512_set1_epi32(columns));
  }

 private:
  void place(__m512i xs, __m512i ys, int least_x, int least_y, int last_y) {
    x0 = least_x, top = least_y, rows = last_y - least_y + 1;
    column = _mm512_sub_epi32(xs, _mm512_set1_epi32(x0)), row = _mm512_sub_epi32(ys, _mm512_set1_epi32(top));
  }
};

/// Up to a multiple of 64 with the last.
template <class T>
void fill_up(T* values, int n) {
  for (int i = n; i % 64; ++i) values[i] = values[n - 1];
}

/// A byte in the lowest place of 2^23 makes it 2^23 + v, without a conversion: of such numbers differences are exact, too. `kLifted` is
/// 2^23 where `kLowest` is not set.
inline constexpr __mmask64 kLowest = 0x1111111111111111;
inline constexpr int32_t kLifted = 0x4b000000;
inline constexpr float kLift = 0x1p23f;

/// Four corners, lifted, to the value between them in units of 2^-16, lifted by a half and by its error: a low half below `limit` tells of
/// a doubt.
struct Blend {
  int near;
  __m512 bias;
  explicit Blend(double error)
      : near(static_cast<int>(error * 65536) + 2), bias(_mm512_set1_ps(32768.0f + static_cast<float>(near))) {}
  int limit() const { return 2 * near + 1; }
  __m512i operator()(__m512 p00, __m512 p01, __m512 p10, __m512 p11, __m512 fx, __m512 fy) const {
    const __m512 lift = _mm512_set1_ps(kLift);
    const __m512 top = _mm512_fmadd_ps(fx, _mm512_sub_ps(p01, p00), _mm512_sub_ps(p00, lift)),
                 bottom = _mm512_fmadd_ps(fx, _mm512_sub_ps(p11, p10), _mm512_sub_ps(p10, lift));
    const __m512 value = _mm512_fmadd_ps(fy, _mm512_sub_ps(bottom, top), top);
    return fixed(value);
  }
  __m512i fixed(__m512 value) const { return _mm512_cvttps_epi32(_mm512_fmadd_ps(value, _mm512_set1_ps(65536), bias)); }
  /// Of values that may lie beyond a byte's.
  __m512i fixed_within(__m512 value) const {
    return fixed(_mm512_min_ps(_mm512_max_ps(value, _mm512_setzero_ps()), _mm512_set1_ps(255)));
  }
};

/// Bytes of 16 words of eight, each of them lifted.
class BytesOfWords {
 public:
  BytesOfWords() {
    alignas(64) int32_t at[16];
    for (int byte = 0; byte < 8; ++byte) {
      for (int i = 0; i < 16; ++i) at[i] = kLifted + 8 * i + byte;
      at_[byte] = _mm512_load_si512(at);
    }
  }
  __m512 of(const uint64_t* words, int byte) const {
    return _mm512_castsi512_ps(
        _mm512_mask2_permutex2var_epi8(_mm512_load_si512(words), at_[byte], kLowest, _mm512_load_si512(words + 8)));
  }

 private:
  __m512i at_[8];
};

/// Values in units of 2^-16 of 16 pixels to bytes, the channels side by side.
template <int channels>
class FinishSixteen {
 public:
  explicit FinishSixteen(int limit) : limit_(_mm512_set1_epi32(limit)) {}
  /// Those of the first n count; pixel `first` is the first of them. Returns how many doubts were written down.
  int operator()(const __m512i (&v)[channels], int first, int n, uint8_t* out, int* doubts) const {
    __m512i bytes = _mm512_permutex2var_epi8(v[0], first_two_, v[channels > 1 ? 1 : 0]);
    if constexpr (channels > 1)
      bytes = _mm512_mask_mov_epi8(bytes, kOthers, _mm512_permutex2var_epi8(v[2], others_, v[channels - 1]));
    const int count = channels * std::min(n, 16);
    _mm512_mask_storeu_epi8(out, count == 64 ? ~0ull : (1ull << count) - 1, bytes);
    __m512i least = v[0];
    for (int c = 1; c < channels; ++c) least = _mm512_min_epu16(least, v[c]);
    if (!_mm512_mask_cmplt_epu16_mask(kLowHalves, least, limit_)) [[likely]]
      return 0;
    int found = 0;
    for (int c = 0; c < channels; ++c)
      for (uint32_t m = _mm512_mask_cmplt_epu16_mask(kLowHalves, v[c], limit_); m; m &= m - 1)
        if (const int i = __builtin_ctz(m) / 2; i < n) doubts[found++] = channels * (first + i) + c;
    return found;
  }

 private:
  static constexpr __mmask32 kLowHalves = 0x55555555;
  static constexpr __mmask64 kOthers = channels == 3 ? 0x0000924924924924 : 0xcccccccccccccccc;
  // Byte 2 of each number of two vectors by turns: pixel i's are bytes channels i + c and the next.
  static __m512i places(int c) {
    alignas(64) uint8_t at[64] = {};
    for (int i = 0; i < 16; ++i)
      for (int k = 0; k < 2 && c + k < channels; ++k)
        at[channels * i + c + k] = static_cast<uint8_t>(64 * k + 4 * i + 2);
    return _mm512_load_si512(at);
  }
  __m512i limit_, first_two_ = places(0), others_ = places(2);
};

/// Blends pixels of 3 or 4 channels; see blend_to_bytes.
int blend_colour_to_bytes(const BytePicture& picture, const SplitPlaces& places, int n, int channels, double error,
                          uint8_t* out, int* doubts);

}  // namespace assay
#endif
