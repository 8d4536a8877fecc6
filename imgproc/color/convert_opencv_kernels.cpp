#include "assay/imgproc/color/convert_opencv_kernels.h"

#if defined(__AVX512VBMI__) && defined(__AVX512VNNI__) && defined(__AVX512BW__)
#include <immintrin.h>

namespace assay {

namespace {

__m512i pair(int16_t low, int16_t high) {
  return _mm512_set1_epi32(static_cast<int>(static_cast<uint16_t>(low) | static_cast<uint32_t>(high) << 16));
}

// Sixteen pixels at a time: a lane of 32 bits holds channels 0 and 1, another channel 2, and each instruction adds two products.
template <int channels, bool chained>
class Pixels {
 public:
  explicit Pixels(const ColourMatrix& m) : bits_(_mm_cvtsi32_si128(m.bits)) {
    for (int k = 0; k < 3; ++k) {
      offset_[k] = _mm512_set1_epi32(m.offset[k]);
      first_[k] = pair(m.weight[k][0], m.weight[k][1]), last_[k] = pair(m.weight[k][2], 0);
      of_first_[k] = pair(m.of_first[k], 0);
    }
    alignas(64) uint8_t first[64], last[64], joined[64] = {};
    for (int i = 0; i < 16; ++i)
      for (int b = 0; b < 4; ++b) {
        first[4 * i + b] = static_cast<uint8_t>(channels * i + b / 2),
                      last[4 * i + b] = static_cast<uint8_t>(channels * i + 2);
        if (b < channels) joined[channels * i + b] = static_cast<uint8_t>(i / 4 * 16 + b * 4 + i % 4);
      }
    split_first_ = _mm512_load_si512(first), split_last_ = _mm512_load_si512(last), join_ = _mm512_load_si512(joined);
  }

  void convert(const uint8_t* from, __mmask64 there, uint8_t* to) const {
    const __m512i pixels = _mm512_maskz_loadu_epi8(there, from);
    const __m512i first = _mm512_maskz_permutexvar_epi8(0x5555555555555555, split_first_, pixels),
                  last = _mm512_maskz_permutexvar_epi8(0x1111111111111111, split_last_, pixels);
    __m512i c[3];
    for (int k = 0; k < 3; ++k) {
      __m512i sum = _mm512_dpwssd_epi32(_mm512_dpwssd_epi32(offset_[k], first, first_[k]), last, last_[k]);
      if (chained && k > 0) sum = _mm512_dpwssd_epi32(sum, c[0], of_first_[k]);
      c[k] = _mm512_sra_epi32(sum, bits_);
    }
    const __m512i alpha = channels == 4 ? _mm512_srli_epi32(pixels, 24) : c[2];
    const __m512i bytes = _mm512_packus_epi16(_mm512_packs_epi32(c[0], c[1]), _mm512_packs_epi32(c[2], alpha));
    _mm512_mask_storeu_epi8(to, there, _mm512_permutexvar_epi8(join_, bytes));
  }

 private:
  __m512i offset_[3], first_[3], last_[3], of_first_[3], split_first_, split_last_, join_;
  __m128i bits_;
};

// The same of 16 bits, of two registers. Products are of signed numbers: 2^15 is taken off, and its share put into the offsets.
template <int channels, bool chained>
class WidePixels {
 public:
  explicit WidePixels(const ColourMatrix& m) : bits_(_mm_cvtsi32_si128(m.bits)) {
    for (int k = 0; k < 3; ++k) {
      const int share = m.weight[k][0] + m.weight[k][1] + m.weight[k][2] + m.of_first[k];
      offset_[k] = _mm512_set1_epi32(
          static_cast<int>(static_cast<uint32_t>(m.offset[k]) + (static_cast<uint32_t>(share) << 15)));
      first_[k] = pair(m.weight[k][0], m.weight[k][1]), last_[k] = pair(m.weight[k][2], 0);
      of_first_[k] = pair(m.of_first[k], 0);
    }
    alignas(64) uint16_t first[32], last[32], joined[64] = {};
    for (int i = 0; i < 16; ++i) {
      for (int b = 0; b < 2; ++b) {
        first[2 * i + b] = static_cast<uint16_t>(channels * i + b),
                      last[2 * i + b] = static_cast<uint16_t>(channels * i + 2 + b * (channels - 3));
      }
      for (int k = 0; k < channels; ++k)
        joined[channels * i + k] = static_cast<uint16_t>(k / 2 * 32 + i / 4 * 8 + k % 2 * 4 + i % 4);
    }
    split_first_ = _mm512_load_si512(first), split_last_ = _mm512_load_si512(last);
    join_[0] = _mm512_load_si512(joined), join_[1] = _mm512_load_si512(joined + 32);
  }

  void convert(const uint16_t* from, __mmask64 there, uint16_t* to) const {
    const auto low = static_cast<__mmask32>(there), high = static_cast<__mmask32>(there >> 32);
    const __m512i a = _mm512_maskz_loadu_epi16(low, from), b = _mm512_maskz_loadu_epi16(high, from + 32);
    const __m512i signs = _mm512_set1_epi16(-32768);
    const __m512i kept = _mm512_permutex2var_epi16(a, split_last_, b),
                  first = _mm512_xor_si512(_mm512_permutex2var_epi16(a, split_first_, b), signs),
                  last = _mm512_xor_si512(kept, signs);
    __m512i c[3];
    for (int k = 0; k < 3; ++k) {
      __m512i sum = _mm512_dpwssd_epi32(_mm512_dpwssd_epi32(offset_[k], first, first_[k]), last, last_[k]);
      if (chained && k > 0) sum = _mm512_dpwssd_epi32(sum, _mm512_xor_si512(c[0], signs), of_first_[k]);
      c[k] = _mm512_sra_epi32(sum, bits_);
    }
    const __m512i x = _mm512_packus_epi32(c[0], c[1]), z = _mm512_packus_epi32(c[2], _mm512_srli_epi32(kept, 16));
    _mm512_mask_storeu_epi16(to, low, _mm512_permutex2var_epi16(x, join_[0], z));
    _mm512_mask_storeu_epi16(to + 32, high, _mm512_permutex2var_epi16(x, join_[1], z));
  }

 private:
  __m512i offset_[3], first_[3], last_[3], of_first_[3], split_first_, split_last_, join_[2];
  __m128i bits_;
};

template <class Pixels, class T>
void convert_all(const ColourMatrix& matrix, const T* from, int channels, int n, T* to) {
  const Pixels pixels(matrix);
  const auto numbers = [](int count) { return count == 64 ? ~0ull : (1ull << count) - 1; };
  int i = 0;
  for (; i + 16 <= n; i += 16) pixels.convert(from + channels * i, numbers(16 * channels), to + channels * i);
  if (i < n) pixels.convert(from + channels * i, numbers((n - i) * channels), to + channels * i);
}

template <template <int, bool> class Pixels, class T>
int convert(const ColourMatrix& matrix, const T* from, int channels, int n, T* to) {
  const bool chained = matrix.of_first[1] != 0 || matrix.of_first[2] != 0;
  if (channels == 3)
    chained ? convert_all<Pixels<3, true>>(matrix, from, 3, n, to)
            : convert_all<Pixels<3, false>>(matrix, from, 3, n, to);
  else
    chained ? convert_all<Pixels<4, true>>(matrix, from, 4, n, to)
            : convert_all<Pixels<4, false>>(matrix, from, 4, n, to);
  return n;
}

}  // namespace

int convert_by_matrix(const ColourMatrix& matrix, const uint8_t* from, int channels, int n, uint8_t* to) {
  return convert<Pixels>(matrix, from, channels, n, to);
}
int convert_by_matrix(const ColourMatrix& matrix, const uint16_t* from, int channels, int n, uint16_t* to) {
  return convert<WidePixels>(matrix, from, channels, n, to);
}

}  // namespace assay

#else

namespace assay {

int convert_by_matrix(const ColourMatrix&, const uint8_t*, int, int, uint8_t*) { return 0; }
int convert_by_matrix(const ColourMatrix&, const uint16_t*, int, int, uint16_t*) { return 0; }

}  // namespace assay
#endif
