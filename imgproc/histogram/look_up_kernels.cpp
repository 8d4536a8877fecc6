#include "assay/imgproc/histogram/look_up_kernels.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "assay/core/simd.h"

#if defined(__AVX2__) && !defined(__AVX512VBMI__)
#include <immintrin.h>
#endif

namespace assay {

namespace {

#ifdef __AVX512VBMI__
// Four vectors hold the table; one instruction takes bytes out of two of them.
using Bytes = Simd<uint8_t, 64>;
constexpr int kBytes = 64;
struct Table {
  Bytes quarter[4];
  explicit Table(const uint8_t* table) { std::memcpy(quarter, table, sizeof quarter); }
  Bytes operator()(const Bytes& v) const {
    const Bytes low = __builtin_shuffle(quarter[0], quarter[1], v), high = __builtin_shuffle(quarter[2], quarter[3], v);
    return v >= 128 ? high : low;
  }
};

void look_up_all(const uint8_t* from, const Table& table, int n, uint8_t* to) {
  for (int i = 0; i < n; i += kBytes) {
    Bytes v{};
    const size_t count = static_cast<size_t>(std::min(kBytes, n - i));
    if (count == kBytes) {
      std::memcpy(&v, from + i, kBytes);
      v = table(v);
      std::memcpy(to + i, &v, kBytes);
    } else {
      std::memcpy(&v, from + i, count);
      v = table(v);
      std::memcpy(to + i, &v, count);
    }
  }
}
#elif defined(__AVX2__)
// Sixteen vectors hold the table, sixteen bytes of it twice in each: the lower half of v takes a byte out of each of them, and
// the bits of the upper half decide between them, the lowest first.
struct Table {
  __m256i sixteen[16];
  explicit Table(const uint8_t* table) {
    for (int k = 0; k < 16; ++k)
      sixteen[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * k)));
  }
};

// 2^bits of the sixteen from `first` on; upper[b]: bit 4 + b of v in the highest place.
template <int bits>
[[gnu::always_inline]] inline __m256i pick(const __m256i* first, __m256i lower, const __m256i* upper) {
  if constexpr (bits == 0)
    return _mm256_shuffle_epi8(*first, lower);
  else
    return _mm256_blendv_epi8(pick<bits - 1>(first, lower, upper),
                              pick<bits - 1>(first + (1 << (bits - 1)), lower, upper), upper[bits - 1]);
}

void look_up_all(const uint8_t* from, const Table& table, int n, uint8_t* to) {
  constexpr int kBytes = 32;
  alignas(32) uint8_t rest[kBytes];
  for (int i = 0; i < n; i += kBytes) {
    const int count = std::min(kBytes, n - i);
    const uint8_t* at = from + i;
    if (count < kBytes) at = static_cast<const uint8_t*>(std::memcpy(rest, at, static_cast<size_t>(count)));
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i lower = _mm256_and_si256(v, _mm256_set1_epi8(15));
    const __m256i upper[4] = {_mm256_slli_epi16(v, 3), _mm256_slli_epi16(v, 2), _mm256_slli_epi16(v, 1), v};
    const __m256i result = pick<4>(table.sixteen, lower, upper);
    if (count == kBytes) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), result);
    } else {
      _mm256_store_si256(reinterpret_cast<__m256i*>(rest), result);
      std::memcpy(to + i, rest, static_cast<size_t>(count));
    }
  }
}
#else
using Table = const uint8_t*;

// Eight a read and a write: the compiler would fetch them by slow gathers.
void look_up_all(const uint8_t* from, const uint8_t* table, int n, uint8_t* to) {
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t eight, result = 0;
    std::memcpy(&eight, from + i, 8);
    for (int k = 0; k < 8; ++k) result |= uint64_t{table[eight >> (8 * k) & 255]} << (8 * k);
    std::memcpy(to + i, &result, 8);
  }
  for (; i < n; ++i) to[i] = table[from[i]];
}
#endif

}  // namespace

void look_up_bytes(const uint8_t* from, const uint8_t* table, int n, uint8_t* to) {
  look_up_all(from, Table(table), n, to);
}

void blend_maps(const uint8_t* from, const uint8_t* const (&map)[4], const float* __restrict across, float down, int n,
                uint8_t* __restrict to) {
  constexpr int kPiece = 256;
  const Table table[4] = {Table(map[0]), Table(map[1]), Table(map[2]), Table(map[3])};
  alignas(64) uint8_t value[kPiece] = {}, level[4][kPiece];
  for (int begin = 0; begin < n; begin += kPiece) {
    const int count = std::min(kPiece, n - begin);
    std::memcpy(value, from + begin, static_cast<size_t>(count));
    for (int k = 0; k < 4; ++k) look_up_all(value, table[k], (count + 63) / 64 * 64, level[k]);
    const float* right = across + begin;
    uint8_t* out = to + begin;
    for (int i = 0; i < count; ++i) {
      const float a = level[0][i], b = level[1][i], c = level[2][i], d = level[3][i];
      const float left = 1 - right[i], top = a * left + b * right[i], bottom = c * left + d * right[i];
      const float v = top * (1 - down) + bottom * down;
      out[i] = static_cast<uint8_t>(static_cast<int32_t>((v + 12582912.0f) - 12582912.0f));
    }
  }
}

}  // namespace assay
