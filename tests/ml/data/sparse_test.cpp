#include "assay/ml/data/sparse.h"

#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

// Whole numbers, so that every order of additions gives the same sum; some rows and columns are empty.
Csr whole_numbers(Index n, Index d, uint64_t seed) {
  Rng rng(seed, 3);
  Csr X;
  X.rows = n;
  X.columns = d;
  for (Index i = 0; i < n; ++i) {
    for (Index f = 0; f < d; ++f)
      if (i % 7 != 3 && f % 5 != 2 && rng.below(4) == 0) {
        X.column.push_back(static_cast<int32_t>(f));
        X.value.push_back(static_cast<double>(rng.below(9)) - 4);
      }
    X.row_start.push_back(static_cast<int64_t>(X.value.size()));
  }
  return X;
}

Matrix random_whole(Index rows, Index columns) {
  Rng rng(5, 1);
  Matrix W(rows, columns);
  for (Index j = 0; j < W.size(); ++j) W.data()[j] = static_cast<double>(rng.below(21)) - 10;
  return W;
}

}  // namespace

TEST_CASE("sparse: products are those of the dense table") {
  const Csr X = whole_numbers(61, 23, 1);
  const Matrix D = dense(X);
  for (const Index k : {1, 2, 5}) {
    const Matrix W = random_whole(23, k);
    CHECK(times(X, W, 1) == Matrix(D * W));
  }
  const Matrix w = random_whole(23, 1);
  CHECK(times(X, Vector(w.col(0)), 1) == Vector(D * w.col(0)));
}

TEST_CASE("sparse: the transpose is the dense one's, and twice transposed is the table itself") {
  const Csr X = whole_numbers(40, 17, 2), T = transposed(X), back = transposed(T);
  CHECK(T.rows == 17);
  CHECK(T.columns == 40);
  CHECK(dense(T) == Matrix(dense(X).transpose()));
  CHECK(back.row_start == X.row_start);
  CHECK(back.column == X.column);
  CHECK(back.value == X.value);
}

TEST_CASE("sparse: an empty table has empty products") {
  Csr X;
  X.rows = 3;
  X.columns = 2;
  X.row_start = {0, 0, 0, 0};
  CHECK(times(X, Vector(Vector::Ones(2)), 1) == Vector(Vector::Zero(3)));
  CHECK(transposed(X).row_start == std::vector<int64_t>{0, 0, 0});
}

TEST_CASE("sparse: 1, 2 and 7 threads give the same bits", "[parallel]") {
  const Csr X = whole_numbers(3000, 50, 4);
  Matrix W = random_whole(50, 3);
  W *= 0.1;
  const Matrix one = times(X, W, 1);
  for (const int threads : {2, 7}) CHECK(times(X, W, threads) == one);
}
