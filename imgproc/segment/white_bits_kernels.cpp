#include "assay/imgproc/segment/white_bits_kernels.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#if defined(__AVX512BW__) || defined(__AVX2__)
#include <immintrin.h>
#endif

namespace assay {

namespace {

// Of 64 bytes, those that are not 0.
uint64_t bits_of(const uint8_t* from) {
#if defined(__AVX512BW__)
  const __m512i v = _mm512_loadu_si512(from);
  return _mm512_test_epi8_mask(v, v);
#elif defined(__AVX2__)
  const auto black = [&](int i) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_setzero_si256())));
  };
  return ~(uint64_t{black(32)} << 32 | black(0));
#else
  uint64_t bits = 0;
  for (int k = 0; k < 64; ++k) bits |= uint64_t{from[k] > 0} << k;
  return bits;
#endif
}

}  // namespace

template <class T>
void white_bits(const T* row, int n, uint64_t* bits) {
  uint8_t white[64];
  for (int x = 0; x <= n; x += 64, ++bits) {
    const int count = std::min(64, n - x);
    if constexpr (std::is_same_v<T, uint8_t>) {
      if (count == 64) {
        *bits = bits_of(row + x);
        continue;
      }
    }
    if (count < 64) std::memset(white, 0, sizeof white);
    for (int k = 0; k < count; ++k) white[k] = row[x + k] > 0;
    *bits = bits_of(white);
  }
}

template void white_bits(const uint8_t*, int, uint64_t*);
template void white_bits(const uint16_t*, int, uint64_t*);
template void white_bits(const float*, int, uint64_t*);

}  // namespace assay
