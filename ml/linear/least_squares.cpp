// Notation   G: Gram matrix of the centred columns, S = diag(G)^(1/2), R = S^-1 (G + alpha I) S^-1 (unit diagonal where alpha = 0);
//            m: means; v: roots of the weights; W = sum of the weights; p = number of columns that are not constant
// Method     1 G, m in one reading of the table (moments)   2 estimate the condition of R   3 below kMostCondition: Cholesky
//            of R; else QR with column pivoting of the centred, scaled columns   4 b = mean of y - m'w   5 sum of squares
// Departures from the paper: the columns are centred about a provisional mean, that of the first rows, and G is moved to the
//            true one by a term of rank one; where that would cancel digits, the table is read a second time. The table is
//            reduced to R by blocks of rows without pivoting [Demmel2012], and R alone is pivoted: the same least-squares
//            problem, in one reading. Where residuals are large, R keeps X'r = 0 only to its own rounding, so w gets two
//            corrections from R'R dw = X'r, with r and X'r summed in twice the digits [Bjorck1967].
#include "assay/ml/linear/least_squares.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/column_gram.h"
#include "assay/core/error.h"
#include "assay/core/parallel.h"

namespace assay {
namespace {

constexpr double kMostCondition = 1e4;  // Cholesky loses its square root's digits twice: 1e-16 * 1e4 is still 1e-12
constexpr Index kProvisionalRows = 512;
constexpr Index kInverseColumns = 2000;  // up to so many columns the variances are computed
constexpr double kMostRefined = 1e12;    // condition up to which a correction from R'R brings digits
constexpr int kCorrections = 2;
constexpr double kConstant = 1e-14;  // spread over mean: what the rounding of a constant's mean leaves
constexpr double kCancelled =
    1e-6;  // residual over the sum of its terms' sizes below which it is summed by its definition

struct LeastSquaresStep {
  static constexpr const char* kind = "least-squares";
  std::string method;
  double condition, residual;
  long long rank;
  std::string why;
  static void fields(const LeastSquaresStep& s, auto&& field) {
    field("method", s.method, "how the normal equations or the table were factored");
    field("condition", s.condition, "estimate for the centred Gram matrix with unit diagonal");
    field("rank", s.rank, "columns that do not depend on others");
    field("rss", s.residual, "sum of squared residuals");
  }
};

struct Moments {
  double weight = 0;
  Vector mean;  // of the columns, then of y; zero without an intercept
  Matrix G;     // (d + 1) x (d + 1): the last row belongs to y
};

Vector roots(const Vector& weight) { return weight.size() ? Vector(weight.cwiseSqrt()) : Vector(); }

// Step 1 about a given point.
Moments moments_about(const LeastSquares& q, const Vector& shift, const Vector& root, int threads) {
  std::vector<const double*> columns = q.columns;
  const Vector ones = q.intercept ? Vector::Ones(q.n) : Vector();
  columns.push_back(q.y.data());
  Vector point(shift.size() + (q.intercept ? 1 : 0));
  point.head(shift.size()) = shift;
  if (q.intercept) {
    columns.push_back(ones.data());
    point[shift.size()] = 0;
  }
  Matrix G = column_gram(columns, q.n, point, root, threads);
  Moments m;
  const Index p = shift.size();
  m.mean = shift;
  m.weight = q.weight.size() ? sum(q.weight.data(), q.n) : static_cast<double>(q.n);
  if (q.intercept) {
    const Vector sums = G.row(p).head(p);
    m.mean += sums / m.weight;
    m.G = G.topLeftCorner(p, p) - sums * sums.transpose() / m.weight;
  } else {
    m.G = std::move(G);
  }
  return m;
}

Moments moments(const LeastSquares& q, const Vector& root, int threads) {
  const Index p = q.d() + 1;
  Vector shift = Vector::Zero(p);
  if (!q.intercept) return moments_about(q, shift, root, threads);
  const Index rows = std::min(q.n, kProvisionalRows);
  for (Index j = 0; j < p; ++j)
    shift[j] = sum(j < q.d() ? q.columns[static_cast<size_t>(j)] : q.y.data(), rows) / static_cast<double>(rows);
  Moments m = moments_about(q, shift, root, threads);
  for (Index j = 0; j < p; ++j) {
    const double moved = m.mean[j] - shift[j];
    if (moved * moved * m.weight > 16 * m.G(j, j)) return moments_about(q, m.mean, root, threads);
  }
  return m;
}

// |A|_1 of the inverse by the power method of [Higham1988, alg. 2.1]; `solve` applies A^-1 (A is symmetric).
template <class Solve>
double inverse_norm(Index p, Solve&& solve) {
  Vector x = Vector::Constant(p, 1.0 / static_cast<double>(p));
  double norm = 0;
  for (int t = 0; t < 5; ++t) {
    const Vector y = solve(x);
    const double found = y.lpNorm<1>();
    if (t > 0 && found <= norm) break;
    norm = found;
    const Vector z = solve(Vector(y.unaryExpr([](double v) { return v < 0 ? -1.0 : 1.0; })));
    Index j = 0;
    if (z.cwiseAbs().maxCoeff(&j) <= z.dot(x)) break;
    x = Vector::Unit(p, j);
  }
  return norm;
}

double one_norm(const Matrix& A) { return A.cwiseAbs().colwise().sum().maxCoeff(); }

// Variances over the noise's: of w, diag of C; of b, 1 / W + m'C m. C = S^-1 (R^-1 [G' = R - ridge] R^-1) S^-1.
void set_variances(const LeastSquares& q, const Moments& m, const Matrix& C, LeastSquaresSolution& s) {
  const Index d = q.d();
  s.variance = Vector::Zero(d + 1);
  s.variance.head(d) = C.diagonal();
  if (q.intercept) s.variance[d] = 1 / m.weight + m.mean.head(d).dot(C * m.mean.head(d));
}

// Step 4; zero without an intercept, since the means are.
double mean_offset(const LeastSquares& q, const Moments& m, const Vector& w) {
  return m.mean[q.d()] - m.mean.head(q.d()).dot(w);
}

// Steps 2 and 3 by Cholesky; false where the condition forbids it and nobody asked for it.
bool solve_cholesky_of_gram(const LeastSquares& q, const Moments& m, const std::vector<Index>& kept,
                            const Vector& scale, bool forced, LeastSquaresSolution& s) {
  const auto p = static_cast<Index>(kept.size());
  Matrix R(p, p);
  Vector g(p);
  for (Index a = 0; a < p; ++a) {
    g[a] = m.G(kept[static_cast<size_t>(a)], q.d()) / scale[a];
    for (Index b = 0; b < p; ++b)
      R(a, b) = m.G(kept[static_cast<size_t>(a)], kept[static_cast<size_t>(b)]) / (scale[a] * scale[b]);
    R(a, a) += q.alpha / (scale[a] * scale[a]);
  }
  const Eigen::LLT<Eigen::MatrixXd> cholesky(R);
  s.condition = std::numeric_limits<double>::infinity();
  if (cholesky.info() == Eigen::Success)
    s.condition = one_norm(R) * inverse_norm(p, [&](const Vector& x) { return Vector(cholesky.solve(x)); });
  if (!std::isfinite(s.condition)) s.condition = 1 / std::numeric_limits<double>::epsilon();
  if (cholesky.info() != Eigen::Success || (!forced && s.condition >= kMostCondition)) return false;
  const Vector z = cholesky.solve(g);
  for (Index a = 0; a < p; ++a) s.w[kept[static_cast<size_t>(a)]] = z[a] / scale[a];
  s.b = mean_offset(q, m, s.w);
  s.rank = p;
  s.method = "Cholesky";
  s.degrees = static_cast<double>(p);
  if (p > kInverseColumns) return true;
  const Vector unscale = scale.cwiseInverse();
  const Matrix inverse =
      unscale.asDiagonal() * Matrix(cholesky.solve(Eigen::MatrixXd::Identity(p, p))) * unscale.asDiagonal();
  s.degrees -= q.alpha * inverse.trace();
  Matrix C = Matrix::Zero(q.d(), q.d());
  const Matrix covariance = q.alpha > 0 ? Matrix(inverse - q.alpha * inverse * inverse) : inverse;
  for (Index a = 0; a < p; ++a)
    for (Index b = 0; b < p; ++b) C(kept[static_cast<size_t>(a)], kept[static_cast<size_t>(b)]) = covariance(a, b);
  set_variances(q, m, C, s);
  return true;
}

// Two doubles that stand for their sum, with errors recovered exactly [Dekker1971].
struct Twice {
  double high = 0, low = 0;
  void add(double x) {
    const double sum = high + x, part = sum - high;
    low += (high - (sum - part)) + (x - part);
    high = sum;
  }
  void add_product(double x, double y) {
    const double product = x * y;
    low += std::fma(x, y, -product);
    add(product);
  }
  void add_product(const Twice& x, double y) {
    add_product(x.high, y);
    low += x.low * y;
  }
  Twice times(double y) const {
    Twice product;
    product.add_product(*this, y);
    return product;
  }
  void add(const Twice& o) {
    add(o.high);
    low += o.low;
  }
  double value() const { return high + low; }
};

// X'r of the centred columns, then the sum of r, in twice the digits.
Vector residual_products(const LeastSquares& q, const Moments& m, const Vector& w, double b, int threads) {
  const auto d = static_cast<size_t>(q.d());
  const std::vector<Twice> sums = parallel_reduce(
      threads, q.n, 4096, std::vector<Twice>(d + 1),
      [&](Index begin, Index end) {
        std::vector<Twice> part(d + 1);
        for (Index i = begin; i < end; ++i) {
          Twice r;
          r.add(q.y[i]);
          r.add(-b);
          for (size_t f = 0; f < d; ++f) r.add_product(-w[static_cast<Index>(f)], q.columns[f][i]);
          if (q.weight.size()) r = r.times(q.weight[i]);
          for (size_t f = 0; f < d; ++f) part[f].add_product(r, q.columns[f][i]);
          part[d].add(r);
        }
        return part;
      },
      [](std::vector<Twice>& total, const std::vector<Twice>& part) {
        for (size_t f = 0; f < total.size(); ++f) total[f].add(part[f]);
      });
  Vector g(q.d() + 1);
  g[q.d()] = sums[d].value();
  for (size_t f = 0; f < d; ++f) {
    Twice centred = sums[f];
    centred.add_product(sums[d], -m.mean[static_cast<Index>(f)]);
    g[static_cast<Index>(f)] = centred.value();
  }
  return g;
}

// Step 3 by QR: the rows of the scaled table with y beside it, then the rows of the penalty.
void solve_pivoted_qr(const LeastSquares& q, const Moments& m, const std::vector<Index>& kept, const Vector& scale,
                      const Vector& root, int threads, LeastSquaresSolution& s) {
  const auto p = static_cast<Index>(kept.size());
  const Index penalty_rows = q.alpha > 0 ? p : 0;
  const auto fill = [&](Index begin, Index end, Eigen::Ref<Columns> rows) {
    const Index data_end = std::min(end, q.n);
    rows.setZero();
    for (Index a = 0; a <= p; ++a) {
      const Index f = a < p ? kept[static_cast<size_t>(a)] : q.d();
      const double* x = a < p ? q.columns[static_cast<size_t>(f)] : q.y.data();
      const double over = a < p ? 1 / scale[a] : 1;
      for (Index i = begin; i < data_end; ++i)
        rows(i - begin, a) = (x[i] - m.mean[f]) * over * (root.size() ? root[i] : 1.0);
    }
    for (Index i = std::max(begin, q.n); i < end; ++i) rows(i - begin, i - q.n) = std::sqrt(q.alpha) / scale[i - q.n];
  };
  const Matrix R = triangular_factor(q.n + penalty_rows, p + 1, threads, fill);
  const Index rows = std::min(R.rows(), p);
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(R.topLeftCorner(rows, p));
  s.rank = qr.rank();
  Vector c = R.col(p).head(rows);
  c.applyOnTheLeft(qr.householderQ().adjoint());
  const auto U = qr.matrixR().topLeftCorner(s.rank, s.rank).triangularView<Eigen::Upper>();
  const Vector z = U.solve(c.head(s.rank));
  const auto& order = qr.colsPermutation().indices();
  for (Index a = 0; a < p; ++a) {
    const Index at = order[a], f = kept[static_cast<size_t>(at)];
    s.w[f] = a < s.rank ? z[a] / scale[at] : 0.0;
    s.dropped[static_cast<size_t>(f)] = a >= s.rank;
  }
  s.b = mean_offset(q, m, s.w);
  for (int t = 0; t < kCorrections && s.rank == p && s.condition < kMostRefined; ++t) {
    const Vector g = residual_products(q, m, s.w, s.b, threads);
    if (q.intercept) s.b += g[q.d()] / m.weight;
    Vector pivoted(p);
    for (Index a = 0; a < p; ++a) {
      const Index f = kept[static_cast<size_t>(order[a])];
      pivoted[a] = (g[f] - q.alpha * s.w[f]) / scale[order[a]];
    }
    const Vector correction = U.solve(U.transpose().solve(pivoted));
    for (Index a = 0; a < p; ++a) {
      const Index f = kept[static_cast<size_t>(order[a])];
      s.w[f] += correction[a] / scale[order[a]];
      s.b -= m.mean[f] * correction[a] / scale[order[a]];
    }
  }
  s.method = "QR with column pivoting";
  s.degrees = static_cast<double>(s.rank);
  if (p > kInverseColumns) return;
  // (R'R)^-1 = U^-1 U^-T, and the penalty's share of it where there is one.
  const Matrix inverse_root = U.solve(Eigen::MatrixXd::Identity(s.rank, s.rank));
  Matrix C = Matrix::Zero(q.d(), q.d());
  Matrix inverse = inverse_root * inverse_root.transpose();
  for (Index a = 0; a < s.rank; ++a)
    for (Index b = 0; b < s.rank; ++b) inverse(a, b) /= scale[order[a]] * scale[order[b]];
  s.degrees -= q.alpha * inverse.trace();
  if (q.alpha > 0) inverse -= Matrix(q.alpha * inverse * inverse);
  for (Index a = 0; a < s.rank; ++a)
    for (Index b = 0; b < s.rank; ++b)
      C(kept[static_cast<size_t>(order[a])], kept[static_cast<size_t>(order[b])]) = inverse(a, b);
  set_variances(q, m, C, s);
}

}  // namespace

double condition_estimate(const Matrix& A) {
  const Eigen::LLT<Eigen::MatrixXd> cholesky(A);
  if (cholesky.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
  return one_norm(A) * inverse_norm(A.rows(), [&](const Vector& x) { return Vector(cholesky.solve(x)); });
}

Matrix triangular_factor(Index m, Index p, int threads,
                         function_ref<void(Index begin, Index end, Eigen::Ref<Columns> rows)> fill) {
  const auto factor = [&](Columns& rows) {
    const Eigen::HouseholderQR<Eigen::Ref<Columns>> qr(rows);
    const Index k = std::min(rows.rows(), p);
    return Matrix(rows.topRows(k).triangularView<Eigen::Upper>());
  };
  return parallel_reduce(
      threads, m, std::max<Index>(4096, 4 * p), Matrix(Matrix::Zero(0, p)),
      [&](Index begin, Index end) {
        Columns rows(end - begin, p);
        fill(begin, end, rows);
        return factor(rows);
      },
      [&](Matrix& total, Matrix& part) {
        if (total.rows() == 0) {
          total = std::move(part);
          return;
        }
        Columns both(total.rows() + part.rows(), p);
        both << total, part;
        total = factor(both);
      });
}

double sum_of_squares(const LeastSquares& q, const Vector& w, double b, int threads) {
  constexpr Index kRows = 512;
  return parallel_reduce(
      threads, q.n, 8 * kRows, 0.0,
      [&](Index begin, Index end) {
        double total = 0;
        double r[kRows];
        for (Index first = begin; first < end; first += kRows) {
          const Index rows = std::min(kRows, end - first);
          for (Index i = 0; i < rows; ++i) r[i] = q.y[first + i] - b;
          for (Index f = 0; f < q.d(); ++f) {
            const double* x = q.columns[static_cast<size_t>(f)] + first;
            const double w_f = w[f];
            if (w_f != 0)
              for (Index i = 0; i < rows; ++i) r[i] -= w_f * x[i];
          }
          for (Index i = 0; i < rows; ++i) r[i] *= r[i];
          if (q.weight.size())
            for (Index i = 0; i < rows; ++i) r[i] *= q.weight[first + i];
          total += sum(r, rows);
        }
        return total;
      },
      [](double& total, double part) { total += part; });
}

LeastSquaresSolution solve_least_squares(const LeastSquares& q, LeastSquaresSolver solver, const Context& ctx) {
  const Index d = q.d();
  if (solver == LeastSquaresSolver::automatic && d > q.n && q.alpha == 0) return solve_least_norm(q, ctx);
  if (q.alpha > 0 && (solver == LeastSquaresSolver::cg || (solver == LeastSquaresSolver::automatic && d > q.n)))
    if (auto s = solve_by_conjugate_gradients(q, ctx)) return *s;
  if (q.alpha > 0 && (solver == LeastSquaresSolver::dual || solver == LeastSquaresSolver::cg || d > q.n) &&
      solver != LeastSquaresSolver::cholesky && solver != LeastSquaresSolver::qr)
    return solve_dual(q, ctx);

  const Vector root = roots(q.weight);
  const Moments m = moments(q, root, ctx.threads);
  LeastSquaresSolution s;
  s.w = Vector::Zero(d);
  s.dropped.assign(static_cast<size_t>(d), false);
  s.weight = m.weight;
  s.total = m.G(d, d);
  std::vector<Index> kept;
  for (Index f = 0; f < d; ++f) {
    if (!std::isfinite(m.G(f, f)))
      throw DataError("the squares of column " + std::to_string(f + 1) + " are too large to add up",
                      "scale the columns");
    if (m.G(f, f) > 0 && std::sqrt(m.G(f, f) / m.weight) > kConstant * std::abs(m.mean[f]))
      kept.push_back(f);
    else
      s.dropped[static_cast<size_t>(f)] = q.alpha == 0;
  }
  if (!std::isfinite(s.total)) throw DataError("the squares of the target are too large to add up", "scale the target");
  Vector scale(static_cast<Index>(kept.size()));
  for (size_t a = 0; a < kept.size(); ++a) scale[static_cast<Index>(a)] = std::sqrt(m.G(kept[a], kept[a]));
  if (kept.empty()) {
    s.method = "mean";
    s.b = m.mean[d];
    set_variances(q, m, Matrix::Zero(d, d), s);
  } else if (solver == LeastSquaresSolver::qr ||
             !solve_cholesky_of_gram(q, m, kept, scale, solver == LeastSquaresSolver::cholesky, s)) {
    solve_pivoted_qr(q, m, kept, scale, root, ctx.threads, s);
  }
  if (q.intercept) s.degrees += 1;
  const Vector w_abs = s.w.cwiseAbs();
  const double terms =
      s.total + 2 * w_abs.dot(m.G.col(d).head(d).cwiseAbs()) + w_abs.dot(m.G.topLeftCorner(d, d).cwiseAbs() * w_abs);
  s.residual = s.total - 2 * s.w.dot(m.G.col(d).head(d)) + s.w.dot(m.G.topLeftCorner(d, d) * s.w);
  if (!(s.residual > kCancelled * terms)) s.residual = sum_of_squares(q, s.w, s.b, ctx.threads);
  ctx.trace.step([&] {
    const bool cholesky = s.method == "Cholesky";
    return LeastSquaresStep{s.method, s.condition, s.residual, static_cast<long long>(s.rank),
                            cholesky
                                ? "The condition is small: the normal equations lose few digits, and cost one product."
                                : "The normal equations would lose too many digits, so the table itself was factored."};
  });
  return s;
}

}  // namespace assay
