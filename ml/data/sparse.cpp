// Method     transposed: count the entries of each column, then put them row by row   times: a dot product a row
#include "assay/ml/data/sparse.h"

namespace assay {
namespace {

constexpr Index kRows = 512;  // rows of one task

}  // namespace

Csr transposed(const Csr& X) {
  Csr T;
  T.rows = X.columns;
  T.columns = X.rows;
  T.row_start.assign(static_cast<size_t>(X.columns) + 1, 0);
  T.column.resize(X.column.size());
  T.value.resize(X.value.size());
  for (const int32_t f : X.column) ++T.row_start[static_cast<size_t>(f) + 1];
  for (size_t f = 1; f < T.row_start.size(); ++f) T.row_start[f] += T.row_start[f - 1];
  std::vector<int64_t> next(T.row_start.begin(), T.row_start.end() - 1);
  for (Index i = 0; i < X.rows; ++i)
    for (auto e = static_cast<size_t>(X.row_start[static_cast<size_t>(i)]);
         e < static_cast<size_t>(X.row_start[static_cast<size_t>(i) + 1]); ++e) {
      const auto to = static_cast<size_t>(next[static_cast<size_t>(X.column[e])]++);
      T.column[to] = static_cast<int32_t>(i);
      T.value[to] = X.value[e];
    }
  return T;
}

Csr entries_of(const Matrix& X) {
  Csr S;
  S.rows = X.rows();
  S.columns = X.cols();
  for (Index i = 0; i < X.rows(); ++i) {
    for (Index f = 0; f < X.cols(); ++f)
      if (X(i, f) != 0) {
        S.column.push_back(static_cast<int32_t>(f));
        S.value.push_back(X(i, f));
      }
    S.row_start.push_back(static_cast<int64_t>(S.value.size()));
  }
  return S;
}

void add_row(const Csr& X, Index i, double a, Vector& out) {
  const double* value = X.value.data();
  const int32_t* column = X.column.data();
  const auto at = static_cast<size_t>(i);
  for (int64_t e = X.row_start[at], end = X.row_start[at + 1]; e < end; ++e) out[column[e]] += a * value[e];
}

Vector times(const Csr& X, const Vector& w, int threads) {
  Vector out(X.rows);
  parallel_for(threads, X.rows, kRows, [&](Index begin, Index end) {
    const int64_t* start = X.row_start.data();
    for (Index i = begin; i < end; ++i)
      out[i] = sparse_dot(X.value.data(), X.column.data(), start[i], start[i + 1], w.data());
  });
  return out;
}

void add_times(const Csr& X, const Matrix& W, Index begin, Index end, Matrix& out) {
  const int64_t* start = X.row_start.data();
  for (Index i = begin; i < end; ++i)
    add_sparse_rows(X.value.data(), X.column.data(), start[i], start[i + 1], W.data(), W.cols(), out.row(i).data());
}

Matrix times(const Csr& X, const Matrix& W, int threads) {
  if (W.cols() == 1) return times(X, Vector(W.col(0)), threads);
  Matrix out = Matrix::Zero(X.rows, W.cols());
  parallel_for(threads, X.rows, kRows, [&](Index begin, Index end) { add_times(X, W, begin, end, out); });
  return out;
}

}  // namespace assay
