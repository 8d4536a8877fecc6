#include "assay/core/eigen_symmetric.h"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <cstring>
#include <limits>

#include "assay/core/error.h"
#include "assay/core/tridiagonal.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();

Matrix random_symmetric(Index n, uint64_t seed) {
  Rng rng(seed, 11);
  Matrix A(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j <= i; ++j) A(i, j) = A(j, i) = rng.normal();
  return A;
}

Matrix matrix_of(const nlohmann::json& rows) {
  Matrix A(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < A.rows(); ++i)
    for (Index j = 0; j < A.cols(); ++j) A(i, j) = rows[static_cast<size_t>(i)][static_cast<size_t>(j)].get<double>();
  return A;
}

// The theorems: A V = V diag(values), V'V = I, values descending, the sign rule.
void check_decomposition(const Matrix& A, const SymmetricEigen& s) {
  const double n = static_cast<double>(A.rows()), norm = A.norm();
  REQUIRE(s.converged);
  REQUIRE(s.vectors.cols() == s.values.size());
  const Columns V = s.vectors;
  CHECK((A * V - V * s.values.asDiagonal()).norm() <= 4 * n * kEps * norm);
  CHECK((V.transpose() * V - Columns::Identity(V.cols(), V.cols())).cwiseAbs().maxCoeff() <= 1e-14 * n);
  for (Index j = 0; j + 1 < s.values.size(); ++j) CHECK(s.values[j] >= s.values[j + 1]);
  for (Index j = 0; j < V.cols(); ++j) CHECK(sign_rule(V.col(j).data(), V.rows()) == 1);
}

using Method = SymmetricEigen (*)(const Matrix&, const Context&);
constexpr Method kMethods[] = {eigen_symmetric, eigen_symmetric_jacobi};

template <class M>
bool same_bits(const M& a, const M& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<size_t>(a.size())) == 0;
}

}  // namespace

TEST_CASE("eigen_symmetric: a matrix worked by hand") {
  Matrix A(2, 2);
  A << 2, 1, 1, 2;  // (x - 1)(x - 3)
  for (const Method method : kMethods) {
    const SymmetricEigen s = method(A, Context());
    CHECK(s.values[0] == Approx(3).epsilon(1e-15));
    CHECK(s.values[1] == Approx(1).epsilon(1e-15));
    CHECK(s.vectors(0, 0) == Approx(std::sqrt(0.5)).epsilon(1e-15));
    CHECK(s.vectors(1, 0) == Approx(std::sqrt(0.5)).epsilon(1e-15));
    CHECK(s.vectors(0, 1) == Approx(std::sqrt(0.5)).epsilon(1e-15));  // the first of the largest is positive
    CHECK(s.vectors(1, 1) == Approx(-std::sqrt(0.5)).epsilon(1e-15));
  }
}

TEST_CASE("eigen_symmetric: vectors are orthonormal, A V = V diag(values), trace and Frobenius norm are kept") {
  for (const Index n : {1, 2, 3, 7, 31, 32, 33, 64, 65, 130}) {
    const Matrix A = random_symmetric(n, static_cast<uint64_t>(n));
    for (const Method method : kMethods) {
      INFO(n << (method == eigen_symmetric ? " by QR" : " by Jacobi"));
      const SymmetricEigen s = method(A, Context());
      check_decomposition(A, s);
      CHECK(std::abs(s.values.sum() - A.trace()) <= 1e-14 * static_cast<double>(n) * A.norm());
      CHECK(s.values.norm() == Approx(A.norm()).epsilon(1e-14 * static_cast<double>(n)));
    }
  }
}

TEST_CASE("eigen_symmetric: the eigenvalues of the second difference are 2 - 2 cos(i pi / (n + 1))") {
  const Index n = 50;
  Matrix A = 2 * Matrix::Identity(n, n);
  for (Index i = 0; i + 1 < n; ++i) A(i, i + 1) = A(i + 1, i) = -1;
  for (const Method method : kMethods) {
    const SymmetricEigen s = method(A, Context());
    for (Index i = 0; i < n; ++i)
      CHECK(s.values[i] ==
            Approx(2 - 2 * std::cos(static_cast<double>(n - i) * std::acos(-1.0) / 51)).margin(1e-14).epsilon(0));
  }
}

TEST_CASE("eigen_symmetric: only the lower triangle is read, and no other shape is taken") {
  Matrix A = random_symmetric(9, 1), lower = A;
  lower.triangularView<Eigen::StrictlyUpper>().setConstant(77);
  for (const Method method : kMethods) {
    CHECK(same_bits(method(lower, Context()).values, method(A, Context()).values));
    CHECK_THROWS_AS(method(Matrix::Zero(3, 2), Context()), DataError);
    CHECK(method(Matrix(0, 0), Context()).values.size() == 0);
  }
}

TEST_CASE("eigen_symmetric: what is not finite is refused by its place") {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Matrix A = random_symmetric(4, 1);
    A(2, 1) = bad;
    for (const Method method : kMethods)
      CHECK_THROWS_WITH(method(A, Context()), "row 3, column 2 of the matrix is not a finite number");
  }
}

TEST_CASE("eigen_symmetric: zero, identity and repeated eigenvalues") {
  Matrix repeated = Matrix::Identity(40, 40);
  repeated.bottomRightCorner(20, 20) *= 2;
  for (const Matrix& A :
       {Matrix(Matrix::Zero(40, 40)), Matrix(Matrix::Identity(40, 40)), repeated, Matrix(Matrix::Ones(40, 40))}) {
    for (const Method method : kMethods) check_decomposition(A, method(A, Context()));
    for (const Index k : {1, 5, 10, 11, 40}) {
      const SymmetricEigen s = eigen_symmetric_largest(A, k, Context());
      REQUIRE(s.values.size() == k);
      check_decomposition(A, s);
    }
  }
}

TEST_CASE("eigen_symmetric: scales of 1e300 and 1e-300 change the values and nothing else") {
  const Matrix A = random_symmetric(12, 3);
  for (const Method method : kMethods)
    for (const int exponent : {990, -1000}) {
      const Matrix B = A * std::ldexp(1.0, exponent);
      const SymmetricEigen a = method(A, Context()), b = method(B, Context());
      CHECK(same_bits(a.vectors, b.vectors));
      CHECK(same_bits(Vector(a.values * std::ldexp(1.0, exponent)), b.values));
    }
}

TEST_CASE("eigen_symmetric: the panel form of the reduction equals the textbook form") {
  for (const Index n : {2, 5, 31, 32, 33, 34, 65, 100}) {
    const Matrix A = random_symmetric(n, 5);
    const Tridiagonal plain = tridiagonalize_plain(A), panels = tridiagonalize(A, {});
    INFO(n);
    CHECK((plain.d - panels.d).cwiseAbs().maxCoeff() < 1e-10);  // a reduction is far more sensitive than eigenvalues
    CHECK((plain.e - panels.e).cwiseAbs().maxCoeff() < 1e-10);
    for (const Tridiagonal& T : {plain, panels}) {  // Q T Q' = A
      Matrix middle = T.d.asDiagonal();
      for (Index i = 0; i + 1 < n; ++i) middle(i, i + 1) = middle(i + 1, i) = T.e[i];
      Columns Q = Columns::Identity(n, n);
      T.Q.apply(Q);
      CHECK((Q * middle * Q.transpose() - A).norm() <= 1e-14 * static_cast<double>(n) * A.norm());
    }
  }
}

TEST_CASE("eigen_symmetric: the k largest by bisection are those of QR") {
  for (const Index n : {40, 100, 161}) {
    const Matrix A = random_symmetric(n, 7);
    const SymmetricEigen all = eigen_symmetric(A, Context());
    for (const Index k : {Index(1), Index(2), n / 4, n / 4 + 1, n}) {
      INFO(k << " of " << n);
      const SymmetricEigen s = eigen_symmetric_largest(A, k, Context());
      check_decomposition(A, s);
      CHECK((s.values - all.values.head(k)).cwiseAbs().maxCoeff() <= 1e-14 * A.norm());
      CHECK((s.vectors - all.vectors.leftCols(k)).cwiseAbs().maxCoeff() < 1e-10);
      CHECK((s.iterations == 0) == (4 * k <= n));
    }
  }
}

TEST_CASE("eigen_symmetric: Eigen's solver finds the same values") {
  for (const Index n : {10, 90}) {
    const Matrix A = random_symmetric(n, 13);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> oracle(A);
    for (const Method method : kMethods)
      CHECK((method(A, Context()).values - oracle.eigenvalues().reverse()).cwiseAbs().maxCoeff() <= 1e-12 * A.norm());
  }
}

TEST_CASE("eigen_symmetric: Jacobi keeps the tiny eigenvalues of a graded positive definite matrix") {
  const auto gold = test::golden("svd.json")["graded_positive_definite"];
  const Matrix A = matrix_of(gold["A"]);
  const SymmetricEigen s = eigen_symmetric_jacobi(A, Context());
  check_decomposition(A, s);
  for (Index i = 0; i < s.values.size(); ++i)
    CHECK(s.values[i] / gold["eigenvalues"][static_cast<size_t>(i)].get<double>() == Approx(1).epsilon(1e-13));
}

TEST_CASE("eigen_symmetric: 1, 2 and 7 threads give the same bits", "[parallel]") {
  const Matrix A = random_symmetric(150, 17);
  const SymmetricEigen all = eigen_symmetric(A, Context(0, 1)), few = eigen_symmetric_largest(A, 12, Context(0, 1));
  for (const int threads : {2, 7}) {
    CHECK(same_bits(eigen_symmetric(A, Context(0, threads)).vectors, all.vectors));
    CHECK(same_bits(eigen_symmetric_largest(A, 12, Context(0, threads)).vectors, few.vectors));
  }
}
