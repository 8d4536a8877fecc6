// Plain loops of constant length: g++ keeps the tile in registers and makes one fused multiply-add of each line.
#include "assay/core/product_tile_kernels.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstring>
#include <limits>

namespace assay {

void add_products(std::ptrdiff_t columns, const float* __restrict p, const float* __restrict z, bool first,
                  float* __restrict C, std::ptrdiff_t stride) {
  float tile[kTile][kPanel] = {};
  for (std::ptrdiff_t f = 0; f < columns; ++f, p += kTile, z += kPanel) {
#pragma GCC unroll 8
    for (int i = 0; i < kTile; ++i) {
      const float p_i = p[i];
#pragma omp simd
      for (int j = 0; j < kPanel; ++j) tile[i][j] += p_i * z[j];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kTile; ++i) {
    float* c = C + i * stride;
#pragma omp simd
    for (int j = 0; j < kPanel; ++j) c[j] = first ? tile[i][j] : c[j] + tile[i][j];
  }
}

namespace {

#ifdef __AVX2__
#ifdef __AVX512BW__
using Sums = __m512i;
inline Sums load_sums(const void* at) { return _mm512_loadu_si512(at); }
inline void store_sums(void* at, const Sums& v) { _mm512_storeu_si512(at, v); }
inline Sums pair_in_all(int pair) { return _mm512_set1_epi32(pair); }
inline void add_products(Sums& sums, const Sums& a, const Sums& b) {
  sums = _mm512_add_epi32(sums, _mm512_madd_epi16(a, b));
}
#else
using Sums = __m256i;
inline Sums load_sums(const void* at) { return _mm256_loadu_si256(static_cast<const Sums*>(at)); }
inline void store_sums(void* at, const Sums& v) { _mm256_storeu_si256(static_cast<Sums*>(at), v); }
inline Sums pair_in_all(int pair) { return _mm256_set1_epi32(pair); }
inline void add_products(Sums& sums, const Sums& a, const Sums& b) {
  sums = _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
}
#endif

void whole_tile(std::ptrdiff_t pairs, const int16_t* p, const int16_t* z, int32_t (&out)[kTile][kPanel]) {
  constexpr int kVectors = kPanel * sizeof(int32_t) / sizeof(Sums), kLanes = kPanel / kVectors;
  static_assert(kVectors == 3);
  Sums tile[kTile][kVectors] = {};
  for (std::ptrdiff_t f = 0; f < pairs; ++f, p += 2 * kTile, z += 2 * kPanel) {
    const Sums row[] = {load_sums(z), load_sums(z + 2 * kLanes), load_sums(z + 4 * kLanes)};
#pragma GCC unroll 8
    for (int i = 0; i < kTile; ++i) {
      int pair;
      std::memcpy(&pair, p + 2 * i, sizeof pair);
      const Sums query = pair_in_all(pair);
#pragma GCC unroll 3
      for (int v = 0; v < kVectors; ++v) add_products(tile[i][v], query, row[v]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kTile; ++i)
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) store_sums(&out[i][v * kLanes], tile[i][v]);
}
#else
void whole_tile(std::ptrdiff_t pairs, const int16_t* p, const int16_t* z, int32_t (&out)[kTile][kPanel]) {
  std::memset(out, 0, sizeof out);
  for (std::ptrdiff_t f = 0; f < pairs; ++f, p += 2 * kTile, z += 2 * kPanel)
    for (int i = 0; i < kTile; ++i)
      for (int j = 0; j < kPanel; ++j) out[i][j] += p[2 * i] * z[2 * j] + p[2 * i + 1] * z[2 * j + 1];
}
#endif

}  // namespace

void add_whole_products(std::ptrdiff_t pairs, const int16_t* p, const int16_t* z, bool first, float* C,
                        std::ptrdiff_t stride) {
  int32_t tile[kTile][kPanel];
  whole_tile(pairs, p, z, tile);
  for (int i = 0; i < kTile; ++i) {
    float* c = C + i * stride;
#pragma omp simd
    for (int j = 0; j < kPanel; ++j) c[j] = (first ? 0 : c[j]) + static_cast<float>(tile[i][j]);
  }
}

bool all_above(const float* __restrict a, const float* __restrict b, float t, std::ptrdiff_t n) {
  int within = 0;
#pragma omp simd reduction(+ : within)
  for (std::ptrdiff_t j = 0; j < n; ++j) within += !(a[j] + b[j] > t);
  return within == 0;
}

void two_smallest(const float* __restrict a, const float* __restrict b, float& smallest, float& second) {
  constexpr int kLanes = 8;
  static_assert(kPanel % kLanes == 0);
  constexpr float kNone = std::numeric_limits<float>::infinity();
  float low[kLanes], next[kLanes];
  for (int i = 0; i < kLanes; ++i) low[i] = next[i] = kNone;
  for (int j = 0; j < kPanel; j += kLanes)
#pragma omp simd
    for (int i = 0; i < kLanes; ++i) {
      const float sum = a[j + i] + b[j + i], h = sum < kNone ? sum : kNone, higher = h < low[i] ? low[i] : h;
      low[i] = h < low[i] ? h : low[i];
      next[i] = higher < next[i] ? higher : next[i];
    }
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) {  // the two smallest of four, lane by lane
      const float higher = std::max(low[i], low[i + width]);
      low[i] = std::min(low[i], low[i + width]);
      next[i] = std::min(higher, std::min(next[i], next[i + width]));
    }
  const float higher = std::max(smallest, low[0]);
  smallest = std::min(smallest, low[0]);
  second = std::min(higher, std::min(second, next[0]));
}

}  // namespace assay
