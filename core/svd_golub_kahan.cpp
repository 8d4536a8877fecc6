// core/svd_golub_kahan.cpp
// Notation   B: upper bidiagonal, d_0 .. d_{n-1} on the diagonal, e_0 .. e_{n-2} above it;  Q R: of a tall A
// Method     1 scale; A wide: A' instead   2 A tall: A = Q R, go on with R [Chan1982]   3 A = H B G' by reflectors from
//            the left and the right in turn [Golub1965]   4 rotations make B diagonal [Golub1970]: split where e is
//            negligible, clear the row or column of a negligible d, else one QR step of B'B with its shift, never
//            forming B'B   5 U = Q H U_B, V = G V_B, signs, sort
// Departures from the paper: the rotations are queued and applied by strips (rotations.h).
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/error.h"
#include "assay/core/reflectors.h"
#include "assay/core/rotations.h"
#include "assay/core/svd_internal.h"

namespace assay {
namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();
constexpr int kStepsEach = 60;

struct SvdStep {
  static constexpr const char* kind = "svd-step";
  static constexpr const char* title = "one implicit QR step of B'B [Golub1970]";
  static constexpr const char* source = "core/svd_golub_kahan.cpp:diagonalize";
  long t;
  Index low, high;
  double shift, off_diagonal, diagonal;
  std::string why;
  static void fields(const SvdStep& s, auto&& field) {
    field("t", s.t, "steps so far");
    field("p", static_cast<long long>(s.low), "first row of the block the step works on");
    field("q", static_cast<long long>(s.high), "last row of that block");
    field("mu", s.shift, "shift: eigenvalue of the last 2 x 2 block of B'B that is nearer to its last entry");
    field("e_q", s.off_diagonal, "the entry above the diagonal that goes to zero, before the step");
    field("d_q", s.diagonal, "the diagonal entry that becomes a singular value");
  }
};

struct Bidiagonal {
  Vector d, e;
  Reflectors left, right;
};

// Step 3.
Bidiagonal bidiagonalize(Columns A) {
  const Index m = A.rows(), n = A.cols();
  Bidiagonal B;
  B.d.resize(n);
  B.e = Vector::Zero(std::max<Index>(0, n - 1));
  B.left = Reflectors(m, n, 0);
  B.right = Reflectors(n, std::max<Index>(0, n - 1), 1);
  Vector row(n);
  for (Index j = 0; j < n; ++j) {
    Vector v = A.col(j).tail(m - j);
    B.left.tau[j] = reflector(v, &B.d[j]);
    B.left.v.col(j).tail(m - j) = v;
    const Index rest = n - j - 1;
    if (rest == 0) break;
    auto A_rest = A.block(j, j + 1, m - j, rest);
    row.head(rest).noalias() = A_rest.transpose() * v;
    row.head(rest) *= B.left.tau[j];
    A_rest.noalias() -= v * row.head(rest).transpose();
    Vector u = A.row(j).tail(rest);
    B.right.tau[j] = reflector(u, &B.e[j]);
    B.right.v.col(j).tail(rest) = u;
    auto below = A.block(j + 1, j + 1, m - j - 1, rest);
    const Vector Au = B.right.tau[j] * (below * u);
    below.noalias() -= Au * u.transpose();
  }
  return B;
}

// Step 4 on one bidiagonal matrix.
class Diagonalizer {
 public:
  Diagonalizer(Vector& d, Vector& e, RotationQueue& left, RotationQueue& right)
      : d_(d), e_(e), left_(left), right_(right) {}

  bool run(const Context& ctx, long* steps) {
    const double largest = std::max(d_.cwiseAbs().maxCoeff(), e_.size() ? e_.cwiseAbs().maxCoeff() : 0.0);
    const long limit = kStepsEach * static_cast<long>(d_.size());
    for (Index high = d_.size() - 1; high > 0;) {
      if (negligible(high - 1)) {
        e_[--high] = 0;
        continue;
      }
      Index low = high - 1;
      while (low > 0 && !negligible(low - 1)) --low;
      if (low > 0) e_[low - 1] = 0;
      if (*steps >= limit || ctx.out_of_time()) return false;
      ctx.check_cancelled();
      ++*steps;
      if (const Index zero = negligible_diagonal(low, high, kEps * largest); zero >= 0) {
        zero == high ? clear_column(low, high) : clear_row(zero, high);
        continue;
      }
      const double mu = shift(low, high);
      ctx.trace.step([&] { return SvdStep{*steps, low, high, mu, e_[high - 1], d_[high], ""}; });
      qr_step(low, high, mu);
    }
    return true;
  }

 private:
  bool negligible(Index i) const { return std::abs(e_[i]) <= kEps * (std::abs(d_[i]) + std::abs(d_[i + 1])); }

  Index negligible_diagonal(Index low, Index high, double size) const {
    for (Index i = low; i <= high; ++i)
      if (std::abs(d_[i]) <= size) return i;
    return -1;
  }

  // d_i = 0: rotations of rows (k, i) carry e_i out of the block to the right.
  void clear_row(Index i, Index high) {
    d_[i] = 0;
    double f = e_[i];
    e_[i] = 0;
    for (Index k = i + 1; k <= high && f != 0; ++k) {
      const Rotation g = rotation_onto(d_[k], f, &d_[k]);
      left_.add(k, i, g);
      if (k == high) break;
      f = -g.s * e_[k];
      e_[k] *= g.c;
    }
  }

  // d_high = 0: rotations of columns (k, high) carry e_{high-1} out of the block upwards.
  void clear_column(Index low, Index high) {
    d_[high] = 0;
    double f = e_[high - 1];
    e_[high - 1] = 0;
    for (Index k = high - 1; k >= low && f != 0; --k) {
      const Rotation g = rotation_onto(d_[k], f, &d_[k]);
      right_.add(k, high, g);
      if (k == low) break;
      f = -g.s * e_[k - 1];
      e_[k - 1] *= g.c;
    }
  }

  // Eigenvalue of the last 2 x 2 block of B'B nearer to its last entry.
  double shift(Index low, Index high) const {
    const double before = d_[high - 1] * d_[high - 1] + (high - 1 > low ? e_[high - 2] * e_[high - 2] : 0.0);
    const double last = d_[high] * d_[high] + e_[high - 1] * e_[high - 1], off = d_[high - 1] * e_[high - 1];
    const double delta = (before - last) / 2, length = std::hypot(delta, off);
    const double sum = delta + (delta >= 0 ? length : -length);
    return sum == 0 ? last : last - off * (off / sum);
  }

  void qr_step(Index low, Index high, double mu) {
    double y = d_[low] - mu / d_[low], z = e_[low];
    for (Index k = low; k < high; ++k) {
      double r = 0;
      Rotation g = rotation_onto(y, z, &r);  // columns k, k+1
      if (k > low) e_[k - 1] = r;
      y = g.c * d_[k] + g.s * e_[k];
      e_[k] = g.c * e_[k] - g.s * d_[k];
      z = g.s * d_[k + 1];
      d_[k + 1] *= g.c;
      right_.add(k, k + 1, g);
      g = rotation_onto(y, z, &d_[k]);  // rows k, k+1
      y = g.c * e_[k] + g.s * d_[k + 1];
      d_[k + 1] = g.c * d_[k + 1] - g.s * e_[k];
      e_[k] = y;
      left_.add(k, k + 1, g);
      if (k + 1 < high) {
        z = g.s * e_[k + 1];
        e_[k + 1] *= g.c;
      }
    }
  }

  Vector &d_, &e_;
  RotationQueue &left_, &right_;
};

// Steps 3 to 5 for a matrix with at least as many rows as columns.
Svd decompose(const Columns& A, const Context& ctx) {
  const Index m = A.rows(), n = A.cols();
  Bidiagonal B = bidiagonalize(A);
  Matrix Ut = Matrix::Identity(n, n), Vt = Matrix::Identity(n, n);
  RotationQueue left(&Ut, ctx.threads), right(&Vt, ctx.threads);
  Svd result;
  result.converged = Diagonalizer(B.d, B.e, left, right).run(ctx, &result.iterations);
  left.flush();
  right.flush();
  result.S = B.d.cwiseAbs();
  result.V = Vt.transpose();
  for (Index j = 0; j < n; ++j)
    if (B.d[j] < 0) result.V.col(j) = -result.V.col(j);
  result.U = Columns::Zero(m, n);
  result.U.topRows(n) = Ut.transpose();
  B.left.apply(result.U);
  B.right.apply(result.V);
  return result;
}

}  // namespace

Svd svd(const Matrix& A, const Context& ctx) {
  const double scale = power_of_two_scale(A);
  const bool wide = A.rows() < A.cols();
  Columns work = A / scale;
  if (wide) work = Columns(work.transpose());
  Svd result;
  if (work.cols() == 0) {
    result.U.resize(work.rows(), 0);
    result.V.resize(0, 0);
  } else if (work.rows() * 5 > work.cols() * 8) {
    const Index m = work.rows(), n = work.cols();
    const Eigen::HouseholderQR<Eigen::Ref<Columns>> qr(work);
    result = decompose(Columns(work.topRows(n).triangularView<Eigen::Upper>()), ctx);
    Columns U = Columns::Zero(m, n);
    U.topRows(n) = result.U;
    U.applyOnTheLeft(qr.householderQ());
    result.U.swap(U);
  } else {
    result = decompose(work, ctx);
  }
  result.S *= scale;
  if (!result.S.allFinite()) throw DataError("the largest singular value is beyond the range of numbers");
  sort_and_sign(result);
  return wide ? turned(std::move(result)) : result;
}

}  // namespace assay
