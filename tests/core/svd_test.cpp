#include "assay/core/svd.h"

#include <Eigen/SVD>
#include <cmath>
#include <cstring>
#include <limits>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();

Matrix random_matrix(Index rows, Index cols, uint64_t seed) {
  Rng rng(seed, 5);
  Matrix X(rows, cols);
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = rng.normal();
  return X;
}

Matrix matrix_of(const nlohmann::json& rows) {
  Matrix A(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < A.rows(); ++i)
    for (Index j = 0; j < A.cols(); ++j) A(i, j) = rows[static_cast<size_t>(i)][static_cast<size_t>(j)].get<double>();
  return A;
}

double worst_angle(const Columns& Q) {
  return (Q.transpose() * Q - Columns::Identity(Q.cols(), Q.cols())).cwiseAbs().maxCoeff();
}

// The theorems: U'U = I, V'V = I, A = U S V', S descending and not negative, the sign rule.
void check_svd(const Matrix& A, const Svd& s) {
  const Index r = std::min(A.rows(), A.cols());
  const double n = static_cast<double>(std::max(A.rows(), A.cols()));
  REQUIRE(s.converged);
  REQUIRE(s.S.size() == r);
  REQUIRE(s.U.rows() == A.rows());
  REQUIRE(s.V.rows() == A.cols());
  CHECK(worst_angle(s.U) <= 1e-14 * n);
  CHECK(worst_angle(s.V) <= 1e-14 * n);
  CHECK((s.U * s.S.asDiagonal() * s.V.transpose() - A).norm() <= 8 * n * kEps * A.norm());
  for (Index j = 0; j < r; ++j) {
    CHECK(s.S[j] >= (j + 1 < r ? s.S[j + 1] : 0.0));
    CHECK(sign_rule(s.V.col(j).data(), s.V.rows()) == 1);
  }
}

using Method = Svd (*)(const Matrix&, const Context&);
constexpr Method kMethods[] = {svd, svd_jacobi};

template <class M>
bool same_bits(const M& a, const M& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<size_t>(a.size())) == 0;
}

}  // namespace

TEST_CASE("svd: a matrix worked by hand") {
  Matrix A(2, 2);
  A << 3, 0, 4, 5;  // A'A = [[25, 20], [20, 25]]: 45 and 5
  for (const Method method : kMethods) {
    const Svd s = method(A, Context());
    CHECK(s.S[0] == Approx(std::sqrt(45)).epsilon(1e-15));
    CHECK(s.S[1] == Approx(std::sqrt(5)).epsilon(1e-15));
    CHECK(s.V(0, 0) == Approx(std::sqrt(0.5)).epsilon(1e-15));
    CHECK(s.V(1, 0) == Approx(std::sqrt(0.5)).epsilon(1e-15));
    CHECK(s.V(0, 1) == Approx(std::sqrt(0.5)).epsilon(1e-15));
    CHECK(s.U(0, 0) == Approx(std::sqrt(0.1)).epsilon(1e-14));
  }
}

TEST_CASE("svd: U and V are orthonormal and A = U S V', for every shape") {
  const std::pair<Index, Index> shapes[] = {{1, 1},   {1, 7},   {7, 1},   {2, 2},    {5, 3},    {3, 5},
                                            {33, 32}, {32, 33}, {60, 59}, {100, 20}, {20, 100}, {64, 64}};
  for (const auto& [m, n] : shapes) {
    const Matrix A = random_matrix(m, n, static_cast<uint64_t>(m * 1000 + n));
    for (const Method method : kMethods) {
      INFO(m << " x " << n << (method == svd ? ", Golub-Kahan" : ", Jacobi"));
      const Svd s = method(A, Context());
      check_svd(A, s);
      CHECK(s.S.norm() == Approx(A.norm()).epsilon(1e-13));
    }
  }
}

TEST_CASE("svd: zeros, repeated values and matrices without full rank keep orthonormal bases") {
  Matrix two_zeros = random_matrix(9, 6, 1);
  two_zeros.col(1).setZero();
  two_zeros.col(4).setZero();
  Matrix diagonal = Matrix::Zero(6, 6);
  for (Index i = 0; i < 6; ++i) diagonal(i, i) = static_cast<double>(i % 3);
  Matrix bidiagonal = Matrix::Zero(6, 6);  // a zero inside and a zero at the end of the diagonal
  for (Index i = 0; i < 5; ++i) bidiagonal(i, i) = i == 2 ? 0 : 1, bidiagonal(i, i + 1) = 1;
  const Matrix cases[] = {Matrix::Zero(4, 3),
                          Matrix::Zero(3, 4),
                          Matrix::Identity(8, 8),
                          Matrix::Ones(7, 5),
                          random_matrix(12, 3, 2) * random_matrix(3, 9, 3),
                          two_zeros,
                          diagonal,
                          bidiagonal,
                          Matrix(bidiagonal.transpose()),
                          -Matrix::Identity(3, 3)};
  for (const Matrix& A : cases)
    for (const Method method : kMethods) {
      INFO(A);
      check_svd(A, method(A, Context()));
    }
  const Svd s = svd(random_matrix(40, 6, 4) * random_matrix(6, 30, 5), Context());
  CHECK(s.S[5] > 0.1);
  CHECK(s.S[6] < 1e-12);
}

TEST_CASE("svd: a matrix without rows or columns has no singular values") {
  for (const Method method : kMethods) {
    CHECK(method(Matrix(0, 4), Context()).S.size() == 0);
    CHECK(method(Matrix(4, 0), Context()).S.size() == 0);
  }
}

TEST_CASE("svd: what is not finite is refused by its place, and so is a result beyond all numbers") {
  for (const double bad : {std::nan(""), -std::numeric_limits<double>::infinity()}) {
    Matrix A = random_matrix(4, 3, 1);
    A(1, 2) = bad;
    for (const Method method : kMethods)
      CHECK_THROWS_WITH(method(A, Context()), "row 2, column 3 of the matrix is not a finite number");
  }
  for (const Method method : kMethods)
    CHECK_THROWS_AS(method(Matrix::Constant(4, 4, std::numeric_limits<double>::max()), Context()), DataError);
}

TEST_CASE("svd: scales of 1e300 and 1e-300 change the values and nothing else") {
  const Matrix A = random_matrix(9, 7, 3);
  for (const Method method : kMethods)
    for (const int exponent : {990, -1000}) {
      const Svd a = method(A, Context()), b = method(A * std::ldexp(1.0, exponent), Context());
      CHECK(same_bits(a.U, b.U));
      CHECK(same_bits(a.V, b.V));
      CHECK(same_bits(Vector(a.S * std::ldexp(1.0, exponent)), b.S));
    }
}

TEST_CASE("svd: Jacobi gives graded matrices to 13 digits in every value, however small") {
  const auto gold = test::golden("svd.json");
  for (const char* name : {"graded_columns", "extreme_columns"}) {
    INFO(name);
    const Matrix A = matrix_of(gold[name]["A"]);
    const Svd s = svd_jacobi(A, Context());
    REQUIRE(s.converged);
    CHECK(worst_angle(s.U) <= 1e-13);
    CHECK(worst_angle(s.V) <= 1e-13);
    for (Index i = 0; i < s.S.size(); ++i)
      CHECK(s.S[i] / gold[name]["singular_values"][static_cast<size_t>(i)].get<double>() == Approx(1).epsilon(1e-13));
  }
}

TEST_CASE("svd: the singular values of the Hilbert matrix") {
  const auto gold = test::golden("svd.json")["hilbert10"];
  const Matrix A = matrix_of(gold["A"]);
  for (const Method method : kMethods) {
    const Svd s = method(A, Context());
    check_svd(A, s);
    for (Index i = 0; i < s.S.size(); ++i)
      CHECK(std::abs(s.S[i] - gold["singular_values"][static_cast<size_t>(i)].get<double>()) <= 1e-15 * s.S[0]);
  }
}

TEST_CASE("svd: Eigen's solver finds the same values") {
  for (const auto& [m, n] : {std::pair<Index, Index>{40, 30}, {30, 40}, {90, 20}}) {
    const Matrix A = random_matrix(m, n, 21);
    const Eigen::JacobiSVD<Eigen::MatrixXd> oracle(A);
    for (const Method method : kMethods)
      CHECK((method(A, Context()).S - oracle.singularValues()).cwiseAbs().maxCoeff() <=
            1e-12 * oracle.singularValues()[0]);
  }
}

TEST_CASE("svd: the squares of the singular values are the eigenvalues of A'A, and V its eigenvectors") {
  const Matrix A = random_matrix(50, 12, 23);
  const Svd s = svd(A, Context());
  const SymmetricEigen e = eigen_symmetric(gram(A, Vector(), 1), Context());
  CHECK((s.S.array().square() - e.values.array()).abs().maxCoeff() <= 1e-13 * e.values[0]);
  CHECK((s.V - e.vectors).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("svd: the best rank-k approximation errs by the values left out, in the Frobenius norm") {
  const Matrix A = random_matrix(25, 18, 29);
  const Svd s = svd(A, Context());
  for (const Index k : {1, 5, 17}) {
    const Matrix rest = A - s.U.leftCols(k) * s.S.head(k).asDiagonal() * s.V.leftCols(k).transpose();
    CHECK(rest.norm() == Approx(s.S.tail(18 - k).norm()).epsilon(1e-12));
  }
}

TEST_CASE("svd: the randomised method finds the k largest triples as exactly as it says") {
  Matrix A = random_matrix(300, 40, 31) * random_matrix(40, 200, 32) + random_matrix(300, 200, 33);
  const Svd exact = svd(A, Context());
  for (const double tolerance : {1e-2, 1e-5, 1e-9}) {
    double residual = 0;
    const Svd s = svd_randomized(linear_map(A, 1), {20, 10, tolerance, 60}, Context(7, 1), &residual);
    INFO("tolerance " << tolerance << ", " << s.iterations << " iterations");
    REQUIRE(s.converged);
    CHECK(residual <= tolerance);
    for (Index i = 0; i < 20; ++i) {
      CHECK(std::abs(s.S[i] - exact.S[i]) <= tolerance * exact.S[i]);
      CHECK((A.transpose() * s.U.col(i) - s.S[i] * s.V.col(i)).norm() <= 2 * tolerance * s.S[i]);
    }
    CHECK(worst_angle(s.U) < 1e-12);
    CHECK(worst_angle(s.V) < 1e-12);
  }
}

TEST_CASE("svd: the randomised method says so where its iterations do not suffice, and takes any k and rank") {
  const Matrix A = random_matrix(80, 60, 37);
  const Svd s = svd_randomized(linear_map(A, 1), {10, 2, 1e-12, 2}, Context());
  CHECK_FALSE(s.converged);
  CHECK(s.iterations == 2);
  const Svd whole = svd_randomized(linear_map(A, 1), {60, 10, 1e-10, 5}, Context());
  CHECK(whole.converged);
  CHECK((whole.S - svd(A, Context()).S).cwiseAbs().maxCoeff() < 1e-12 * whole.S[0]);
  const Matrix low = random_matrix(80, 3, 41) * random_matrix(3, 60, 43);
  const Svd three = svd_randomized(linear_map(low, 1), {8, 4, 1e-10, 5}, Context());
  CHECK(three.converged);
  CHECK(worst_angle(three.U) < 1e-12);
  CHECK(three.S[3] < 1e-12 * three.S[0]);
  const Svd zero = svd_randomized(linear_map(Matrix::Zero(9, 5), 1), {2, 1, 1e-10, 5}, Context());
  CHECK(zero.converged);
  CHECK(zero.S.isZero());
}

TEST_CASE("svd: 1, 2 and 7 threads give the same bits", "[parallel]") {
  const Matrix A = random_matrix(700, 150, 47);
  const Svd one = svd(A, Context(0, 1)), random = svd_randomized(linear_map(A, 1), {5, 5, 1e-3, 5}, Context(3, 1));
  for (const int threads : {2, 7}) {
    const Svd more = svd(A, Context(0, threads));
    CHECK(same_bits(more.U, one.U));
    CHECK(same_bits(more.V, one.V));
    CHECK(same_bits(svd_randomized(linear_map(A, threads), {5, 5, 1e-3, 5}, Context(3, threads)).U, random.U));
  }
}
