// Method     A: for each column of X its weights and, beside them in the same cache line, its sums of x r
//            a block of kBlock rows: 1 scores from A   2 residuals   3 x r added to A, while the rows and their lines are near
//            a chunk of rows has its own A; their sums are added in order. There are few chunks: each costs A's size
// Departures from the paper: none.
#include <algorithm>

#include "assay/ml/data/sparse.h"
#include "assay/ml/linear/one_reading.h"

namespace assay {
namespace {

constexpr Index kBlock = 32;
constexpr Index kEntries = 16;  // a chunk has so many entries for each column

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

// The entries of a row, and A's lines.
struct Row {
  const double* value;
  const int32_t* column;
  Index entries;
};

Row row_of(const Csr& X, Index i) {
  const int64_t first = X.row_start[static_cast<size_t>(i)], last = X.row_start[static_cast<size_t>(i) + 1];
  return {X.value.data() + first, X.column.data() + first, static_cast<Index>(last - first)};
}

// Two classes: pairs (w_f, sum of x r).
ASSAY_GATHER double score(const Row& row, const double* __restrict pairs) {
  const double* x = row.value;
  const int32_t* f = row.column;
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (Index e = 0; e < row.entries; ++e) total += x[e] * pairs[2 * Index{f[e]}];
  return total;
}

// The columns of a row differ: four sums are on their way at a time.
void add(const Row& row, double r, double* __restrict pairs) {
  const double* x = row.value;
  const int32_t* f = row.column;
  double* sums = pairs + 1;
  Index e = 0;
  for (; e + 4 <= row.entries; e += 4) {
    const double a = sums[2 * Index{f[e]}] + x[e] * r, b = sums[2 * Index{f[e + 1]}] + x[e + 1] * r;
    const double c = sums[2 * Index{f[e + 2]}] + x[e + 2] * r, d = sums[2 * Index{f[e + 3]}] + x[e + 3] * r;
    sums[2 * Index{f[e]}] = a;
    sums[2 * Index{f[e + 1]}] = b;
    sums[2 * Index{f[e + 2]}] = c;
    sums[2 * Index{f[e + 3]}] = d;
  }
  for (; e < row.entries; ++e) sums[2 * Index{f[e]}] += x[e] * r;
}

void add_scores(const Row& row, Index K, const double* A, double* z) {
  for (Index e = 0; e < row.entries; ++e) {
    const double x = row.value[e];
    const double* w = A + 2 * K * row.column[e];
    for (Index k = 0; k < K; ++k) z[k] += x * w[k];
  }
}

void add(const Row& row, Index K, const double* __restrict r, double* __restrict A) {
  for (Index e = 0; e < row.entries; ++e) {
    const double x = row.value[e];
    double* sums = A + 2 * K * row.column[e] + K;
    for (Index k = 0; k < K; ++k) sums[k] += x * r[k];
  }
}

}  // namespace

double read_classes(const Csr& X, bool intercept, const Matrix& theta, const ClassLoss& loss, int threads,
                    Matrix& gradient) {
  const Index d = X.columns, K = theta.rows();
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
              z(i, 0) += score(row_of(X, at + i), A.data());
            else
              add_scores(row_of(X, at + i), K, A.data(), z.row(i).data());
          }
          part.loss += loss(at, rows, K, z.data(), r.data());
          for (Index i = 0; i < rows; ++i) {
            if (K == 1)
              add(row_of(X, at + i), r(i, 0), A.data());
            else
              add(row_of(X, at + i), K, r.row(i).data(), A.data());
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
          const Row row = row_of(X, i);
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
