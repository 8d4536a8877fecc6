// A tile's sixteen sums are named as vectors of eight lanes: g++ 12 keeps an array of them in memory (four times slower).
#include "assay/core/column_gram_kernels.h"

#include "assay/core/simd.h"

namespace assay {
namespace {

constexpr int kLanes = 8, kTile = kGramTile;
using Lanes = Simd<double, kLanes>;

// out = A'B for kGramTile columns each. Each value that is loaded is used four times.
void gram_tile(const double* __restrict A, const double* __restrict B, double* __restrict out) {
  Lanes acc[kTile][kTile] = {};
  for (Eigen::Index i = 0; i < kGramRows; i += kLanes) {
    Lanes a[kTile], b[kTile];
    for (int r = 0; r < kTile; ++r) a[r] = *reinterpret_cast<const Lanes*>(A + r * kGramRows + i);
    for (int c = 0; c < kTile; ++c) b[c] = *reinterpret_cast<const Lanes*>(B + c * kGramRows + i);
    for (int r = 0; r < kTile; ++r)
      for (int c = 0; c < kTile; ++c) acc[r][c] += a[r] * b[c];
  }
  for (int r = 0; r < kTile; ++r)
    for (int c = 0; c < kTile; ++c) {
      const Lanes x = acc[r][c];
      out[r * kTile + c] = ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
    }
}

}  // namespace

void add_column_gram(const double* A, Eigen::Index p, double* G) {
  double tile[kTile * kTile];
  for (Eigen::Index a = 0; a < p; a += kTile)
    for (Eigen::Index b = 0; b <= a; b += kTile) {
      gram_tile(A + a * kGramRows, A + b * kGramRows, tile);
      for (int r = 0; r < kTile; ++r)
        for (int c = 0; c < kTile; ++c) G[(a + r) * p + b + c] += tile[r * kTile + c];
    }
}

}  // namespace assay
