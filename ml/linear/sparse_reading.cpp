// Method     A: for each column of X its weights and, beside them in the same cache line, its sums of x r
//            a block of kBlock rows: 1 scores from A   2 residuals   3 x r added to A, while the rows and their lines are near
//            a chunk of rows has its own A; their sums are added in order. There are few chunks: each costs A's size
// Departures from the paper: none.
#include <algorithm>
#include <string>

#include "assay/core/error.h"
#include "assay/ml/linear/one_reading.h"
#include "assay/ml/linear/sparse_reading_kernels.h"

namespace assay {
namespace {

constexpr Index kBlock = 32;
constexpr Index kMostColumns = Index{1} << 30;  // 2 f is an int
constexpr Index kEntries = 16;                  // a chunk has so many entries for each column

struct Sums {
  double loss = 0;
  Matrix x_r;  // d x K
  Vector r;    // K
};

Index rows_of_chunk(const Csr& X) {
  const auto entries = static_cast<Index>(X.value.size());
  const Index chunks = std::clamp<Index>(entries / (kEntries * std::max<Index>(1, X.columns)), 1, 64);
  return std::max<Index>(kBlock, (X.rows + chunks - 1) / chunks);
}

SparseRow row_of(const Csr& X, Index i) {
  const int64_t first = X.row_start[static_cast<size_t>(i)], last = X.row_start[static_cast<size_t>(i) + 1];
  return {X.value.data() + first, X.column.data() + first, static_cast<Index>(last - first)};
}

}  // namespace

double read_classes(const Csr& X, bool intercept, const Matrix& theta, const ClassLoss& loss, int threads,
                    Matrix& gradient) {
  const Index d = X.columns, K = theta.rows();
  if (d >= kMostColumns) throw DataError("a sparse table has " + std::to_string(d) + " columns, 2^30 at most");
  const Vector b = intercept ? Vector(theta.col(d)) : Vector(Vector::Zero(K));
  const Sums total = parallel_reduce(
      threads, X.rows, rows_of_chunk(X), Sums{0, Matrix::Zero(d, K), Vector::Zero(K)},
      [&](Index begin, Index end) {
        Matrix A = Matrix::Zero(d, 2 * K), z(kBlock, K), r(kBlock, K);
        A.leftCols(K) = theta.leftCols(d).transpose();
        Sums part{0, {}, Vector::Zero(K)};
        for (Index at = begin; at < end; at += kBlock) {
          const Index rows = std::min(kBlock, end - at);
          z.rowwise() = b.transpose();
          for (Index i = 0; i < rows; ++i) {
            if (K == 1)
              z(i, 0) += pair_score(row_of(X, at + i), A.data());
            else
              add_scores(row_of(X, at + i), K, A.data(), z.row(i).data());
          }
          part.loss += loss(at, rows, K, z.data(), r.data());
          for (Index i = 0; i < rows; ++i) {
            if (K == 1)
              add_to_pairs(row_of(X, at + i), r(i, 0), A.data());
            else
              add_to_sums(row_of(X, at + i), K, r.row(i).data(), A.data());
            part.r += r.row(i).transpose();
          }
        }
        part.x_r = A.rightCols(K);
        return part;
      },
      [](Sums& sum_so_far, const Sums& part) {
        sum_so_far.loss += part.loss;
        sum_so_far.x_r += part.x_r;
        sum_so_far.r += part.r;
      });
  gradient.resize(K, theta.cols());
  gradient.leftCols(d) = total.x_r.transpose();
  if (intercept) gradient.col(d) = total.r;
  return total.loss;
}

Matrix square_sums(const Csr& X, const Matrix& V, int threads) {
  const Index K = V.cols();
  return parallel_reduce(
      threads, X.rows, rows_of_chunk(X), Matrix(Matrix::Zero(X.columns, K)),
      [&](Index begin, Index end) {
        Matrix part = Matrix::Zero(X.columns, K);
        for (Index i = begin; i < end; ++i) {
          const SparseRow row = row_of(X, i);
          const double* v = V.row(i).data();
          for (Index e = 0; e < row.entries; ++e) {
            const double x2 = row.value[e] * row.value[e];
            double* out = part.row(row.column[e]).data();
            for (Index k = 0; k < K; ++k) out[k] += x2 * v[k];
          }
        }
        return part;
      },
      [](Matrix& sum_so_far, const Matrix& part) { sum_so_far += part; });
}

}  // namespace assay
