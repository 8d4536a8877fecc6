// Method     a block of kBlock rows: 1 its rows (x, 1) packed side by side in panels   2 scores, residuals r and curvatures v
//            3 beside each row (v x, v, r)   4 the lower half of (v x, v, r)' (x, 1) is added: H, and in its last row g
// Departures from the paper: none; this is the loss, gradient and Hessian of logistic_loss.cpp, but the table is read once,
//            and a block stays in the cache. A chunk of kRows rows has its own sums, added in order.
#include <algorithm>

#include "assay/core/gram_kernels.h"
#include "assay/ml/linear/logistic_kernels.h"
#include "assay/ml/linear/logistic_loss.h"

namespace assay::logistic {
namespace {

constexpr Index kBlock = 128;
constexpr Index kRows = 4096;
constexpr Index kMost = 191;  // unknowns: partial sums of a chunk stay small

struct Part {
  double loss = 0;
  Matrix C;
};

// Step 1.
void pack_rows(const Matrix& X, Index begin, Index end, bool intercept, Index panels, double* right) {
  const Index d = X.cols();
  for (Index q = 0; q < panels; ++q) {
    const Index first = q * kPanel, width = std::clamp<Index>(d - first, 0, kPanel);
    double* out = right + q * kBlock * kPanel;
    for (Index i = begin; i < end; ++i, out += kPanel) {
      const double* x = X.row(i).data() + first;
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
void pack_weighted(Index rows, Index panels, Index last, const double* right, const double* r, const double* v,
                   double* left) {
  for (Index q = 0; q < panels; ++q) {
    const double* x = right + q * kBlock * kPanel;
    double* out = left + q * kBlock * kPanel;
    for (Index i = 0; i < rows; ++i, x += kPanel, out += kPanel)
      for (int j = 0; j < kPanel; ++j) out[j] = v[i] * x[j];
  }
  double* out = left + last / kPanel * kBlock * kPanel + last % kPanel;
  for (Index i = 0; i < rows; ++i) out[i * kPanel] = r[i];
}

}  // namespace

bool reads_once(const Loss& loss) { return !loss.sparse() && loss.K() == 1 && loss.unknowns() <= kMost; }

double evaluate_with_hessian(const Loss& loss, const Vector& theta, Vector& gradient, Matrix& hessian) {
  const Matrix& X = loss.rows();
  const Index d = loss.d(), p = loss.p(), m = p + 1, panels = (m + kPanel - 1) / kPanel, padded = panels * kPanel;
  const double b = loss.intercept() ? theta[d] : 0;
  const Part total = parallel_reduce(
      loss.threads(), loss.n(), kRows, Part{0, Matrix::Zero(padded, padded)},
      [&](Index begin, Index end) {
        Part part{0, Matrix::Zero(padded, padded)};
        Vector right(panels * kBlock * kPanel), left(panels * kBlock * kPanel);
        double z[kBlock], r[kBlock], v[kBlock];
        for (Index at = begin; at < end; at += kBlock) {
          const Index last = std::min(at + kBlock, end), rows = last - at;
          pack_rows(X, at, last, loss.intercept(), panels, right.data());
          for (Index i = 0; i < rows; ++i) z[i] = dot(X.row(at + i).data(), theta.data(), d) + b;
          part.loss += two_class_rows(rows, z, loss.codes().data() + at, loss.row_weight().data() + at, r, v);
          pack_weighted(rows, panels, p, right.data(), r, v, left.data());
          for (Index q = 0; q < panels; ++q)
            for (Index i = q * kPanel; i < m; i += kTileRows) {
              const Index panel = i / kPanel, within = i % kPanel;
              const int third = panel > q ? 3 : static_cast<int>(within / kTileRows) + 1;
              add_tile(third, rows, left.data() + panel * kBlock * kPanel + within, right.data() + q * kBlock * kPanel,
                       part.C.row(i).data() + q * kPanel, padded);
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
  hessian.diagonal().head(d).array() += loss.ridge();
  gradient.head(d) += loss.ridge() * theta.head(d);
  return total.loss + 0.5 * loss.ridge() * theta.head(d).squaredNorm();
}

}  // namespace assay::logistic
