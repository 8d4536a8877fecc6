// Method     a block of kBlock rows: 1 scores, residuals r and curvatures v   2 the rows that count, (x, 1), packed side by side in
//            panels   3 beside each row (v x, v, r)   4 the lower half of (v x, v, r)' (x, 1) is added: H, and in its last row g
//            Classes: 1 scores of 8 rows by a panel of classes, a tile   2 residuals   3 the rows packed   4 R' (x, 1) is added
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

// W' in panels of kPanel classes, b beside it; a class beyond K has zeros.
struct ClassPanels {
  Index d, panels;
  Vector w, b;
  ClassPanels(const Matrix& theta, Index columns)
      : d(columns),
        panels((theta.rows() + kPanel - 1) / kPanel),
        w(Vector::Zero(panels * d * kPanel)),
        b(Vector::Zero(panels * kPanel)) {
    for (Index k = 0; k < theta.rows(); ++k) {
      for (Index f = 0; f < d; ++f) w[k / kPanel * d * kPanel + f * kPanel + k % kPanel] = theta(k, f);
      if (theta.cols() > d) b[k] = theta(k, d);
    }
  }
  const double* panel(Index q) const { return w.data() + q * d * kPanel; }
};

int thirds(Index width) { return static_cast<int>(std::min<Index>((width + kTileRows - 1) / kTileRows, 3)); }

double read_classes(const Matrix& X, bool intercept, const Matrix& theta, const ClassLoss& loss, int threads,
                    Matrix& gradient) {
  const Index d = X.cols(), p = theta.cols(), K = theta.rows();
  const Index stride = (K + kTileRows - 1) / kTileRows * kTileRows, panels = (p + kPanel - 1) / kPanel;
  const ClassPanels W(theta, d);
  struct Sums {
    double loss = 0;
    Matrix G;
  };
  const Sums total = parallel_reduce(
      threads, X.rows(), kRows, Sums{0, Matrix::Zero(stride, panels * kPanel)},
      [&](Index begin, Index end) {
        Sums part{0, Matrix::Zero(stride, panels * kPanel)};
        Matrix z(kBlock, stride), r(kBlock, stride), tail(kTileRows, d);
        Vector right(panels * kBlock * kPanel);
        Block block;
        for (Index at = begin; at < end; at += kBlock) {
          const Index rows = std::min(kBlock, end - at);
          for (Index i = 0; i < rows; i += kTileRows) {
            z.middleRows(i, kTileRows).rowwise() = W.b.head(stride).transpose();
            const bool whole = i + kTileRows <= rows;
            if (!whole) {
              tail.setZero();
              tail.topRows(rows - i) = X.middleRows(at + i, rows - i);
            }
            for (Index q = 0; q < W.panels; ++q)
              add_tile(thirds(stride - q * kPanel), d, whole ? X.row(at + i).data() : tail.data(), d, 1, W.panel(q),
                       z.row(i).data() + q * kPanel, stride);
          }
          part.loss += loss(at, rows, stride, z.data(), r.data());
          block.rows = rows;
          for (Index i = 0; i < rows; ++i) block.x[i] = X.row(at + i).data();
          pack_rows(block, d, intercept, panels, right.data());
          for (Index q = 0; q < panels; ++q)
            for (Index k = 0; k < stride; k += kTileRows)
              add_tile(thirds(p - q * kPanel), rows, r.data() + k, 1, stride, right.data() + q * kBlock * kPanel,
                       part.G.row(k).data() + q * kPanel, panels * kPanel);
        }
        return part;
      },
      [](Sums& sum_so_far, const Sums& part) {
        sum_so_far.loss += part.loss;
        sum_so_far.G += part.G;
      });
  gradient = total.G.topLeftCorner(K, p);
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
