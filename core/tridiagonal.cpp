// core/tridiagonal.cpp
// Notation   v, tau: reflector H = I - tau v v';  p = tau A v;  w = p - (tau / 2)(p'v) v, so that H A H = A - v w' - w v';
//            V, W: the v and w of a panel
// Method     reduce: 1 reflector of column j   2 w   3 A - v w' - w v'
//            by panels: 1 column j of A - V W' - W V'   2 reflector   3 w from A, V and W   4 after the panel: all of A
//            QR: 1 split where e is negligible   2 shift   3 chase the bulge by rotations
// Departures from the paper: an off-diagonal entry is dropped if |e_i| <= eps (|d_i| + |d_i+1|). Inverse iteration
//            orthogonalises against every earlier vector, twice, not only against those of near eigenvalues: with few
//            vectors that is cheap, and their orthogonality no longer depends on the gaps.
#include "assay/core/tridiagonal.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/decomposition_kernels.h"

namespace assay {
namespace {

constexpr Index kPanelColumns = 32;
constexpr double kEps = std::numeric_limits<double>::epsilon();
constexpr int kStepsEach = 60;  // QR steps an eigenvalue at most: two to three are usual

Tridiagonal empty_tridiagonal(Index n) {
  Tridiagonal T;
  T.d = Vector::Zero(n);
  T.e = Vector::Zero(std::max<Index>(0, n - 1));
  T.Q = Reflectors(n, std::max<Index>(0, n - 1), 1);
  return T;
}

// w = tau A v - (tau^2 / 2)(v'A v) v from p = A v.
void finish_w(double tau, const Eigen::Ref<const Vector>& v, Eigen::Ref<Vector> w) {
  w *= tau;
  w -= 0.5 * tau * dot(w.data(), v.data(), v.size()) * v;
}

// Step 4 by panels: the lower triangle of A from row and column `first` on, A -= V W' + W V'.
void update_trailing(Matrix& A, Index first, const Columns& V, const Columns& W, Index width, int threads) {
  constexpr Index kRows = 64;
  const Index n = A.rows();
  Matrix left(n - first, 2 * width);
  Matrix right(2 * width, n - first);
  left << V.bottomRows(n - first).leftCols(width), W.bottomRows(n - first).leftCols(width);
  right << W.bottomRows(n - first).leftCols(width).transpose(), V.bottomRows(n - first).leftCols(width).transpose();
  parallel_for(threads, n - first, kRows, [&](Index begin, Index end) {
    A.block(first + begin, first, end - begin, end).noalias() -=
        left.middleRows(begin, end - begin) * right.leftCols(end);
  });
}

}  // namespace

Tridiagonal tridiagonalize_plain(Matrix A) {
  const Index n = A.rows();
  Tridiagonal T = empty_tridiagonal(n);
  A.triangularView<Eigen::StrictlyUpper>() = A.transpose();
  for (Index j = 0; j + 1 < n; ++j) {
    const Index m = n - j - 1;
    Vector v = A.col(j).tail(m);
    T.d[j] = A(j, j);
    T.Q.tau[j] = reflector(v, &T.e[j]);
    Vector w = A.bottomRightCorner(m, m) * v;
    finish_w(T.Q.tau[j], v, w);
    A.bottomRightCorner(m, m) -= v * w.transpose() + w * v.transpose();
    T.Q.v.col(j).tail(m) = v;
  }
  if (n) T.d[n - 1] = A(n - 1, n - 1);
  return T;
}

Tridiagonal tridiagonalize(Matrix A, const Context& ctx) {
  const Index n = A.rows();
  Tridiagonal T = empty_tridiagonal(n);
  Columns V = Columns::Zero(n, kPanelColumns), W = Columns::Zero(n, kPanelColumns);
  Vector column(n), w(n);
  for (Index first = 0; first + 1 < n; first += kPanelColumns) {
    ctx.check_cancelled();
    const Index width = std::min(kPanelColumns, n - 1 - first);
    V.setZero();
    W.setZero();
    for (Index i = 0; i < width; ++i) {
      const Index j = first + i, m = n - j - 1;
      column.tail(m + 1) = A.col(j).tail(m + 1);
      column.tail(m + 1).noalias() -= V.block(j, 0, m + 1, i) * W.row(j).head(i).transpose();
      column.tail(m + 1).noalias() -= W.block(j, 0, m + 1, i) * V.row(j).head(i).transpose();
      T.d[j] = column[j];
      auto v = column.tail(m);
      T.Q.tau[j] = reflector(v, &T.e[j]);
      T.Q.v.col(j).tail(m) = v;
      symmetric_times(A, j + 1, v.data(), w.data());
      auto p = w.head(m);
      const Vector Wv = W.block(j + 1, 0, m, i).transpose() * v, Vv = V.block(j + 1, 0, m, i).transpose() * v;
      p.noalias() -= V.block(j + 1, 0, m, i) * Wv;
      p.noalias() -= W.block(j + 1, 0, m, i) * Vv;
      finish_w(T.Q.tau[j], v, p);
      V.col(i).tail(m) = v;
      W.col(i).tail(m) = p;
    }
    update_trailing(A, first + width, V, W, width, ctx.threads);
  }
  if (n) T.d[n - 1] = A(n - 1, n - 1);
  return T;
}

namespace {

struct QrStep {
  static constexpr const char* kind = "qr-step";
  static constexpr const char* title = "implicit QR step with Wilkinson's shift [Golub2013, alg. 8.3.2]";
  static constexpr const char* source = "core/tridiagonal.cpp:qr_iteration";
  long t;
  Index low, high;
  double shift, off_diagonal;
  std::string why;
  static void fields(const QrStep& s, auto&& field) {
    field("t", s.t, "QR steps so far");
    field("p", static_cast<long long>(s.low), "first row of the block the step works on");
    field("q", static_cast<long long>(s.high), "last row of that block");
    field("mu", s.shift, "shift: the eigenvalue of the last 2 x 2 block that is nearer to its last entry");
    field("e_q", s.off_diagonal, "the off-diagonal entry that goes to zero, before the step");
  }
};

bool negligible(const Vector& d, const Vector& e, Index i) {
  return std::abs(e[i]) <= kEps * (std::abs(d[i]) + std::abs(d[i + 1]));
}

// Eigenvalue of [[d_{q-1}, e], [e, d_q]] nearer to d_q.
double wilkinson_shift(double before, double last, double e) {
  const double delta = (before - last) / 2;
  const double length = std::hypot(delta, e);
  return last - e * (e / (delta + (delta >= 0 ? length : -length)));
}

// Step 3: T <- G' T G for rotations G in planes (k, k+1), k = low .. high-1.
void chase_bulge(Vector& d, Vector& e, Index low, Index high, double shift, RotationQueue& rotations) {
  double x = d[low] - shift, z = e[low];
  for (Index k = low; k < high; ++k) {
    double r = 0;
    const Rotation g = rotation_onto(x, z, &r);
    if (k > low) e[k - 1] = r;
    const double c = g.c, s = g.s, a = d[k], b = d[k + 1], off = e[k];
    d[k] = c * (c * a + s * off) + s * (c * off + s * b);
    d[k + 1] = s * (s * a - c * off) + c * (c * b - s * off);
    e[k] = c * (c * off - s * a) + s * (c * b - s * off);
    rotations.add(k, k + 1, g);
    if (k + 1 < high) {
      x = e[k];
      z = s * e[k + 1];
      e[k + 1] *= c;
    }
  }
}

}  // namespace

QrOutcome qr_iteration(Vector& d, Vector& e, RotationQueue& rotations, const Context& ctx) {
  QrOutcome outcome;
  const long limit = kStepsEach * static_cast<long>(d.size());
  for (Index high = d.size() - 1; high > 0;) {
    if (negligible(d, e, high - 1)) {
      e[--high] = 0;
      continue;
    }
    Index low = high - 1;
    while (low > 0 && !negligible(d, e, low - 1)) --low;
    if (low > 0) e[low - 1] = 0;
    if (outcome.steps >= limit || ctx.out_of_time()) {
      outcome.converged = false;
      break;
    }
    ctx.check_cancelled();
    const double shift = wilkinson_shift(d[high - 1], d[high], e[high - 1]);
    ctx.trace.step([&] {
      return QrStep{outcome.steps, low,         high,
                    shift,         e[high - 1], low + 1 == high ? "A block of two rows: one step solves it." : ""};
    });
    chase_bulge(d, e, low, high, shift, rotations);
    ++outcome.steps;
  }
  rotations.flush();
  return outcome;
}

}  // namespace assay
