#include "assay/core/linalg.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "assay/core/rng.h"
#include "assay/core/thin_product.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

Matrix random_matrix(Eigen::Index rows, Eigen::Index cols, uint64_t seed) {
  Rng rng(seed, 5);
  Matrix X(rows, cols);
  for (Eigen::Index i = 0; i < X.size(); ++i) X.data()[i] = rng.normal();
  return X;
}

// Whole numbers from -8 to 8: sums of their products are exact in any order.
Matrix whole_matrix(Eigen::Index rows, Eigen::Index cols, uint64_t seed) {
  Rng rng(seed, 6);
  Matrix X(rows, cols);
  for (Eigen::Index i = 0; i < X.size(); ++i) X.data()[i] = static_cast<double>(rng.below(17)) - 8;
  return X;
}

template <class M>
bool same_bits(const M& a, const M& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<size_t>(a.size())) == 0;
}

// a' b by the definition, entry by entry.
Matrix naive_product(const Matrix& A, const Matrix& B) {
  Matrix C = Matrix::Zero(A.rows(), B.cols());
  for (Eigen::Index i = 0; i < A.rows(); ++i)
    for (Eigen::Index j = 0; j < B.cols(); ++j)
      for (Eigen::Index k = 0; k < A.cols(); ++k) C(i, j) += A(i, k) * B(k, j);
  return C;
}

constexpr Eigen::Index kSizes[] = {0, 1, 2, 7, 8, 9, 255, 256, 257, 600, 4095, 4097, 9000};

}  // namespace

TEST_CASE("linalg: sum and dot of whole numbers are exact for every length") {
  for (Eigen::Index n = 0; n < 40; ++n) {
    const Matrix x = whole_matrix(1, n, 1), y = whole_matrix(1, n, 2);
    double s = 0, p = 0;
    for (Eigen::Index i = 0; i < n; ++i) {
      s += x(0, i);
      p += x(0, i) * y(0, i);
    }
    CHECK(sum(x.data(), n) == s);
    CHECK(dot(x.data(), y.data(), n) == p);
  }
}

TEST_CASE("linalg: sum and dot have the same bits at every address") {
  const Matrix x = random_matrix(1, 1003, 1), y = random_matrix(1, 1003, 2);
  const double s = sum(x.data(), 1003), p = dot(x.data(), y.data(), 1003);
  std::vector<double> xs(1100), ys(1100);
  for (size_t shift = 0; shift < 17; ++shift) {
    std::memcpy(xs.data() + shift, x.data(), 1003 * sizeof(double));
    std::memcpy(ys.data() + (shift * 5) % 17, y.data(), 1003 * sizeof(double));
    CHECK(sum(xs.data() + shift, 1003) == s);
    CHECK(dot(xs.data() + shift, ys.data() + (shift * 5) % 17, 1003) == p);
  }
}

TEST_CASE("linalg: sum is near the exact one where terms cancel") {
  const std::vector<double> x{1e16, 1, -1e16, 1, 3, -2, 0.5, 0.25};
  CHECK(std::abs(sum(x.data(), 8) - 3.75) <= 4);  // an error of a few roundings of 1e16
  CHECK(std::isnan(sum(std::vector<double>{1, std::nan("")}.data(), 2)));
}

TEST_CASE("linalg: products of whole numbers equal the naive loops for every size and 1 to 9 output columns") {
  for (const Eigen::Index n : kSizes)
    for (const Eigen::Index d : {1, 2, 5, 8, 13})
      for (Eigen::Index k = 1; k <= 9; ++k) {
        if (n > 600 && (d + k) % 4) continue;
        const Matrix X = whole_matrix(n, d, 1), W = whole_matrix(k, d, 2), R = whole_matrix(n, k, 3);
        INFO(n << " x " << d << ", " << k << " output columns");
        CHECK(times_transposed(X, W, 1) == naive_product(X, W.transpose()));
        CHECK(transposed_times(X, R, 1) == naive_product(X.transpose(), R));
      }
}

TEST_CASE(
    "linalg: thin products of whole numbers equal the naive loops where rows, columns and panels do not fill tiles") {
  for (const Eigen::Index n : {1, 7, 8, 9, 130, 259, 600})
    for (const Eigen::Index d : {1, 8, 23, 264, 519})
      for (const Eigen::Index k : {0, 1, 8, 9, 23, 24, 25, 30, 49}) {
        if (n > 200 && d > 200 && k != 30) continue;
        const Matrix A = whole_matrix(n, d, 1);
        const Columns Z = whole_matrix(d, k, 2), Y = whole_matrix(n, k, 3);
        INFO(n << " x " << d << ", " << k << " columns");
        CHECK(Matrix(thin_times(A, Z, 1)) == naive_product(A, Z));
        CHECK(Matrix(thin_transposed_times(A, Y, 1)) == naive_product(A.transpose(), Y));
      }
}

TEST_CASE("linalg: thin products have the same bits on one thread and on four") {
  const Matrix A = random_matrix(700, 1100, 1);
  const Columns Z = random_matrix(1100, 13, 2), Y = random_matrix(700, 13, 3);
  CHECK(same_bits(thin_times(A, Z, 1), thin_times(A, Z, 4)));
  CHECK(same_bits(thin_transposed_times(A, Y, 1), thin_transposed_times(A, Y, 4)));
  CHECK((thin_times(A, Z, 1) - A * Z).cwiseAbs().maxCoeff() < 1e-11);
  CHECK((thin_transposed_times(A, Y, 1) - A.transpose() * Y).cwiseAbs().maxCoeff() < 1e-11);
}

TEST_CASE("linalg: products of real numbers are as near to the naive loops as rounding allows") {
  const Matrix X = random_matrix(777, 37, 1);
  for (Eigen::Index k = 1; k <= 9; ++k) {
    const Matrix W = random_matrix(k, 37, 2);
    CHECK((times_transposed(X, W, 1) - naive_product(X, W.transpose())).cwiseAbs().maxCoeff() < 1e-13);
  }
  const Matrix R = random_matrix(777, 6, 3);
  CHECK((transposed_times(X, R, 1) - naive_product(X.transpose(), R)).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("linalg: the Gram matrix equals its definition, with and without weights, and is symmetric to the bit") {
  for (const Eigen::Index n : kSizes)
    for (const Eigen::Index d : {1, 3, 8, 21}) {
      const Matrix X = whole_matrix(n, d, 4);
      Vector w(n);
      for (Eigen::Index i = 0; i < n; ++i) w[i] = static_cast<double>(i % 4);
      INFO(n << " x " << d);
      CHECK(gram(X, Vector(), 1) == naive_product(X.transpose(), X));
      if (n) CHECK(gram(X, w, 1) == naive_product(X.transpose(), w.asDiagonal() * X));
      const Matrix G = gram(random_matrix(n, d, 5), w, 1);
      CHECK(same_bits(G, Matrix(G.transpose())));
    }
}

TEST_CASE("linalg: wide Gram matrices, Gram matrices about a point, and those of rows equal the naive loops") {
  for (const Eigen::Index d : {191, 192, 200, 217}) {  // up to 191 columns: partial sums; more: shared panels
    const Matrix X = whole_matrix(301, d, 1);
    Vector w(301), center(d);
    for (Eigen::Index i = 0; i < 301; ++i) w[i] = static_cast<double>(i % 5) - 1;  // negative weights, too
    for (Eigen::Index f = 0; f < d; ++f) center[f] = static_cast<double>(f % 7);
    const Matrix moved = X.rowwise() - center.transpose();
    INFO(d << " columns");
    CHECK(gram(X, Vector(), 1) == naive_product(X.transpose(), X));
    CHECK(gram(X, center, Vector(), 1) == naive_product(moved.transpose(), moved));
    CHECK(gram(X, center, w, 1) == naive_product(moved.transpose(), w.asDiagonal() * moved));
    CHECK(row_gram(X, Vector(), 1) == naive_product(X, X.transpose()));
    CHECK(row_gram(X, center, 1) == naive_product(moved, moved.transpose()));
  }
  const Matrix none(0, 5);
  CHECK(row_gram(none, Vector(), 1).size() == 0);
}

TEST_CASE("linalg: column means are the weighted means") {
  Matrix X(3, 2);
  X << 1, 10, 2, 20, 6, 60;
  CHECK(column_means(X, Vector(), 1) == Eigen::Vector2d(3, 30));
  CHECK(column_means(X, Eigen::Vector3d(1, 0, 3), 1) == Eigen::Vector2d(4.75, 47.5));
}

TEST_CASE("linalg: the scatter matrix is taken about the mean, whatever rows the guess of the mean is made of") {
  for (const Eigen::Index d : {5, 200}) {
    Matrix X = random_matrix(3000, d, 1);
    X.array() += 1e6;           // far from 0
    X.col(2).setConstant(0.1);  // constant, and not a number of few bits
    for (const bool misled : {false, true}) {
      if (misled)
        for (Eigen::Index i = 0; i < 1024; ++i)
          X.row(i * 3000 / 1024).array() += i ? 0.0 : 1e9;  // the guess is 1e6 off
      Vector w(3000);
      for (Eigen::Index i = 0; i < 3000; ++i) w[i] = i == 0 ? 0.0 : static_cast<double>(i % 4);
      const Vector mean = column_means(X, w, 1);
      const Matrix moved = X.rowwise() - mean.transpose();
      const Matrix expected = moved.transpose() * w.asDiagonal() * moved;
      const Scatter s = scatter(X, w, 1), four = scatter(X, w, 4);
      INFO(d << " columns, misled: " << misled);
      CHECK((s.mean - mean).cwiseAbs().maxCoeff() < 1e-8);  // a plain sum of numbers near 1e6 is no nearer
      CHECK((s.products - expected).cwiseAbs().maxCoeff() < 1e-6);
      CHECK(std::abs(s.products(2, 2)) < 1e-20);
      CHECK(same_bits(s.products, four.products));
      CHECK(same_bits(s.mean, four.mean));
      CHECK(same_bits(s.products, Matrix(s.products.transpose())));
    }
  }
}

TEST_CASE("linalg: the scatter matrix of a cell that is not finite is not finite") {
  for (const Eigen::Index d : {5, 200})
    for (const double cell : {std::numeric_limits<double>::infinity(), std::nan("")}) {
      Matrix X = random_matrix(2500, d, 1);
      X(1, 3) = cell;  // not a row of the guess
      CHECK_FALSE(std::isfinite(scatter(X, Vector(), 1).products.trace()));
    }
}

TEST_CASE("linalg: a row's product depends neither on n, nor on its neighbours, its place or its address") {
  const Matrix X = random_matrix(1500, 19, 1);
  for (Eigen::Index k = 1; k <= 9; ++k) {
    const Matrix W = random_matrix(k, 19, 2);
    const Matrix whole = times_transposed(X, W, 1);
    for (const Eigen::Index n : {1, 3, 255, 256, 258, 1499})
      for (const Eigen::Index from : {Eigen::Index(0), Eigen::Index(1), Eigen::Index(1500 - n)}) {
        if (from + n > 1500) continue;
        INFO(k << " output columns, rows " << from << " to " << from + n);
        const Matrix part = X.middleRows(from, n);
        CHECK(same_bits(times_transposed(part, W, 1), Matrix(whole.middleRows(from, n))));
      }
    Matrix reversed = X.colwise().reverse();
    CHECK(same_bits(times_transposed(reversed, W, 1), Matrix(whole.colwise().reverse())));
  }
}

TEST_CASE("linalg: 1, 2 and 7 threads give the same bits", "[parallel]") {
  const Matrix X = random_matrix(9001, 17, 1), R = random_matrix(9001, 6, 2), W = random_matrix(7, 17, 3);
  const Vector w = random_matrix(9001, 1, 4).col(0).cwiseAbs();
  const Matrix product = times_transposed(X, W, 1), few = times_transposed(X, W.topRows(2), 1);
  const Matrix G = gram(X, w, 1), plain = gram(X, Vector(), 1), T = transposed_times(X, R, 1);
  for (const int threads : {2, 7}) {
    CHECK(same_bits(times_transposed(X, W, threads), product));
    CHECK(same_bits(times_transposed(X, W.topRows(2), threads), few));
    CHECK(same_bits(gram(X, w, threads), G));
    CHECK(same_bits(gram(X, Vector(), threads), plain));
    CHECK(same_bits(transposed_times(X, R, threads), T));
    CHECK(same_bits(column_means(X, w, threads), column_means(X, w, 1)));
  }
  const Matrix many = random_matrix(700, 230, 5);
  const Vector center = column_means(many, Vector(), 1);
  for (const int threads : {2, 7}) {
    CHECK(same_bits(gram(many, center, Vector(), threads), gram(many, center, Vector(), 1)));
    CHECK(same_bits(row_gram(many, center, threads), row_gram(many, center, 1)));
  }
}

TEST_CASE("linalg: Cholesky solves a positive definite system") {
  const Matrix X = random_matrix(50, 8, 1);
  const Matrix A = gram(X, Vector(), 1);
  const Vector x = random_matrix(8, 1, 2).col(0);
  const auto solved = solve_cholesky(A, A * x);
  REQUIRE(solved);
  CHECK((*solved - x).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("linalg: Cholesky refuses what is not positive definite") {
  Matrix A(2, 2);
  A << 1, 2, 2, 1;  // eigenvalues 3 and -1
  CHECK_FALSE(solve_cholesky(A, Vector::Ones(2)));
  CHECK_FALSE(solve_cholesky(-Matrix::Identity(3, 3), Vector::Ones(3)));
  CHECK_FALSE(solve_cholesky(Matrix::Zero(3, 3), Vector::Ones(3)));
  A << 1, 0, 0, std::nan("");
  CHECK_FALSE(solve_cholesky(A, Vector::Ones(2)));
  A << 1, 0, 0, std::numeric_limits<double>::infinity();
  CHECK_FALSE(solve_cholesky(A, Vector::Constant(2, std::numeric_limits<double>::infinity())));
}

TEST_CASE("linalg: QR solves least squares, and its rank counts independent columns") {
  Matrix A = random_matrix(30, 4, 1);
  const Vector x = random_matrix(4, 1, 2).col(0), noise = random_matrix(30, 1, 3).col(0);
  int rank = 0;
  CHECK((solve_qr(A, A * x, &rank) - x).cwiseAbs().maxCoeff() < 1e-13);
  CHECK(rank == 4);
  const Vector b = A * x + noise;
  CHECK((A.transpose() * (A * solve_qr(A, b) - b)).cwiseAbs().maxCoeff() < 1e-12);  // the residual is orthogonal to A
  A.col(3) = 2 * A.col(0) - A.col(1);
  const Vector dependent = solve_qr(A, b, &rank);
  CHECK(rank == 3);
  CHECK((A.transpose() * (A * dependent - b)).cwiseAbs().maxCoeff() < 1e-12);
  solve_qr(Matrix::Zero(3, 2), Vector::Ones(3), &rank);
  CHECK(rank == 0);
}
