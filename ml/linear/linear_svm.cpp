// Method     1 one machine, or one a class   2 a solver by the rule of the header   3 the objective and the duality gap, summed
// Departures from the paper: those of the solvers.
#include "assay/ml/linear/linear_svm.h"

#include <algorithm>

#include "assay/core/grain.h"
#include "assay/core/text.h"
#include "assay/ml/data/sparse.h"
#include "assay/ml/linear/class_scores.h"
#include "assay/ml/linear/linear_svm_solvers.h"

namespace assay {
namespace linear_svm {

Value value_of(const Machine& m, const Solution& s, int threads) {
  const Index n = m.sign.size();
  const Matrix f = class_scores(m.samples, Matrix(s.w.transpose()), Vector::Constant(1, s.b), threads);
  double loss = 0, alphas = 0, balance = 0;
  for (Index i = 0; i < n; ++i) {
    const double inside = std::max(0.0, 1 - m.sign[i] * f(i, 0)), a = s.alpha[i];
    loss += m.cost[i] * (m.squared ? inside * inside : inside);
    alphas += m.squared && a > 0 ? a - a * a / (4 * m.cost[i]) : a;
    balance += m.sign[i] * a;
  }
  const Matrix beta = s.alpha.cwiseProduct(m.sign);
  Vector w = Vector::Zero(m.samples.d());  // of the dual
  if (const Csr* X = std::get_if<Csr>(&m.samples.X))
    for (Index i = 0; i < n; ++i) add_row(*X, i, beta(i, 0), w);
  else
    w = transposed_times(m.samples.rows(), beta, threads).col(0);
  Value v;
  v.primal = 0.5 * s.w.squaredNorm() + (m.penalized ? 0.5 * s.b * s.b : 0.0) + loss;
  v.gap = v.primal - (alphas - 0.5 * w.squaredNorm() - (m.penalized ? 0.5 * balance * balance : 0.0));
  return v;
}

}  // namespace linear_svm

namespace {

using linear_svm::Machine;
using linear_svm::Solution;

constexpr Index kNewtonUnknowns = 1000;
constexpr Index kStepsACell = 8;  ///< at least, to train the machines

bool takes_newton(const LinearSvmParams& p, const Samples& samples) {
  const bool sparse = std::holds_alternative<Csr>(samples.X);
  if (p.solver == LinearSvmSolver::newton && sparse)
    throw ParameterError("solver=newton needs a dense table; dual takes sparse ones");
  if (p.solver != LinearSvmSolver::automatic) return p.solver == LinearSvmSolver::newton;
  return p.loss == HingeLoss::squared && !sparse && samples.d() + (p.intercept ? 1 : 0) <= kNewtonUnknowns;
}

}  // namespace

std::optional<std::string> LinearSvmParams::check(const LinearSvmParams& p) {
  if (p.solver == LinearSvmSolver::newton && p.loss == HingeLoss::plain)
    return "solver=newton needs loss=squared-hinge, since the hinge has no derivative at the margin";
  if (p.penalize_intercept && !p.intercept) return "penalize-intercept needs an intercept";
  return std::nullopt;
}

LinearSvmModel LinearSvm::fit(const LinearSvmParams& params, const Samples& samples, const Target& target,
                              const Context& ctx) {
  check_fit_input(samples, target, 2);
  check_finite(samples);
  const Index n = samples.n(), machines = target.K() == 2 ? 1 : target.K();
  const bool newton = takes_newton(params, samples);
  LinearSvmModel model;
  model.intercept = params.intercept;
  model.W.resize(machines, samples.d());
  model.b.resize(machines);
  std::vector<Solution> solved(static_cast<size_t>(machines));
  std::vector<linear_svm::Value> value(solved.size());
  const Index steps = kStepsACell * samples.n() * samples.d();
  parallel_for(threads_for_steps(ctx.threads, steps), machines, 1, [&](Index begin, Index end) {
    for (Index k = begin; k < end; ++k) {
      Machine m{samples,          Vector(n),
                Vector(n),        params.loss == HingeLoss::squared,
                params.intercept, params.penalize_intercept};
      for (Index i = 0; i < n; ++i) {
        m.sign[i] = target.code[static_cast<size_t>(i)] == (machines == 1 ? 1 : k) ? 1 : -1;
        m.cost[i] = params.C * samples.weight_of(i);
      }
      const Context own = machines == 1 ? ctx : ctx.child("class", static_cast<uint64_t>(k));
      Solution& s = solved[static_cast<size_t>(k)];
      s = newton ? linear_svm::finite_newton(m, params.tolerance, params.max_iter, ctx.threads, own)
                 : linear_svm::dual_descent(m, params.tolerance, params.max_iter, own);
      linear_svm::trace_plane(m, s.w, s.b, s.alpha, "The plane at the end",
                              newton ? "ml/linear/newton.cpp:minimize_newton" : linear_svm::kSweepSource, own);
      value[static_cast<size_t>(k)] = linear_svm::value_of(m, s, ctx.threads);
      model.W.row(k) = s.w.transpose();
      model.b[k] = s.b;
    }
  });

  FitReport& report = model.report;
  double gap = 0, worst = 0, vectors = 0;
  for (size_t k = 0; k < solved.size(); ++k) {
    report.converged = report.converged && solved[k].converged;
    report.iterations += solved[k].iterations;
    report.objective += value[k].primal;
    gap += value[k].gap;
    worst = std::max(worst, solved[k].violation);
    vectors += static_cast<double>((solved[k].alpha.array() > 0).count());
  }
  report.more = {{"duality_gap", gap}, {"violation", worst}, {"support_vectors", vectors}};
  report.note = newton ? "Newton with Cholesky" : "dual coordinate descent";
  if (!report.converged)
    report.note += " stopped at violation " + six_digits(worst) + " > " + six_digits(params.tolerance) +
                   "; raise --max-iter, lower --C, or scale the columns";
  return model;
}

Matrix LinearSvmModel::decision_function(const Samples& samples, const Context& ctx) const {
  return class_scores(samples, W, b, ctx.threads);
}

Vector LinearSvmModel::predict(const Samples& samples, const Context& ctx) const {
  return class_of_scores(decision_function(samples, ctx));
}

Explanation LinearSvmModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e;
  e.coefficients = W;
  e.intercepts = b;
  e.sentences.push_back(
      W.rows() == 1 ? "Score of '" + target.classes[1] + "' against '" + target.classes[0] +
                          "': the intercept plus the sum of coefficient times value; its sign is the answer."
                    : "Score of each class against all others: the intercept plus the sum of coefficient times value; "
                      "the class with the highest score is the answer.");
  e.sentences.push_back("Rows with a score beyond -1 or 1 on their own side cost nothing: they do not move the plane.");
  e.importance_name = "mean absolute coefficient";
  for (Index f = 0; f < static_cast<Index>(columns.size()); ++f) e.importance.push_back(W.col(f).cwiseAbs().mean());
  return e;
}

void LinearSvmModel::save(ArchiveWriter& out) const {
  out.matrix("W", W);
  out.vector("b", b);
  out.flag("intercept", intercept);
}

LinearSvmModel LinearSvmModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  if (target.K() < 2) in.fail("linear-svm needs a target with at least two classes");
  const Index rows = target.K() == 2 ? 1 : target.K();
  LinearSvmModel model;
  model.W = in.matrix("W", rows, static_cast<Index>(columns.size()));
  model.b = in.vector("b", rows);
  model.intercept = in.flag("intercept");
  return model;
}

}  // namespace assay
