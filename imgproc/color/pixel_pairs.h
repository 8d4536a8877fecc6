// imgproc/color/pixel_pairs.h: sums of weighted channels of 8-bit pixels b, g, r in 16 bits, 32 at a time: one instruction multiplies and
// adds two neighbouring bytes. Where ASSAY_PIXEL_PAIRS is not defined the machine has no such shuffles of bytes.
#pragma once

#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
#define ASSAY_PIXEL_PAIRS 1
#include <immintrin.h>

#include <cstdint>

namespace assay::pairs {

/// Products with a pair of weights, summed; none leaves 16 bits.
inline __m512i weighed(__m512i pairs, int first, int second) {
  return _mm512_maddubs_epi16(pairs, _mm512_set1_epi16(static_cast<int16_t>((first & 255) | second * 256)));
}

/// b, g and r, g of 32 pixels.
struct Pairs {
  __m512i bg, rg;
};

/// 64 pixels, or the first n of them.
class Splitter {
 public:
  static constexpr int kPixels = 64;
  void operator()(const uint8_t* from, Pairs (&to)[2]) const {
    split(_mm512_loadu_si512(from), _mm512_loadu_si512(from + 64), _mm512_loadu_si512(from + 128), to);
  }
  void operator()(const uint8_t* from, int n, Pairs (&to)[2]) const {
    const auto part = [&](int begin) {
      const int left = 3 * n - begin;
      const __mmask64 there = left >= 64 ? ~0ull : left <= 0 ? 0 : (1ull << left) - 1;
      return _mm512_maskz_loadu_epi8(there, from + begin);
    };
    split(part(0), part(64), part(128), to);
  }

 private:
  // Bytes 3 i + first and 3 i + second, i < 32, of the two registers that hold them; 96 bytes, from `begin` on.
  static __m512i places(int begin, int first, int second) {
    alignas(64) uint8_t at[64];
    for (int i = 0; i < 32; ++i)
      at[2 * i] = static_cast<uint8_t>(begin + 3 * i + first),
             at[2 * i + 1] = static_cast<uint8_t>(begin + 3 * i + second);
    return _mm512_load_si512(at);
  }
  void split(__m512i a, __m512i b, __m512i c, Pairs (&to)[2]) const {
    to[0] = {_mm512_permutex2var_epi8(a, bg_, b), _mm512_permutex2var_epi8(a, rg_, b)};
    to[1] = {_mm512_permutex2var_epi8(b, high_bg_, c), _mm512_permutex2var_epi8(b, high_rg_, c)};
  }
  __m512i bg_ = places(0, 0, 1), rg_ = places(0, 2, 1), high_bg_ = places(32, 0, 1), high_rg_ = places(32, 2, 1);
};

/// Whole numbers, 0 to 256, as bytes in their order, 256 as 255.
inline __m512i bytes_of(__m512i low, __m512i high) {
  return _mm512_permutexvar_epi64(_mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0), _mm512_packus_epi16(low, high));
}

/// p / 256, rounded down, and 1 more where `rest` is below 0.
inline __m512i raised(__m512i p, __m512i rest) {
  return _mm512_sub_epi16(_mm512_srli_epi16(p, 8), _mm512_srai_epi16(rest, 15));
}

/// (299 r + 587 g + 114 b) / 1000 to the nearest, ties to even. With P = 29 b + 150 g + 76 r and P + 127 = 256 q + s the guess q is the
/// result or 1 less: its weights of 1/256 are too small, by at most 0.996, less the 127/256. 32 times the remainder V - 1000 q is
/// 125 (s - 127) + 23 b + 34 g + 68 r, which fits 16 bits. Above a half it goes up, and at a half where q is odd.
inline __m512i luma(const Pairs& x) {
  const __m512i p =
      _mm512_add_epi16(_mm512_add_epi16(weighed(x.bg, 29, 98), weighed(x.rg, 76, 52)), _mm512_set1_epi16(127));
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi16(p, 3), _mm512_set1_epi16(32));
  const __m512i rest = _mm512_add_epi16(_mm512_add_epi16(weighed(x.bg, 23, 34), weighed(x.rg, 68, 0)),
                                        _mm512_add_epi16(weighed(p, 125, 0), odd));
  return raised(p, _mm512_sub_epi16(_mm512_set1_epi16(32 * 500 + 125 * 127), rest));
}

}  // namespace assay::pairs
#endif
