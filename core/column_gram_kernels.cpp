// A tile's sums are named as vectors: g++ 12 keeps an array of lanes in memory (four times slower).
#include "assay/core/column_gram_kernels.h"

#include "assay/core/simd.h"

namespace assay {
namespace {

// Sums have eight lanes whatever the machine's registers are, so that they are the same everywhere.
constexpr int kLanes = 8, kWide = kSimdBytes / sizeof(double), kTile = kGramTile;
constexpr int kColumns = kSimdBytes == 64 ? kTile : kTile / 2;  // whose sums fit the registers
using Wide = Simd<double>;

// out = A'B for kGramTile columns of A and kColumns of B, lanes first .. first + kWide - 1. Each value that is loaded is used
// again.
void part_of_tile(const double* A, const double* B, int first, double (&lane)[kTile][kColumns][kLanes]) {
  Wide acc[kTile][kColumns] = {};
  for (Eigen::Index i = first; i < kGramRows; i += kLanes) {
    Wide a[kTile], b[kColumns];
    for (int r = 0; r < kTile; ++r) a[r] = *reinterpret_cast<const Wide*>(A + r * kGramRows + i);
    for (int c = 0; c < kColumns; ++c) b[c] = *reinterpret_cast<const Wide*>(B + c * kGramRows + i);
    for (int r = 0; r < kTile; ++r)
      for (int c = 0; c < kColumns; ++c) acc[r][c] += a[r] * b[c];
  }
  for (int r = 0; r < kTile; ++r)
    for (int c = 0; c < kColumns; ++c) {
      const Wide x = acc[r][c];
      for (int l = 0; l < kWide; ++l) lane[r][c][first + l] = x[l];
    }
}

// out = A'B for kGramTile columns each.
void gram_tile(const double* A, const double* B, double* out) {
  double lane[kTile][kColumns][kLanes];
  for (int from = 0; from < kTile; from += kColumns) {
    for (int first = 0; first < kLanes; first += kWide) part_of_tile(A, B + from * kGramRows, first, lane);
    for (int r = 0; r < kTile; ++r)
      for (int c = 0; c < kColumns; ++c) {
        const double* x = lane[r][c];
        out[r * kTile + from + c] = ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
      }
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
