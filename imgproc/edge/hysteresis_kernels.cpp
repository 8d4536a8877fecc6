#include "assay/imgproc/edge/hysteresis_kernels.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "assay/imgproc/edge/canny_internal.h"

#ifdef __AVX512BW__
#include <immintrin.h>
#endif

namespace assay::canny_stages {

static_assert(kWeak == 1 && kStrong == 2);

#ifdef __AVX512BW__

ClassBits bits_of_classes(const uint8_t* classes, int count) {
  const __m512i all = _mm512_maskz_loadu_epi8(~uint64_t{0} >> (64 - count), classes);
  return {_mm512_test_epi8_mask(all, _mm512_set1_epi8(kWeak)), _mm512_test_epi8_mask(all, _mm512_set1_epi8(kStrong))};
}

void pixels_of_bits(uint64_t bits, uint8_t* pixels, int count) {
  _mm512_mask_storeu_epi8(pixels, ~uint64_t{0} >> (64 - count), _mm512_movm_epi8(bits));
}

#else

namespace {

static_assert(std::endian::native == std::endian::little, "eight classes are read as one number, the first one lowest");

// Bit i of the result is the lowest bit of byte i.
uint64_t gather_bits(uint64_t bytes) { return ((bytes & 0x0101010101010101) * 0x0102040810204080) >> 56; }

// Byte i of the result is 255 where bit i is set, else 0.
uint64_t bytes_of(uint64_t eight_bits) {
  const uint64_t one_each = (eight_bits * 0x0101010101010101) & 0x8040201008040201;
  return (((one_each + 0x7f7f7f7f7f7f7f7f) >> 7) & 0x0101010101010101) * 255;
}

// A known number of bytes is one move.
void copy(void* to, const void* from, int count) {
  count >= 8 ? std::memcpy(to, from, 8) : std::memcpy(to, from, static_cast<size_t>(count));
}

}  // namespace

ClassBits bits_of_classes(const uint8_t* classes, int count) {
  ClassBits bits{0, 0};
  for (int x = 0; x < count; x += 8) {
    uint64_t eight = 0;
    copy(&eight, classes + x, count - x);
    if (eight == 0) continue;
    bits.weak |= gather_bits(eight) << x;
    bits.strong |= gather_bits(eight >> 1) << x;
  }
  return bits;
}

void pixels_of_bits(uint64_t bits, uint8_t* pixels, int count) {
  for (int x = 0; x < count; x += 8) {
    const uint64_t eight = bytes_of((bits >> x) & 255);
    copy(pixels + x, &eight, count - x);
  }
}

#endif

}  // namespace assay::canny_stages
