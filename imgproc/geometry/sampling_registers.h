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
    return _mm512_cvttps_epi32(_mm512_fmadd_ps(value, _mm512_set1_ps(65536), bias));
  }
};

/// Blends pixels of 3 or 4 channels; see blend_to_bytes.
int blend_colour_to_bytes(const BytePicture& picture, const SplitPlaces& places, int n, int channels, double error,
                          uint8_t* out, int* doubts);

}  // namespace assay
#endif
