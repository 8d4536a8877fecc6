// core/svd_jacobi.cpp
// Notation   a matrix here has columns x_j 2^{f_j}, x_j of size about 1: `Scaled`. Q R P' = A (P exchanges columns);
//            W = R', whose columns are rotated;  J: the product of the rotations
// Method     1 A wide: A' instead; each column gets its own power of two   2 QR with the largest remaining column first:
//            W = R' is then nearly orthogonal already   3 a sweep: each pair of columns (p, q) that is not orthogonal is
//            rotated in its plane until it is   4 until a sweep rotates nothing: W J = V_P S   5 U = Q J, V = P V_P
// Departures from the paper: the powers of two, which let 1e300 and 1e-300 stand in one matrix and change nothing else;
//            QR first [Drmac2008]; the larger column of a pair goes first. A pair counts as orthogonal where
//            |cos| <= sqrt(n) eps.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "assay/core/decomposition_kernels.h"
#include "assay/core/eigen_symmetric.h"
#include "assay/core/error.h"
#include "assay/core/reflectors.h"
#include "assay/core/svd_internal.h"

namespace assay {
namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();
constexpr int kSweeps = 60;
constexpr int kNone = -1000000;  // exponent of a column of zeros

struct SweepStep {
  static constexpr const char* kind = "sweep";
  static constexpr const char* title =
      "one sweep of one-sided Jacobi: every pair of columns once [Demmel1992, alg. 4.1]";
  static constexpr const char* source = "core/svd_jacobi.cpp:sweep_once";
  int t;
  long rotations;
  double largest_cosine;
  std::string why;
  static void fields(const SweepStep& s, auto&& field) {
    field("t", s.t, "sweep");
    field("rotations", s.rotations, "pairs of columns that were not orthogonal");
    field("max |cos(p, q)|", s.largest_cosine, "the worst of them, before its rotation");
  }
};

struct Scaled {
  Columns x;
  std::vector<int> f;
  Vector length;  // |x_j|
  int& exponent(Index j) { return f[static_cast<size_t>(j)]; }

  // x_j is made of size 1 to 2 again; its true value stays.
  void normalize(Index j) {
    auto column = x.col(j);
    const double largest = column.cwiseAbs().maxCoeff();
    if (largest == 0) {
      exponent(j) = kNone;
      length[j] = 0;
      return;
    }
    const int shift = std::ilogb(largest);
    if (shift != 0) {
      for (Index i = 0; i < x.rows(); ++i) column[i] = std::ldexp(column[i], -shift);
      exponent(j) += shift;
    }
    length[j] = std::sqrt(dot(column.data(), column.data(), x.rows()));
  }
};

Scaled scaled_columns(const Columns& A) {
  Scaled s{A, std::vector<int>(static_cast<size_t>(A.cols()), 0), Vector::Zero(A.cols())};
  for (Index j = 0; j < A.cols(); ++j) s.normalize(j);
  return s;
}

// Norm of rows j .. of column c, without underflow.
double tail_norm(const Columns& x, Index c, Index j) {
  const auto tail = x.col(c).tail(x.rows() - j);
  const double largest = tail.cwiseAbs().maxCoeff();
  return largest > 0 ? largest * (tail / largest).norm() : 0.0;
}

// Step 2. s becomes R (upper part); order[j]: which column of A stands at place j.
Reflectors pivoted_qr(Scaled& s, std::vector<Index>& order) {
  const Index m = s.x.rows(), n = s.x.cols();
  Reflectors Q(m, n, 0);
  for (Index j = 0; j < n; ++j) {
    Index best = j;
    double best_size = -std::numeric_limits<double>::infinity();
    for (Index c = j; c < n; ++c) {
      const double norm = tail_norm(s.x, c, j);
      const double size = norm > 0 ? std::log2(norm) + s.exponent(c) : -std::numeric_limits<double>::infinity();
      if (size > best_size) best = c, best_size = size;
    }
    if (best != j) {
      s.x.col(j).swap(s.x.col(best));
      std::swap(s.exponent(j), s.exponent(best));
      std::swap(order[static_cast<size_t>(j)], order[static_cast<size_t>(best)]);
    }
    Vector v = s.x.col(j).tail(m - j);
    double beta = 0;
    Q.tau[j] = reflector(v, &beta);
    Q.v.col(j).tail(m - j) = v;
    s.x.col(j).tail(m - j).setZero();
    s.x(j, j) = beta;
    if (j + 1 == n) break;
    auto rest = s.x.block(j, j + 1, m - j, n - j - 1);
    const Vector products = Q.tau[j] * (rest.transpose() * v);
    rest.noalias() -= v * products.transpose();
  }
  return Q;
}

// W = R': column i is row i of R, with the exponents of its entries levelled.
Scaled transposed_triangle(Scaled& R) {
  const Index n = R.x.cols();
  Scaled W{Columns::Zero(n, n), std::vector<int>(static_cast<size_t>(n), kNone), Vector::Zero(n)};
  for (Index i = 0; i < n; ++i) {
    for (Index j = i; j < n; ++j)
      if (R.x(i, j) != 0) W.exponent(i) = std::max(W.exponent(i), std::ilogb(R.x(i, j)) + R.exponent(j));
    for (Index j = i; j < n; ++j)
      if (R.x(i, j) != 0) W.x(j, i) = std::ldexp(R.x(i, j), R.exponent(j) - W.exponent(i));
    W.normalize(i);
  }
  return W;
}

// Step 3 for one pair, the larger column being p. With r = |w_q| / |w_p| and g = cos(p, q) the tangent of the smaller
// angle that makes them orthogonal is t = u r, u = -2 g / (1 - r^2 + sqrt((1 - r^2)^2 + 4 g^2 r^2)).
void rotate_columns(Scaled& W, Matrix& Jt, Index p, Index q, double g) {
  const int apart = W.exponent(q) - W.exponent(p);
  const double mantissa = W.length[q] / W.length[p], r = std::ldexp(mantissa, apart);
  const double rest = (1 - r) * (1 + r);
  const double u = -2 * g / (rest + std::sqrt(rest * rest + 4 * g * g * r * r)), t = u * r;
  const double h = std::sqrt(1 + t * t), c = 1 / h, c_minus_1 = -(t * t) / (h * (1 + h));
  rotate_little(W.x.col(p).data(), W.x.col(q).data(), W.x.rows(), c_minus_1, -c * std::ldexp(t, apart),
                c * u * mantissa);
  rotate_little(Jt.row(p).data(), Jt.row(q).data(), Jt.cols(), c_minus_1, -c * t, c * t);
  W.normalize(p);
  W.normalize(q);
}

struct Sweep {
  long rotations = 0;
  double largest_cosine = 0;
};

Sweep sweep_once(Scaled& W, Matrix& Jt) {
  const Index n = W.x.cols();
  const double orthogonal = std::sqrt(static_cast<double>(n)) * kEps;
  Sweep sweep;
  for (Index p = 0; p < n; ++p)
    for (Index q = p + 1; q < n; ++q) {
      if (W.length[p] == 0 || W.length[q] == 0) continue;
      const double g = dot(W.x.col(p).data(), W.x.col(q).data(), n) / (W.length[p] * W.length[q]);
      if (std::abs(g) <= orthogonal) continue;
      if (std::log2(W.length[q]) + W.exponent(q) > std::log2(W.length[p]) + W.exponent(p)) {
        W.x.col(p).swap(W.x.col(q));
        Jt.row(p).swap(Jt.row(q));
        std::swap(W.exponent(p), W.exponent(q));
        std::swap(W.length[p], W.length[q]);
      }
      rotate_columns(W, Jt, p, q, g);
      ++sweep.rotations;
      sweep.largest_cosine = std::max(sweep.largest_cosine, std::abs(g));
    }
  return sweep;
}

}  // namespace

Svd svd_jacobi(const Matrix& A, const Context& ctx) {
  power_of_two_scale(A);  // refuses what is not finite
  if (A.rows() < A.cols()) return turned(svd_jacobi(A.transpose(), ctx));
  const Index m = A.rows(), n = A.cols();
  Svd result;
  Scaled columns = scaled_columns(A);
  std::vector<Index> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), Index(0));
  const Reflectors Q = pivoted_qr(columns, order);
  Scaled W = transposed_triangle(columns);
  Matrix Jt = Matrix::Identity(n, n);

  result.converged = n < 2;
  for (int t = 0; !result.converged && t < kSweeps && !ctx.out_of_time(); ++t) {
    ctx.check_cancelled();
    const Sweep sweep = sweep_once(W, Jt);
    result.converged = sweep.rotations == 0;
    result.iterations = t + 1;
    ctx.trace.step([&] {
      return SweepStep{
          t + 1, sweep.rotations, sweep.largest_cosine,
          result.converged ? "All pairs are orthogonal: the lengths of the columns are the singular values." : ""};
    });
  }

  result.S.resize(n);
  Columns V_P = Columns::Zero(n, n);
  for (Index j = 0; j < n; ++j) {
    result.S[j] = W.length[j] > 0 ? std::ldexp(W.length[j], W.exponent(j)) : 0.0;
    if (W.length[j] > 0) V_P.col(j) = W.x.col(j) / W.length[j];
  }
  if (!result.S.allFinite()) throw DataError("the largest singular value is beyond the range of numbers");
  complete_orthonormal(V_P);
  result.V.resize(n, n);
  for (Index j = 0; j < n; ++j) result.V.row(order[static_cast<size_t>(j)]) = V_P.row(j);
  result.U = Columns::Zero(m, n);
  result.U.topRows(n) = Jt.transpose();
  Q.apply(result.U);
  sort_and_sign(result);
  return result;
}

}  // namespace assay
