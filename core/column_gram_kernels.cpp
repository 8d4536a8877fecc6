#include "assay/core/column_gram_kernels.h"

namespace assay {
namespace {

constexpr Eigen::Index kLanes = 8;

// out = A'B for kGramTile columns each. Sixteen sums stay in registers, so each value that is loaded is used four times.
void gram_tile(const double* __restrict A, const double* __restrict B, double* __restrict out) {
  double acc[kGramTile * kGramTile][kLanes] = {};
  for (Eigen::Index i = 0; i < kGramRows; i += kLanes)
    for (Eigen::Index r = 0; r < kGramTile; ++r)
      for (Eigen::Index c = 0; c < kGramTile; ++c)
        for (Eigen::Index l = 0; l < kLanes; ++l)
          acc[r * kGramTile + c][l] += A[r * kGramRows + i + l] * B[c * kGramRows + i + l];
  for (Eigen::Index t = 0; t < kGramTile * kGramTile; ++t) {
    const double* x = acc[t];
    out[t] = ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
  }
}

}  // namespace

void add_column_gram(const double* A, Eigen::Index p, double* G) {
  double tile[kGramTile * kGramTile];
  for (Eigen::Index a = 0; a < p; a += kGramTile)
    for (Eigen::Index b = 0; b <= a; b += kGramTile) {
      gram_tile(A + a * kGramRows, A + b * kGramRows, tile);
      for (Eigen::Index r = 0; r < kGramTile; ++r)
        for (Eigen::Index c = 0; c < kGramTile; ++c) G[(a + r) * p + b + c] += tile[r * kGramTile + c];
    }
}

}  // namespace assay
