// imgproc/geometry/byte_rows_kernels.h: resizing of bytes in two steps that leave nothing to a third: sums along the rows straight
// from bytes, and sums of rows straight to bytes. Both are exact or correctly rounded, so that every machine gives the same.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "assay/imgproc/geometry/resize_kernels.h"
#include "assay/imgproc/geometry/taps.h"

namespace assay {

/// Sums of bytes with whole weights: as many neighbouring taps as a Sum has bytes are picked side by side, and one instruction
/// multiplies and adds them. Blocks that repeat (at a ratio of small numbers nearly all do) share one pattern.
template <class Sum>
class ByteDots {
 public:
  static constexpr int kRegister = 64, kTaps = sizeof(Sum), kBlock = kRegister / kTaps;
  static constexpr int kSlack = kRegister;
  /// None where the machine cannot, a block of outputs reaches farther than a register of bytes, there are more than eight
  /// patterns' worth of taps, or a weight is too large: 127 and no less than 0 for uint16_t, 8127 for float.
  static std::optional<ByteDots> of(const Taps& taps, int channels);
  /// The outputs of blocks begin..end, the first of them written to out[0]; `in` is readable for kSlack bytes more.
  void block_range_sums(const uint8_t* in, ptrdiff_t begin, ptrdiff_t end, Sum* out) const;

 private:
  using Bytes = std::array<uint8_t, kRegister>;
  struct alignas(kRegister) Pattern {
    Bytes pick{}, low{}, high{};  // weight = 64 high + low, both signed; uint16_t: low alone
    bool operator==(const Pattern&) const = default;
  };
  template <int groups>
  void sum_blocks(const uint8_t* in, ptrdiff_t begin, ptrdiff_t end, Sum* out) const;

  int groups_ = 1;          // patterns a block
  std::vector<int> base_;   // a block: its lowest input value
  std::vector<int> which_;  // a block: its first pattern
  std::vector<Pattern> patterns_;
};

/// out[i] = sum_t w[t] rows[t][i] to the nearest, clamped, where the sum errs by at most `error` and count <= 8. Writes down the
/// places within that of a half, which the caller must decide, and returns how many. Rows are readable up to a multiple of 64.
int sum_rows_rounded(const float* const* rows, const float* w, int count, double error, uint8_t* out, ptrdiff_t n,
                     int* doubts);

/// out[i] = (w0 a[i] + w1 b[i]) / d to the nearest, ties to even, for sums up to 255 d.
void blend_rows_divided(const uint16_t* a, const uint16_t* b, uint16_t w0, uint16_t w1, const WholeDivision& division,
                        uint8_t* out, ptrdiff_t n);

}  // namespace assay
