// imgproc/filter/bilateral_bytes_kernels.h: the inner loop of the bilateral filter of bytes, its weights read from tables.
//
// Weights are whole numbers, 2^24 that of the pixel itself, and sums of them are exact: every machine gives the same bytes.
// Four taps at one distance share a table. With AVX-512 (VBMI, VNNI) a table stands in registers, a byte of the weights in
// each, and one instruction adds four products for 16 pixels.
#pragma once
#include <bit>
#include <cstdint>

namespace assay {

#if defined(__AVX512VBMI__) && defined(__AVX512VNNI__) && defined(__AVX512BW__)
#define ASSAY_TABLES_IN_REGISTERS
inline constexpr bool kTablesInRegisters = true;
#else
inline constexpr bool kTablesInRegisters = false;
#endif

/// The weights of the differences 0 .. 255, and their three bytes, the lowest first.
struct WeightTable {
  alignas(64) uint8_t byte[3][256];
  int32_t weight[256];
  bool far_is_low = true;  // weights of differences from 127 on are less than 256
};

/// The values of four taps, less 128, of pixel i and plane c: first[c][2 i], first[c][2 i + 1], second[c][2 i], second[c][2 i + 1].
struct FourTaps {
  const int8_t* first[3];
  const int8_t* second[3];
  const WeightTable* table;
};

inline constexpr int kBilateralPixels =
    32;  // at once: streams of pairs and results are read and written in such pieces

/// The sums of a pixel and its taps, of values less 128.
struct ByteSums {
  int32_t high = 0, low = 0;  // of the weights' upper two bytes and of their lowest, times the values
  int32_t weights = 0;
  void add(int32_t w, int value) {
    high += (w >> 8) * value;
    low += (w & 255) * value;
    weights += w;
  }
  uint8_t mean(int centre) const {
    const int32_t a = high + centre * 65536, all = weights + (1 << 24);
    const float mean = (static_cast<float>(a) * 256.0f + static_cast<float>(low)) / static_cast<float>(all);
    return static_cast<uint8_t>(std::bit_cast<int32_t>(mean + 12582912.0f) + 128);
  }
};

/// to[2 i] = a[i], to[2 i + 1] = b[i]
void join_pairs(const int8_t* a, const int8_t* b, int n, int8_t* to);

/// The weighted means of `count` times four taps and the pixel itself, rounded; planes: 1 or 3, their differences are added
/// up and cut at 255. centre: the pixels, as pairs, each twice.
void bilateral_bytes(const FourTaps* taps, int count, const int8_t* const* centre, int planes, uint8_t* const* out,
                     int n);

}  // namespace assay
