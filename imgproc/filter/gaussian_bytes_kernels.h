// imgproc/filter/gaussian_bytes_kernels.h: sums of bytes by whole weights of 256 in all, exact, in 16 and 32 bits.
//
// A value v is taken less 128: a sum of one direction, by weights that are not negative and 256 in all, then fits 16 bits,
// -32768 <= sum w (v - 128) <= 32512, and so does each part of it. The processor multiplies and adds neighbours in pairs;
// a pair serves several results, each with weights of its own.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay {

inline constexpr int kByteRows = 4;         // rows of sums that are made at once
inline constexpr ptrdiff_t kByteTile = 64;  // the least number of values of a row

class ByteWeights {
 public:
  /// w_0 .. w_radius of a symmetric kernel; radius >= 1, 0 <= w_k < 256, w_0 + 2 (w_1 + ..) = 256.
  explicit ByteWeights(const std::vector<int>& w);
  int radius() const { return radius_; }

  struct alignas(32) Bytes {
    std::array<uint8_t, 32> at;  // two weights, sixteen times
  };
  struct alignas(32) Words {
    std::array<int16_t, 16> at;  // two weights, eight times
  };
  std::vector<std::array<Bytes, kByteRows>> down;  // of rows 2k and 2k + 1, for each of the rows of sums
  std::vector<std::array<Words, 2>> along;         // of columns 2k and 2k + 1, for the first result and the second

 private:
  int radius_;
};

/// n columns (at least kByteTile) of the 2r + 4 rows to kByteRows rows of sums of values less 128, `stride` apart.
void sum_bytes_down_columns(const uint8_t* const* rows, ptrdiff_t n, const ByteWeights& w, int16_t* out,
                            ptrdiff_t stride);

/// out[i] = sum_k w_{k - r} in[i + k step] / 65536 + 128, k = 0 .. 2r, halves upwards, for i = 0 .. n - 1, n at least
/// kByteTile. step: 1, 3 or 4. Reads step + 1 sums too many.
void sum_words_along_row(const int16_t* in, ptrdiff_t n, ptrdiff_t step, const ByteWeights& w, uint8_t* out);

}  // namespace assay
