// core/thin_product.cpp: A Z and A'Y where A is large and Z, Y have few columns: what the methods of randomised projection do.
//
// Method     The thin factor is packed once: panels of kPanel of its columns side by side, padded with zeros. A is read where
//            it lies, kTileRows of its rows (or, for A'Y, of its columns) at a time, in blocks that stay in the cache while
//            all panels pass. A general product copies every block of A first, which takes as long as a third of the
//            arithmetic where the other factor has 30 columns.
// Threads    Each owns rows of the result; a number's sum runs in the order of A's columns (rows), whatever the thread count.
#include "assay/core/thin_product.h"

#include <algorithm>

#include "assay/core/parallel.h"
#include "assay/core/thin_product_kernels.h"

namespace assay {
namespace {

constexpr Index kChunk = 256;  // rows of the result a task owns
constexpr Index kDepth = 256;  // of the sum in one tile of A Z: half a page of each row
constexpr Index kRows = 128;   // of A in one tile of A'Y: 128 x kChunk numbers of A stay in the second-level cache

struct Panels {
  explicit Panels(const Columns& thin)
      : rows(thin.rows()), columns(thin.cols()), count((columns + kPanel - 1) / kPanel) {
    data = Vector::Zero(count * rows * kPanel);
    for (Index j = 0; j < columns; ++j) {
      double* out = data.data() + j / kPanel * rows * kPanel + j % kPanel;
      const double* in = thin.col(j).data();
      for (Index p = 0; p < rows; ++p) out[p * kPanel] = in[p];
    }
  }
  const double* at(Index q, Index p) const { return data.data() + (q * rows + p) * kPanel; }
  int thirds(Index q) const {
    return static_cast<int>((std::min<Index>(kPanel, columns - q * kPanel) + kTileRows - 1) / kTileRows);
  }

  Index rows, columns, count;
  Vector data;
};

// Rows begin .. end of the result: tile(r, p, length, q, C, ldc) adds to rows r, r + 1, ... of it, panel q, the products of p, p + 1, ...
template <class Tile>
void sum_tiles(const Panels& panels, Index begin, Index end, Index depth, Columns& result, const Tile& tile) {
  const Index padded = (end - begin + kTileRows - 1) / kTileRows * kTileRows, width = panels.count * kPanel;
  Matrix sums = Matrix::Zero(padded, width);
  for (Index p = 0; p < panels.rows; p += depth)
    for (Index r = 0; r < padded; r += kTileRows)
      for (Index q = 0; q < panels.count; ++q)
        tile(begin + r, p, std::min(depth, panels.rows - p), q, sums.row(r).data() + q * kPanel, width);
  result.middleRows(begin, end - begin) = sums.topLeftCorner(end - begin, panels.columns);
}

}  // namespace

Columns thin_times(const Matrix& A, const Columns& Z, int threads) {
  const Panels panels(Z);
  Columns Y(A.rows(), Z.cols());
  parallel_for(threads, A.rows(), kChunk, [&](Index begin, Index end) {
    Matrix last(kTileRows, kDepth);  // the rows that fill no tile, and zeros
    sum_tiles(panels, begin, end, kDepth, Y, [&](Index r, Index p, Index length, Index q, double* C, Index ldc) {
      const bool whole = r + kTileRows <= A.rows();
      if (!whole && q == 0) {
        last.setZero();
        last.topLeftCorner(A.rows() - r, length) = A.block(r, p, A.rows() - r, length);
      }
      add_tile_of_rows(panels.thirds(q), length, whole ? A.row(r).data() + p : last.data(), whole ? A.cols() : kDepth,
                       panels.at(q, p), C, ldc);
    });
  });
  return Y;
}

Columns thin_transposed_times(const Matrix& A, const Columns& Y, int threads) {
  const Panels panels(Y);
  Columns P(A.cols(), Y.cols());
  parallel_for(threads, A.cols(), kChunk, [&](Index begin, Index end) {
    Matrix last(kRows, kTileRows);
    sum_tiles(panels, begin, end, kRows, P, [&](Index c, Index p, Index length, Index q, double* C, Index ldc) {
      const bool whole = c + kTileRows <= A.cols();
      if (!whole && q == 0) {
        last.setZero();
        last.topLeftCorner(length, A.cols() - c) = A.block(p, c, length, A.cols() - c);
      }
      add_tile_of_columns(panels.thirds(q), length, whole ? A.row(p).data() + c : last.data(),
                          whole ? A.cols() : kTileRows, panels.at(q, p), C, ldc);
    });
  });
  return P;
}

}  // namespace assay
