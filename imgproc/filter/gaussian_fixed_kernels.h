// imgproc/filter/gaussian_fixed_kernels.h: sums of bytes by weights of 16 bits, in 32 bits: nearly exact, to a proven bound.
//
// Down the columns, with weights a_k = A w_k rounded:    T = (sum_k a_k v_k - 128 sum_k a_k) / 2^t rounded, in 16 bits
// Along the row, with b_k = B w_k rounded, A B = 2^(24 + t):    2^24 (g - 128) = sum_k b_k T_k, nearly
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "assay/imgproc/filter/gaussian_bytes_kernels.h"

namespace assay {

class FixedWeights {
 public:
  /// w_0 .. w_r of a symmetric kernel, r >= 1, none negative, 1 in all. None where w_0 is too large for 16 bits.
  static std::optional<FixedWeights> of(const std::vector<double>& w);
  int radius() const { return radius_; }
  /// How far a sum may be from the true one, in levels; and so many 256ths of all sums are in doubt.
  double bound() const { return bound_; }
  int doubt() const { return doubt_; }
  const std::vector<double>& exact() const { return exact_; }

  std::vector<std::array<int32_t, kByteRows>> down;  // two weights: of rows 2k and 2k + 1, for each of the rows of sums
  std::vector<std::array<int32_t, 2>> along;         // of columns 2k and 2k + 1, for the first result and the second
  int shift = 0;                                     // t
  int32_t start_down = 0, start_along = 0, all_down = 0;  // what sums begin with; sum_k a_k

 private:
  int radius_ = 0, doubt_ = 0;
  double bound_ = 0;
  std::vector<double> exact_;
};

/// n columns (at least kByteTile) of the 2r + 4 rows to kByteRows rows of T, `stride` apart.
void sum_bytes_down_columns(const uint8_t* const* rows, ptrdiff_t n, const FixedWeights& w, int16_t* out,
                            ptrdiff_t stride);

/// T of columns i, i + step .. i + 2r step to results i = 0 .. n - 1, n at least kByteTile. step: 1, 3 or 4. Reads step + 1 of
/// T too many. Where a result may be wrong, its place goes to `doubtful`, which has room for 2 n + 64 places; returns the end
/// of them.
int* sum_words_along_row(const int16_t* in, ptrdiff_t n, ptrdiff_t step, const FixedWeights& w, uint8_t* out,
                         int* doubtful);

/// Sums for single values: of the square around each, by weights w_i w_j of 23 bits, in whole numbers.
class SingleSums {
 public:
  /// w_0 .. w_r, 1 in all, r <= 127; neighbours in a row stand `step` values apart.
  SingleSums(const std::vector<double>& w, ptrdiff_t step);
  /// Rounds the sums at the places first .. last - 1 of a row to out; rows: 2r + 1 of the picture, of n values each; `wide` can
  /// be read. What this cannot tell goes to `left`, which has room for all and one more; returns the end of that.
  int* round(const uint8_t* const* rows, ptrdiff_t n, ptrdiff_t wide, const int* first, const int* last, uint8_t* out,
             int* left) const;

 private:
  int radius_;
  ptrdiff_t reach_, sixteens_;
  int bits_;
  int64_t margin_;  // how far a sum may be from the true one, times 2^bits
  // The weights times 2^bits are 256 high + low. For each pair of rows, from the middle outwards: zeros, sixteens_ times sixteen, then the weights
  // with zeros where other channels stand, and zeros again.
  std::vector<int16_t> high_, low_;
};

}  // namespace assay
