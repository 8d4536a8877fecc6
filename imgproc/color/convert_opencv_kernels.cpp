#include "assay/imgproc/color/convert_opencv_kernels.h"

#if defined(__AVX512VBMI__) && defined(__AVX512VNNI__) && defined(__AVX512BW__)
#include <immintrin.h>

namespace assay {

namespace {

// Sixteen pixels at a time: a lane of 32 bits holds channels 0 and 1, another channel 2, and each instruction adds two products.
template <int channels, bool chained>
class Pixels {
 public:
  explicit Pixels(const ByteMatrix& m) : bits_(_mm_cvtsi32_si128(m.bits)) {
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
  static __m512i pair(int16_t low, int16_t high) {
    return _mm512_set1_epi32(static_cast<int>(static_cast<uint16_t>(low) | static_cast<uint32_t>(high) << 16));
  }
  __m512i offset_[3], first_[3], last_[3], of_first_[3], split_first_, split_last_, join_;
  __m128i bits_;
};

template <int channels, bool chained>
void convert_all(const ByteMatrix& matrix, const uint8_t* from, int n, uint8_t* to) {
  const Pixels<channels, chained> pixels(matrix);
  const auto bytes = [](int count) { return count == 64 ? ~0ull : (1ull << count) - 1; };
  int i = 0;
  for (; i + 16 <= n; i += 16) pixels.convert(from + channels * i, bytes(16 * channels), to + channels * i);
  if (i < n) pixels.convert(from + channels * i, bytes((n - i) * channels), to + channels * i);
}

}  // namespace

int convert_by_matrix(const ByteMatrix& matrix, const uint8_t* from, int channels, int n, uint8_t* to) {
  const bool chained = matrix.of_first[1] != 0 || matrix.of_first[2] != 0;
  if (channels == 3)
    chained ? convert_all<3, true>(matrix, from, n, to) : convert_all<3, false>(matrix, from, n, to);
  else
    chained ? convert_all<4, true>(matrix, from, n, to) : convert_all<4, false>(matrix, from, n, to);
  return n;
}

}  // namespace assay

#else

namespace assay {

int convert_by_matrix(const ByteMatrix&, const uint8_t*, int, int, uint8_t*) { return 0; }

}  // namespace assay
#endif
