// features/hough/bit_count_kernels.cpp
// Notation   plane[p]: bit p of the counts of all places of a vector
// Method     1 a full adder takes three bits of one weight and gives a sum and a carry of twice the weight: eight rows at a
//            time become one carry of weight 8   2 that ripples through the higher planes   3 before a count can exceed 8 bits,
//            8 x 8 bits are transposed, so that the planes of a place become its byte

#include "assay/features/hough/bit_count_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "assay/core/simd.h"

namespace assay::hough {

namespace {

using Bits = SimdAnywhere<uint8_t>;
using Words = SimdAnywhere<uint16_t>;
constexpr size_t kPlanes = 8, kMostRows = 255 / kTogether * kTogether;
static_assert(kBitVector % kSimdBytes == 0);

// Of three bits of one weight: their sum's low bit stays in `sum`, the high one is given.
Bits full_adder(Bits& sum, Bits a, Bits b) {
  const Bits carry = (a & b) | (sum & (a | b));  // at least two of three
  sum = sum ^ a ^ b;
  return carry;
}

// 1, 2
void add_rows(const uint8_t* const* rows, size_t n, size_t at, Bits (&plane)[kPlanes]) {
  for (size_t r = 0; r < n; r += kTogether) {
    const auto row = [&](size_t k) { return simd_at(rows[r + k] + at); };
    const auto four = [&](size_t k) {
      const Bits two = full_adder(plane[0], row(k), row(k + 1)), more = full_adder(plane[0], row(k + 2), row(k + 3));
      return full_adder(plane[1], two, more);
    };
    const Bits first = four(0), second = four(4);
    Bits carry = full_adder(plane[2], first, second);
    for (size_t p = 3; p < kPlanes; ++p) {
      const Bits both = plane[p] & carry;
      plane[p] ^= carry;
      carry = both;
    }
  }
}

// 3 bit i of byte p becomes bit p of byte i.
template <int shift>
void exchange(Bits& a, Bits& b, uint8_t mask) {
  const Bits t = (reinterpret_cast<Bits>(reinterpret_cast<Words>(a) >> shift) ^ b) & mask;
  b ^= t;
  a ^= reinterpret_cast<Bits>(reinterpret_cast<Words>(t) << shift);
}
void transpose(Bits (&x)[8]) {
  for (int i = 0; i < 4; ++i) exchange<4>(x[i], x[i + 4], 0x0f);
  for (const int i : {0, 1, 4, 5}) exchange<2>(x[i], x[i + 2], 0x33);
  for (const int i : {0, 2, 4, 6}) exchange<1>(x[i], x[i + 1], 0x55);
}

}  // namespace

// Bit 0 of byte i, at bit 8 i, is moved by 56 - 7 i: to bit 56 + i.
void pack_eights(const uint8_t* __restrict pixels, size_t n, uint8_t* __restrict bits) {
  for (size_t k = 0; k < n; ++k) {
    uint8_t ones[8];
    for (size_t i = 0; i < 8; ++i) ones[i] = pixels[8 * k + i] != 0;
    uint64_t eight = 0;
    std::memcpy(&eight, ones, sizeof eight);
    bits[k] = static_cast<uint8_t>(eight * 0x0102040810204080 >> 56);
  }
}

void pack_columns(const uint8_t* __restrict ones, size_t bytes, size_t before, uint8_t* __restrict bits) {
  std::fill_n(bits, bytes, uint8_t{0});
  for (size_t i = 8; i-- > 0;)
    for (size_t m = 0; m < bytes; ++m) bits[m] = static_cast<uint8_t>(2 * bits[m] + ones[i * bytes + m]);
  // Byte m - bytes holds the places before those of byte m: the same bits, one further.
  for (ptrdiff_t m = -static_cast<ptrdiff_t>(kSimdBytes); m >= -static_cast<ptrdiff_t>(before); m -= kSimdBytes) {
    const Bits after = simd_at(static_cast<const uint8_t*>(bits) + m + bytes);
    simd_at(bits + m) = after + after;
  }
}

void count_bits(const uint8_t* const* rows, size_t n, size_t bytes, size_t used, int* count) {
  for (size_t at = 0; at < std::min(bytes, used); at += kSimdBytes)
    for (size_t first = 0; first == 0 || first < n; first += kMostRows) {
      Bits plane[kPlanes] = {};
      add_rows(rows + first, std::min(kMostRows, n - first), at, plane);
      transpose(plane);
      for (size_t i = 0; i < 8 && i * bytes + at < used; ++i) {
        const auto* byte = reinterpret_cast<const uint8_t*>(&plane[i]);
        int* to = count + i * bytes + at;
        for (size_t m = 0; m < kSimdBytes; ++m) to[m] = first == 0 ? byte[m] : to[m] + byte[m];
      }
    }
}

namespace {

using Ints = Simd<int, 8>;
using IntsAnywhere = SimdAnywhere<int, 8>;

// The four bytes from each place on.
Ints words_at(const uint8_t* bits, Ints place) {
#ifdef __AVX2__
  return reinterpret_cast<Ints>(
      _mm256_i32gather_epi32(reinterpret_cast<const int*>(bits), reinterpret_cast<__m256i>(place), 1));
#else
  Ints words;
  for (int k = 0; k < 8; ++k) {
    int word = 0;
    std::memcpy(&word, bits + place[k], sizeof word);
    words[k] = word;
  }
  return words;
#endif
}

// Bits set in each of eight words.
Ints bits_set(Ints words) {
  auto w = reinterpret_cast<Simd<unsigned, 8>>(words);
  w = w - (w >> 1 & 0x55555555);
  w = (w & 0x33333333) + (w >> 2 & 0x33333333);
  return reinterpret_cast<Ints>(((w + (w >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24);
}

}  // namespace

int count_runs(const uint8_t* bits, size_t stride, const int* x0, const int* x1, size_t n) {
  const auto step = static_cast<int>(stride);
  Ints row = Ints{0, 1, 2, 3, 4, 5, 6, 7} * step, count = {};
  size_t i = 0;
  for (; i + 8 <= n; i += 8, row += 8 * step) {
    const Ints begin = *reinterpret_cast<const IntsAnywhere*>(x0 + i),
               length = *reinterpret_cast<const IntsAnywhere*>(x1 + i) - begin;
    const Ints mask = ((Ints{} + 1) << (length > 0 ? length : Ints{})) - 1;
    count += bits_set(words_at(bits, row + (begin >> 3)) >> (begin & 7) & mask);
  }
  int sum = 0;
  for (int k = 0; k < 8; ++k) sum += count[k];
  for (; i < n; ++i) {
    uint32_t word = 0;
    std::memcpy(&word, bits + i * stride + static_cast<size_t>(x0[i] >> 3), sizeof word);
    if (x0[i] < x1[i]) sum += std::popcount(word >> (x0[i] & 7) & ((1U << (x1[i] - x0[i])) - 1));
  }
  return sum;
}

}  // namespace assay::hough
