// Tables with more columns than rows: the n x n system.
//
// Notation   X: the table, rows times the roots v of the weights, projected onto what is orthogonal to v (that centres its
//            columns): X = (I - u u') V X_raw, u = v / |v|;  K = X X' + alpha I;  w = X' z, K z = y
// Method     conjugate gradients [Golub2013, alg. 11.3.3]: each iteration reads the table once, column by column: while a column
//            x is in cache, t = x'p and q += t x
// Departures from the paper: the projection is applied to vectors, so the table is neither copied nor centred.
#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/parallel.h"
#include "assay/ml/linear/least_squares.h"

namespace assay {
namespace {

constexpr Index kColumns = 256;      // of one partial sum
constexpr double kResidual = 1e-13;  // |K z - y| over |y| at the end
constexpr double kLeastBytes = 8e9;  // of the n x n matrix

struct CgStep {
  static constexpr const char* kind = "cg";
  long long t;
  double residual, step;
  static void fields(const CgStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("residual", s.residual, "|y - K z| over |y|");
    field("step", s.step, "length along the direction");
  }
};

// The projected, weighted table as an operator.
struct Wide {
  const LeastSquares& q;
  Vector root;  // v; all 1 where there are no weights
  double weight;
  int threads;

  Wide(const LeastSquares& problem, int n_threads)
      : q(problem),
        root(problem.weight.size() ? Vector(problem.weight.cwiseSqrt()) : Vector(Vector::Ones(problem.n))),
        weight(problem.weight.size() ? sum(problem.weight.data(), problem.n) : static_cast<double>(problem.n)),
        threads(n_threads) {}

  Vector project(Vector z) const {
    if (q.intercept) z -= (dot(root.data(), z.data(), q.n) / weight) * root;
    return z;
  }
  // X X' z for a projected z.
  Vector gram_times(const Vector& z) const {
    const Vector raw = z.cwiseProduct(root);
    Vector out = parallel_reduce(
        threads, q.d(), kColumns, Vector(Vector::Zero(q.n)),
        [&](Index begin, Index end) {
          Vector part = Vector::Zero(q.n);
          for (Index f = begin; f < end; ++f) {
            const double* x = q.columns[static_cast<size_t>(f)];
            const double t = dot(x, raw.data(), q.n);
            double* p = part.data();
            for (Index i = 0; i < q.n; ++i) p[i] += t * x[i];
          }
          return part;
        },
        [](Vector& total, const Vector& part) { total += part; });
    return project(out.cwiseProduct(root));
  }
  // X' z for a projected z.
  Vector transposed_times(const Vector& z) const {
    const Vector raw = z.cwiseProduct(root);
    Vector out(q.d());
    parallel_for(threads, q.d(), kColumns, [&](Index begin, Index end) {
      for (Index f = begin; f < end; ++f) out[f] = dot(q.columns[static_cast<size_t>(f)], raw.data(), q.n);
    });
    return out;
  }
  double mean_of(const double* x) const {
    if (!q.intercept) return 0;
    double total = 0;
    for (Index i = 0; i < q.n; ++i) total += root[i] * root[i] * x[i];
    return total / weight;
  }
  Vector target() const { return project(q.y.cwiseProduct(root)); }
};

LeastSquaresSolution finish(const Wide& X, Vector w, const std::string& method, const Context& ctx) {
  const LeastSquares& q = X.q;
  LeastSquaresSolution s;
  s.w = std::move(w);
  if (!s.w.allFinite()) throw DataError("the squares of the table are too large to add up", "scale the columns");
  s.dropped.assign(static_cast<size_t>(q.d()), false);
  s.weight = X.weight;
  s.total = X.target().squaredNorm();
  s.rank = std::min(q.n - (q.intercept ? 1 : 0), q.d());
  if (q.intercept) {
    s.b = X.mean_of(q.y.data());
    for (Index f = 0; f < q.d(); ++f) s.b -= s.w[f] * X.mean_of(q.columns[static_cast<size_t>(f)]);
  }
  s.method = method;
  s.residual = sum_of_squares(q, s.w, s.b, ctx.threads);
  return s;
}

// The projected, weighted table, n x d, in aligned storage.
Columns table_of(const Wide& X) {
  Columns T(X.q.n, X.q.d());
  parallel_for(X.threads, X.q.d(), 16, [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f) {
      const double* x = X.q.columns[static_cast<size_t>(f)];
      const double m = X.mean_of(x);
      for (Index i = 0; i < X.q.n; ++i) T(i, f) = (x[i] - m) * X.root[i];
    }
  });
  return T;
}

}  // namespace

std::optional<LeastSquaresSolution> solve_by_conjugate_gradients(const LeastSquares& q, const Context& ctx) {
  const Wide X(q, ctx.threads);
  const Vector y = X.target();
  const double size = y.norm();
  Vector z = Vector::Zero(q.n), r = y, p = r;
  double rr = r.squaredNorm(), step = 0;
  long t = 0;
  bool done = size == 0;
  for (; !done && t <= q.n + 10; ++t) {
    ctx.check_cancelled();
    ctx.trace.step([&] { return CgStep{t, std::sqrt(rr) / size, step}; });
    done = std::sqrt(rr) <= kResidual * size;
    if (done || ctx.out_of_time()) break;
    const Vector Kp = X.gram_times(p) + q.alpha * p;
    step = rr / p.dot(Kp);
    if (!std::isfinite(step)) return std::nullopt;
    z += step * p;
    r -= step * Kp;
    const double next = r.squaredNorm();
    p = r + (next / rr) * p;
    rr = next;
  }
  if (!done && !ctx.out_of_time()) return std::nullopt;
  LeastSquaresSolution s = finish(X, X.transposed_times(z), "conjugate gradients on the n x n system", ctx);
  s.iterations = t;
  s.converged = done;
  return s;
}

LeastSquaresSolution solve_dual(const LeastSquares& q, const Context& ctx) {
  if (8.0 * static_cast<double>(q.n) * static_cast<double>(q.n) > kLeastBytes)
    throw DataError("the " + std::to_string(q.n) + " x " + std::to_string(q.n) + " system would take more than 8 GB",
                    "take another --solver");
  const Wide X(q, ctx.threads);
  const Columns T = table_of(X);
  Eigen::MatrixXd K = q.alpha * Eigen::MatrixXd::Identity(q.n, q.n);
  K.selfadjointView<Eigen::Lower>().rankUpdate(T);
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> cholesky(K);
  if (cholesky.info() != Eigen::Success)
    throw DataError("the n x n system is not positive definite to working accuracy",
                    "raise --alpha, or scale the columns");
  const Vector z = cholesky.solve(X.target());
  return finish(X, X.transposed_times(X.project(z)), "Cholesky of the n x n system", ctx);
}

LeastSquaresSolution solve_least_norm(const LeastSquares& q, const Context& ctx) {
  const Wide X(q, ctx.threads);
  const Columns T = table_of(X);
  // T' = Q R without Q; T T' = R'R, pivoted: the rows that depend on others (one does, after centring) are left out.
  const Matrix R = triangular_factor(q.d(), q.n, ctx.threads, [&](Index begin, Index end, Eigen::Ref<Columns> rows) {
    rows = T.middleCols(begin, end - begin).transpose();
  });
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(R);
  const Index rank = qr.rank();
  const auto U = qr.matrixR().topLeftCorner(rank, rank).triangularView<Eigen::Upper>();
  const auto& order = qr.colsPermutation().indices();
  Vector w = Vector::Zero(q.d()), left = X.target();
  for (int refinement = 0; refinement < 2; ++refinement) {  // the second pass mends what squaring the condition lost
    Vector c(rank), z = Vector::Zero(q.n);
    for (Index a = 0; a < rank; ++a) c[a] = left[order[a]];
    const Vector solved = U.solve(U.transpose().solve(c));
    for (Index a = 0; a < rank; ++a) z[order[a]] = solved[a];
    w += T.transpose() * z;
    left = X.target() - T * w;
  }
  LeastSquaresSolution s = finish(X, std::move(w), "QR of the transposed table: the solution of least norm", ctx);
  s.rank = rank;
  return s;
}

}  // namespace assay
