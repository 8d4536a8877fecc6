// Method     a block of kBlock rows: 1 scores, residuals r and curvatures v   2 the rows that count, (x, 1), packed side by side in
//            panels   3 beside each row (v x, v, r)   4 the lower half of (v x, v, r)' (x, 1) is added: H, and in its last row g
// Departures from the paper: none; a block stays in the cache. A chunk of kRows rows has its own sums, added in order.
#include "assay/ml/linear/one_reading.h"

#include <algorithm>

#include "assay/core/gram_kernels.h"

namespace assay {
namespace {

constexpr Index kBlock = 128;
constexpr Index kRows = 4096;

struct Part {
  double loss = 0;
  Matrix C;
};

// The rows of one block that count, with their r and v.
struct Block {
  Index rows = 0;
  const double* x[kBlock];
  double r[kBlock], v[kBlock];
};

// Step 2.
void pack_rows(const Block& block, Index d, bool intercept, Index panels, double* right) {
  for (Index q = 0; q < panels; ++q) {
    const Index first = q * kPanel, width = std::clamp<Index>(d - first, 0, kPanel);
    double* out = right + q * kBlock * kPanel;
    for (Index i = 0; i < block.rows; ++i, out += kPanel) {
      const double* x = block.x[i] + first;
      if (width == kPanel) {
        for (int j = 0; j < kPanel; ++j) out[j] = x[j];
        continue;
      }
      for (Index j = 0; j < width; ++j) out[j] = x[j];
      for (Index j = width; j < kPanel; ++j) out[j] = intercept && first + j == d ? 1.0 : 0.0;
    }
  }
}

// Step 3.
void pack_weighted(const Block& block, Index panels, Index last, const double* right, double* left) {
  for (Index q = 0; q < panels; ++q) {
    const double* x = right + q * kBlock * kPanel;
    double* out = left + q * kBlock * kPanel;
    for (Index i = 0; i < block.rows; ++i, x += kPanel, out += kPanel)
      for (int j = 0; j < kPanel; ++j) out[j] = block.v[i] * x[j];
  }
  double* out = left + last / kPanel * kBlock * kPanel + last % kPanel;
  for (Index i = 0; i < block.rows; ++i) out[i * kPanel] = block.r[i];
}

}  // namespace

double read_once(const Matrix& X, bool intercept, const Vector& theta, const RowLoss& loss, int threads,
                 Vector& gradient, Matrix& hessian) {
  const Index d = X.cols(), p = theta.size(), m = p + 1, panels = (m + kPanel - 1) / kPanel, padded = panels * kPanel;
  const double b = intercept ? theta[d] : 0;
  const Part total = parallel_reduce(
      threads, X.rows(), kRows, Part{0, Matrix::Zero(padded, padded)},
      [&](Index begin, Index end) {
        Part part{0, Matrix::Zero(padded, padded)};
        Vector right(panels * kBlock * kPanel), left(panels * kBlock * kPanel);
        Block block;
        double z[kBlock];
        for (Index at = begin; at < end; at += kBlock) {
          const Index rows = std::min(kBlock, end - at);
          for (Index i = 0; i < rows; ++i) z[i] = dot(X.row(at + i).data(), theta.data(), d) + b;
          part.loss += loss(at, rows, z, block.r, block.v);
          block.rows = 0;
          for (Index i = 0; i < rows; ++i)
            if (block.r[i] != 0 || block.v[i] != 0) {
              block.x[block.rows] = X.row(at + i).data();
              block.r[block.rows] = block.r[i];
              block.v[block.rows++] = block.v[i];
            }
          pack_rows(block, d, intercept, panels, right.data());
          pack_weighted(block, panels, p, right.data(), left.data());
          for (Index q = 0; q < panels; ++q)
            for (Index i = q * kPanel; i < m; i += kTileRows) {
              const Index panel = i / kPanel, within = i % kPanel;
              const int third = panel > q ? 3 : static_cast<int>(within / kTileRows) + 1;
              add_tile(third, block.rows, left.data() + panel * kBlock * kPanel + within,
                       right.data() + q * kBlock * kPanel, part.C.row(i).data() + q * kPanel, padded);
            }
        }
        return part;
      },
      [](Part& sum_so_far, const Part& part) {
        sum_so_far.loss += part.loss;
        sum_so_far.C += part.C;
      });
  hessian = total.C.topLeftCorner(p, p).selfadjointView<Eigen::Lower>();
  gradient = total.C.row(p).head(p).transpose();
  return total.loss;
}

Matrix gram_with_ones(const Matrix& X, bool intercept, const Vector& v, int threads) {
  const Index d = X.cols(), p = d + (intercept ? 1 : 0);
  Matrix G(p, p);
  G.topLeftCorner(d, d) = gram(X, v, threads);
  if (!intercept) return G;
  const Matrix border = transposed_times(X, Matrix(v), threads);
  G.col(d).head(d) = border;
  G.row(d).head(d) = border.transpose();
  G(d, d) = sum(v.data(), X.rows());
  return G;
}

}  // namespace assay
