// features/hough/bit_count_kernels.cpp
// Notation   plane[p]: bit p of the counts of all places of a vector
// Method     1 a full adder takes three bits of one weight and gives a sum and a carry of twice the weight: eight rows at a
//            time become one carry of weight 8   2 that ripples through the higher planes   3 before a count can exceed 8 bits,
//            8 x 8 bits are transposed, so that the planes of a place become its byte

#include "assay/features/hough/bit_count_kernels.h"

#include <algorithm>
#include <cstring>

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

}  // namespace assay::hough
