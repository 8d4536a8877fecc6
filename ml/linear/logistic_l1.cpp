// Notation   theta: unknowns;  g, H: gradient and Hessian of F;  delta: direction;  q: eq. (2);  lambda: l1;  U = X delta'
// Method     q(delta) = g'delta + delta'H delta / 2 + lambda |W + delta_W|_1                                             (2)
//            1 F, g   2 the subgradient of least size: small enough, stop   3 minimise q by coordinate descent: sweeps over the
//            coordinates that are not zero or nearly break their condition   4 halve the step until the objective falls by a
//            hundredth of what q foretells [Yuan2012, eq. 20]
// Departures from the paper: sweeps go in order, not at random, so that a run can be repeated. Dense tables of up to kGram unknowns
//            hold H, and a step costs its row; others keep U, as in the paper. Several classes: H is the softmax's own, not
//            a bound; the paper has two. The inner accuracy falls with the outer: min(0.1, sqrt(M / M_0)) M for violation M.
#include <algorithm>
#include <cmath>

#include "assay/ml/data/sparse.h"
#include "assay/ml/linear/coordinate_descent.h"
#include "assay/ml/linear/logistic_solvers.h"

namespace assay::logistic {
namespace {

constexpr Index kGram = 1000;
constexpr int kMostSweeps = 1000;
constexpr double kSpare = 0.25;  // of the tolerance: the model need not be minimised more closely
constexpr double kArmijo = 0.01, kRounding = 1e-12;
constexpr double kDamping = 1e-12;  // nu of [Yuan2012, eq. 17], relative: H may be singular

struct L1Step {
  static constexpr const char* kind = "newglmnet";
  static constexpr const char* title = "a Newton step whose quadratic model is minimised one coordinate at a time (2)";
  static constexpr const char* source = "ml/linear/logistic_l1.cpp:newglmnet";
  int t;
  double objective, violation, step;
  long long nonzero, set;
  int sweeps;
  std::string why;
  static void fields(const L1Step& s, auto&& field) {
    field("t", s.t, "iteration");
    field("F", s.objective, "objective: loss and penalty");
    field("violation", s.violation, "largest component of the least subgradient");
    field("nonzero", s.nonzero, "weights that are not zero");
    field("set", s.set, "coordinates the sweeps look at");
    field("sweeps", s.sweeps, "sweeps over them");
    field("step", s.step, "share of the direction that was taken");
  }
};

// What the sweeps know of the problem: which unknowns are penalised, where the outer iteration stands.
struct Outer {
  const Loss& loss;
  double l1;
  Vector theta, g;

  bool penalised(Index j) const { return j % loss.p() < loss.d(); }
  // Component j of the least subgradient for weight w and gradient g_j.
  double violation(Index j, double w, double g_j) const {
    if (!penalised(j)) return g_j;
    if (w > 0) return g_j + l1;
    if (w < 0) return g_j - l1;
    return soft_threshold(g_j, l1);
  }
  double l1_norm(const Vector& x) const {
    double total = 0;
    for (Index j = 0; j < x.size(); ++j)
      if (penalised(j)) total += std::abs(x[j]);
    return l1 * total;
  }
};

// q by its Hessian.
class ModelByHessian {
 public:
  ModelByHessian(const Loss& loss, Matrix H) : H_(std::move(H)), gradient_(Vector::Zero(loss.unknowns())) {}
  double diagonal(Index j) const { return H_(j, j); }
  double gradient(Index j) const { return gradient_[j]; }  // (H delta)_j
  void move(Index j, double step) {
    const double* row = H_.row(j).data();
    double* g = gradient_.data();
    for (Index a = 0; a < gradient_.size(); ++a) g[a] += step * row[a];
  }

 private:
  Matrix H_;
  Vector gradient_;
};

// Column f of a table with its intercept: a dot product, and a visit to each of its cells that are not absent.
struct SparseColumns {
  const Csr& X;  // by column
  Index n;
  double dot_with(Index f, const double* t) const {
    if (f == X.rows) return sum(t, n);
    const int64_t* start = X.row_start.data() + f;
    return sparse_dot(X.value.data(), X.column.data(), start[0], start[1], t);
  }
  template <class Visit>
  void visit(Index f, Visit&& cell) const {
    if (f == X.rows)
      for (Index i = 0; i < n; ++i) cell(i, 1.0);
    else
      for (auto e = static_cast<size_t>(X.row_start[static_cast<size_t>(f)]);
           e < static_cast<size_t>(X.row_start[static_cast<size_t>(f) + 1]); ++e)
        cell(static_cast<Index>(X.column[e]), X.value[e]);
  }
};

struct DenseColumns {
  const Columns& X;
  double dot_with(Index f, const double* t) const {
    return f == X.cols() ? sum(t, X.rows()) : dot(X.col(f).data(), t, X.rows());
  }
  template <class Visit>
  void visit(Index f, Visit&& cell) const {
    const double* x = f < X.cols() ? X.col(f).data() : nullptr;
    for (Index i = 0; i < X.rows(); ++i) cell(i, x ? x[i] : 1.0);
  }
};

// q by the table's columns: for two classes V o U, so that a slope is one dot product; else U and its rows' means under P.
template <class Table>
class ModelByColumns {
 public:
  ModelByColumns(const Loss& loss, Table table)
      : loss_(loss), table_(table), diagonal_(loss.hessian_diagonal()), delta_(Vector::Zero(loss.unknowns())) {
    U_ = Matrix::Zero(loss.n(), loss.K());
    if (loss.K() > 1) mean_ = Vector::Zero(loss.n());
  }
  double diagonal(Index j) const { return diagonal_[j]; }
  double gradient(Index j) const {
    const Index k = j / loss_.p(), f = j % loss_.p();
    double total = f < loss_.d() ? loss_.ridge() * delta_[j] : 0.0;
    if (loss_.K() == 1) return total + table_.dot_with(f, U_.data());
    const Matrix& P = loss_.state();
    const Vector& s = loss_.row_weight();
    table_.visit(f, [&](Index i, double x) { total += x * s[i] * P(i, k) * (U_(i, k) - mean_[i]); });
    return total;
  }
  void move(Index j, double step) {
    const Index k = j / loss_.p(), f = j % loss_.p();
    delta_[j] += step;
    const Matrix& P = loss_.state();
    if (loss_.K() == 1) {
      double* u = U_.data();
      const double* v = P.data();
      table_.visit(f, [=](Index i, double x) { u[i] += step * x * v[i]; });
      return;
    }
    table_.visit(f, [&](Index i, double x) {
      U_(i, k) += step * x;
      mean_[i] += step * x * P(i, k);
    });
  }

 private:
  const Loss& loss_;
  Table table_;
  Vector diagonal_, delta_, mean_;
  Matrix U_;
};

struct Direction {
  Vector delta;
  Index set = 0;
  int sweeps = 0;
};

// Step 3. `reach`: how near to breaking its condition a zero weight must be to take part.
template <class Model>
Direction minimise_model(const Outer& outer, Model&& model, double reach, double accuracy, const Context& ctx) {
  Direction d;
  const Index unknowns = outer.theta.size();
  d.delta = Vector::Zero(unknowns);
  std::vector<Index> set;
  for (Index j = 0; j < unknowns; ++j)
    if (!outer.penalised(j) || outer.theta[j] != 0 || std::abs(outer.g[j]) > outer.l1 - reach) set.push_back(j);
  d.set = static_cast<Index>(set.size());
  double largest = 0;
  for (const Index j : set) largest = std::max(largest, model.diagonal(j));
  std::vector<Index> active = set;  // shrinks; all of the set are looked at before the end
  while (d.sweeps < kMostSweeps) {
    ctx.check_cancelled();
    if (ctx.out_of_time()) break;
    ++d.sweeps;
    double violation = 0;
    std::vector<Index> next;
    for (const Index j : active) {
      const double h = model.diagonal(j) + kDamping * largest, w = outer.theta[j] + d.delta[j];
      if (!(h > 0)) continue;
      const double slope = outer.g[j] + model.gradient(j), broken = std::abs(outer.violation(j, w, slope));
      violation = std::max(violation, broken);
      if (outer.penalised(j) && w == 0 && broken == 0 && std::abs(slope) < outer.l1 - accuracy) continue;  // rests
      next.push_back(j);
      const double to = outer.penalised(j) ? soft_threshold(w - slope / h, outer.l1 / h) : w - slope / h;
      const double step = to - w;
      if (step == 0 || !std::isfinite(step)) continue;
      d.delta[j] = to == 0 ? -outer.theta[j] : d.delta[j] + step;
      model.move(j, step);
    }
    const bool whole = active.size() == set.size();
    active.swap(next);
    if (violation > accuracy) continue;
    if (whole) break;
    active = set;
  }
  return d;
}

// The table by columns, where no Hessian is held.
struct ByColumn {
  bool hessian;
  Columns dense;
  Csr sparse;
  explicit ByColumn(const Loss& loss) : hessian(!loss.sparse() && loss.unknowns() <= kGram) {
    if (loss.sparse())
      sparse = transposed(loss.sparse_rows());
    else if (!hessian)
      dense = loss.rows();
  }
};

Direction direction(Loss& loss, const Outer& outer, const ByColumn& X, double reach, double accuracy,
                    const Context& ctx) {
  if (X.hessian) return minimise_model(outer, ModelByHessian(loss, loss.hessian()), reach, accuracy, ctx);
  if (loss.sparse())
    return minimise_model(outer, ModelByColumns(loss, SparseColumns{X.sparse, loss.n()}), reach, accuracy, ctx);
  return minimise_model(outer, ModelByColumns(loss, DenseColumns{X.dense}), reach, accuracy, ctx);
}

const char* why_of(bool done, long t, double step) {
  if (done) return "Every weight meets its condition as closely as asked: done.";
  if (t == 0) return "Start at zero: only intercepts, and columns whose gradient exceeds the penalty, will move.";
  if (step < 1) return "The whole step would not have lowered the objective enough, so it was halved.";
  return "The whole step was taken.";
}

}  // namespace

Solution newglmnet(Loss& loss, double l1, const Goal& goal, const Context& ctx) {
  const ByColumn X(loss);
  Solution s;
  Outer outer{loss, l1, Vector::Zero(loss.unknowns()), {}};
  Vector next, g_next;
  s.value = loss.evaluate(outer.theta, outer.g);
  loss.accept();
  double reach = HUGE_VAL, first = 0, step = 0;
  Direction d;
  for (long& t = s.iterations;; ++t) {
    ctx.check_cancelled();
    s.gradient_norm = 0;
    for (Index j = 0; j < outer.g.size(); ++j)
      s.gradient_norm = std::max(s.gradient_norm, std::abs(outer.violation(j, outer.theta[j], outer.g[j])));
    s.converged = s.gradient_norm <= goal.tolerance;
    ctx.trace.step([&] {
      long long nonzero = 0;
      for (Index j = 0; j < outer.theta.size(); ++j) nonzero += outer.penalised(j) && outer.theta[j] != 0;
      return L1Step{
          static_cast<int>(t),         s.value, s.gradient_norm, step, nonzero, static_cast<long long>(d.set), d.sweeps,
          why_of(s.converged, t, step)};
    });
    if (s.converged || t >= goal.max_iter || ctx.out_of_time()) break;
    ctx.progress.report(static_cast<double>(std::min(19L, t)), 20);
    if (t == 0) first = s.gradient_norm;
    const double accuracy =
        std::max(std::min(0.1, std::sqrt(s.gradient_norm / first)) * s.gradient_norm, kSpare * goal.tolerance);
    d = direction(loss, outer, X, reach, accuracy, ctx);
    reach = s.gradient_norm;
    const double norm = outer.l1_norm(outer.theta);
    const double foretold = outer.g.dot(d.delta) + outer.l1_norm(outer.theta + d.delta) - norm;
    bool taken = false;
    double value = s.value;
    for (step = 1; step > 1e-10 && !taken; step /= taken ? 1 : 2) {
      next = outer.theta + step * d.delta;
      value = loss.evaluate(next, g_next) + outer.l1_norm(next);
      const bool below_rounding = std::abs(foretold) * step <= kRounding * std::max(1.0, std::abs(s.value));
      taken = value <= s.value + kArmijo * step * foretold || (below_rounding && value <= s.value * (1 + kRounding));
    }
    if (!taken) break;
    outer.theta.swap(next);
    outer.g.swap(g_next);
    s.value = value;
    loss.accept();
  }
  s.theta = outer.theta;
  return s;
}

}  // namespace assay::logistic
