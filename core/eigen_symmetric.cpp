// core/eigen_symmetric.cpp
// Notation   V: eigenvectors;  Vt = V', whose rows are rotated;  off(A): root of the sum of squares off the diagonal
// Method     QR: 1 scale   2 A = Q T Q'   3 rotate T to a diagonal, and the same rotations to Vt   4 V = Q V   5 sort
//            few: 1, 2, then the k largest values and vectors of T by bisection and inverse iteration, then 4
//            Jacobi: 1 scale   2 a sweep: for each p < q the rotation that makes a_pq zero   3 until none is needed   4 sort
// Departures from the paper: Jacobi skips an entry with |a_pq| <= eps sqrt(|a_pp a_qq|) [Demmel1992, sec. 2], which
//            keeps tiny eigenvalues of a positive definite matrix; as an indefinite or singular matrix may keep such
//            entries for ever, it also stops where off(A) <= eps^2 |A|, or after 60 sweeps.
#include "assay/core/eigen_symmetric.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "assay/core/decomposition_kernels.h"
#include "assay/core/error.h"
#include "assay/core/rotations.h"
#include "assay/core/tridiagonal.h"

namespace assay {
namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();
constexpr int kSweeps = 60;

// Step 1: A / scale, both triangles from the lower one.
Matrix scaled_copy(const Matrix& A, double* scale) {
  if (A.rows() != A.cols())
    throw DataError("a symmetric matrix is needed, this one has " + std::to_string(A.rows()) + " rows and " +
                    std::to_string(A.cols()) + " columns");
  Matrix S = A.triangularView<Eigen::Lower>();
  *scale = power_of_two_scale(S);
  S /= *scale;
  S.triangularView<Eigen::StrictlyUpper>() = S.transpose();
  return S;
}

// Last step: the k largest first, scaled back, with the sign rule.
SymmetricEigen sorted(const Vector& values, const Columns& V, double scale, Index k) {
  std::vector<Index> order(static_cast<size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index(0));
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return values[a] > values[b]; });
  SymmetricEigen result;
  result.values.resize(k);
  result.vectors.resize(V.rows(), k);
  for (Index j = 0; j < k; ++j) {
    const Index from = order[static_cast<size_t>(j)];
    result.values[j] = values[from] * scale;
    result.vectors.col(j) = V.col(from) * sign_rule(V.col(from).data(), V.rows());
  }
  return result;
}

SymmetricEigen solve_by_qr(const Tridiagonal& T, double scale, Index k, const Context& ctx) {
  const Index n = T.d.size();
  Vector d = T.d, e = T.e;
  Matrix Vt = Matrix::Identity(n, n);
  RotationQueue rotations(&Vt, ctx.threads);
  const QrOutcome outcome = qr_iteration(d, e, rotations, ctx);
  Columns V = Vt.transpose();
  T.Q.apply(V);
  SymmetricEigen result = sorted(d, V, scale, k);
  result.converged = outcome.converged;
  result.iterations = outcome.steps;
  return result;
}

struct SweepStep {
  static constexpr const char* kind = "sweep";
  static constexpr const char* title = "one sweep of cyclic Jacobi: every pair p < q once [Golub2013, sec. 8.5]";
  static constexpr const char* source = "core/eigen_symmetric.cpp:eigen_symmetric_jacobi";
  int t;
  double off;
  long rotations;
  std::string why;
  static void fields(const SweepStep& s, auto&& field) {
    field("t", s.t, "sweep");
    field("off(A)", s.off, "root of the sum of squares off the diagonal after it, of A scaled to about 1");
    field("rotations", s.rotations, "pairs that needed a rotation");
  }
};

double off_diagonal_norm(const Matrix& A) {
  double squares = 0;
  for (Index i = 0; i < A.rows(); ++i)
    if (i) squares += 2 * dot(A.row(i).data(), A.row(i).data(), i);
  return std::sqrt(squares);
}

// Rotation in the plane (p, q) that makes a_pq zero; both triangles are kept.
void rotate_pair(Matrix& A, Matrix& Vt, Index p, Index q) {
  const Index n = A.rows();
  const double a_pp = A(p, p), a_qq = A(q, q), a_pq = A(p, q);
  const double zeta = (a_qq - a_pp) / (2 * a_pq);
  const double t = std::isinf(zeta) ? 0 : (zeta >= 0 ? 1 : -1) / (std::abs(zeta) + std::hypot(1, zeta));
  const double shift = std::isinf(zeta) ? a_pq * (a_pq / (a_qq - a_pp)) : t * a_pq;
  const double h = std::sqrt(1 + t * t), s = t / h, c_minus_1 = -(t * t) / (h * (1 + h));
  rotate_little(A.row(p).data(), A.row(q).data(), n, c_minus_1, -s, s);
  for (Index i = 0; i < n; ++i) {
    A(i, p) = A(p, i);
    A(i, q) = A(q, i);
  }
  A(p, p) = a_pp - shift;
  A(q, q) = a_qq + shift;
  A(p, q) = A(q, p) = 0;
  rotate_little(Vt.row(p).data(), Vt.row(q).data(), n, c_minus_1, -s, s);
}

// Step 2. Returns how many pairs needed a rotation.
long sweep_once(Matrix& A, Matrix& Vt) {
  long rotations = 0;
  for (Index p = 0; p < A.rows(); ++p)
    for (Index q = p + 1; q < A.rows(); ++q) {
      const double size = std::abs(A(p, q));
      if (size <= kEps * std::sqrt(std::abs(A(p, p))) * std::sqrt(std::abs(A(q, q)))) continue;
      rotate_pair(A, Vt, p, q);
      ++rotations;
    }
  return rotations;
}

}  // namespace

double sign_rule(const double* v, Index n, Index stride) {
  double largest = 0;
  for (Index i = 0; i < n; ++i) largest = std::max(largest, std::abs(v[i * stride]));
  for (Index i = 0; i < n; ++i)
    if (std::abs(v[i * stride]) >= (1 - 1e-6) * largest) return v[i * stride] < 0 ? -1.0 : 1.0;
  return 1;
}

double power_of_two_scale(const Matrix& A) {
  double largest = 0;
  for (Index i = 0; i < A.rows(); ++i)
    for (Index j = 0; j < A.cols(); ++j) {
      if (!std::isfinite(A(i, j)))
        throw DataError("row " + std::to_string(i + 1) + ", column " + std::to_string(j + 1) +
                        " of the matrix is not a finite number");
      largest = std::max(largest, std::abs(A(i, j)));
    }
  return largest > 0 ? std::ldexp(1.0, std::clamp(std::ilogb(largest), -1022, 1022)) : 1.0;
}

SymmetricEigen eigen_symmetric(const Matrix& A, const Context& ctx) {
  double scale = 1;
  const Tridiagonal T = tridiagonalize(scaled_copy(A, &scale), ctx);
  return solve_by_qr(T, scale, A.rows(), ctx);
}

SymmetricEigen eigen_symmetric_largest(const Matrix& A, Index k, const Context& ctx) {
  double scale = 1;
  const Tridiagonal T = tridiagonalize(scaled_copy(A, &scale), ctx);
  if (k * 4 <= A.rows()) {
    const Vector values = largest_eigenvalues(T, k);
    Columns Z;
    if (inverse_iteration(T, values, Z)) {
      T.Q.apply(Z);
      return sorted(values, Z, scale, k);
    }
  }
  return solve_by_qr(T, scale, k, ctx);
}

SymmetricEigen eigen_symmetric_jacobi(const Matrix& A, const Context& ctx) {
  double scale = 1;
  Matrix S = scaled_copy(A, &scale), Vt = Matrix::Identity(A.rows(), A.rows());
  const double enough = kEps * kEps * S.norm();
  SymmetricEigen result;
  bool converged = A.rows() < 2;
  int t = 0;
  for (; !converged && t < kSweeps && !ctx.out_of_time(); ++t) {
    ctx.check_cancelled();
    const long rotations = sweep_once(S, Vt);
    const double off = off_diagonal_norm(S);
    converged = rotations == 0 || off <= enough;
    ctx.trace.step([&] {
      return SweepStep{t + 1, off, rotations,
                       converged ? "No pair is left that a rotation would change."
                                 : "Each rotation makes one entry zero; the sum of squares falls with every one."};
    });
  }
  result = sorted(S.diagonal(), Vt.transpose(), scale, A.rows());
  result.converged = converged;
  result.iterations = t;
  return result;
}

}  // namespace assay
