#include "assay/imgproc/histogram/look_up_kernels.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "assay/core/simd.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace assay {

namespace {

constexpr int kPiece = 256;

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

// Bytes or their floats: the mean of four, and added to 1.5 2^23, whose last place is 1.
template <class Real>
[[gnu::always_inline]] inline Real rounded_mean(Real a, Real b, Real c, Real d, Real right, float down) {
  const Real left = 1 - right, top = a * left + b * right, bottom = c * left + d * right;
  return (top * (1 - down) + bottom * down + 12582912.0f) - 12582912.0f;
}

void blend(const uint8_t (*level)[kPiece], const float* __restrict across, float down, int n, uint8_t* __restrict to) {
  int i = 0;
#ifdef __AVX512VBMI__  // sixteen at a time: the compiler takes 64 apart and puts them together again
  for (; i + 16 <= n; i += 16) {
    const auto floats = [&](int k) {
      const __m128i bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(level[k] + i));
      return static_cast<Simd<float>>(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)));
    };
    const auto mean = rounded_mean<Simd<float>>(floats(0), floats(1), floats(2), floats(3), simd_at(across + i), down);
    const __m128i bytes = _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(mean));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), bytes);
  }
#endif
  for (; i < n; ++i)
    to[i] = static_cast<uint8_t>(
        static_cast<int32_t>(rounded_mean<float>(level[0][i], level[1][i], level[2][i], level[3][i], across[i], down)));
}

}  // namespace

void look_up_bytes(const uint8_t* from, const uint8_t* table, int n, uint8_t* to) {
  look_up_all(from, Table(table), n, to);
}

void blend_maps(const uint8_t* from, const uint8_t* const (&map)[4], const float* __restrict across, float down, int n,
                uint8_t* __restrict to) {
  const Table table[4] = {Table(map[0]), Table(map[1]), Table(map[2]), Table(map[3])};
  alignas(64) uint8_t value[kPiece] = {}, level[4][kPiece];
  for (int begin = 0; begin < n; begin += kPiece) {
    const int count = std::min(kPiece, n - begin);
    std::memcpy(value, from + begin, static_cast<size_t>(count));
    for (int k = 0; k < 4; ++k) look_up_all(value, table[k], (count + 63) / 64 * 64, level[k]);
    blend(level, across + begin, down, count, to + begin);
  }
}

}  // namespace assay
