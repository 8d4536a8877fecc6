// Notation   X: n x d;  theta: W and b, row by row;  Z = X W' + b;  F: objective;  H: its Hessian;  A = H^-1
// Method     1 the loss on the table (logistic_loss.h)   2 a solver by the rule of the header (logistic_solvers.h)   3 standard errors
//            from H at the solution, eq. (4)   4 is the solution a proof of separable classes?
// Departures from the paper: those of the solvers. [LeCessie1992] has two classes; with more, A is the inverse on the directions
//            that change a probability.
#include "assay/ml/linear/logistic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/text.h"
#include "assay/ml/linear/class_scores.h"
#include "assay/ml/linear/logistic_kernels.h"
#include "assay/ml/linear/logistic_solvers.h"

namespace assay {
namespace {

using logistic::Loss;
using logistic::Solution;

constexpr Index kNewtonUnknowns = 1000;  // two classes: Cholesky of this size costs less than L-BFGS's iterations
constexpr Index kNewtonClasses = 100;    // several: H costs n (K p)^2 there
constexpr Index kRegionColumns = 256;
constexpr Index kTested = 1000;      // unknowns that get standard errors
constexpr double kDependent = 1e11;  // A_jj H_jj: 1 / (1 - R^2) of a column on the others; rounding alone makes more

struct Penalty {
  double l1 = 0, l2 = 0;
};

Penalty penalty_of(const LogisticParams& p) {
  switch (p.penalty) {
    case LogisticPenalty::l2:
      return {0, 1};
    case LogisticPenalty::l1:
      return {1, 0};
    case LogisticPenalty::elastic_net:
      return {p.rho, 1 - p.rho};
    default:
      return {};
  }
}

LogisticSolver chosen_solver(const LogisticParams& params, const Loss& loss) {
  if (params.solver != LogisticSolver::automatic) return params.solver;
  if (penalty_of(params).l1 > 0) return LogisticSolver::coordinate_descent;
  if (loss.sparse()) return LogisticSolver::trust_region;
  if (loss.unknowns() <= (loss.K() == 1 ? kNewtonUnknowns : kNewtonClasses)) return LogisticSolver::newton;
  return loss.K() > 1 && loss.p() <= kRegionColumns ? LogisticSolver::trust_region : LogisticSolver::lbfgs;
}

const char* name_of(LogisticSolver solver) {
  switch (solver) {
    case LogisticSolver::newton:
      return "Newton with Cholesky";
    case LogisticSolver::trust_region:
      return "trust-region Newton";
    case LogisticSolver::coordinate_descent:
      return "Newton by coordinate descent";
    default:
      return "L-BFGS";
  }
}

Solution solve(LogisticSolver solver, Loss& loss, double l1, const logistic::Goal& goal, const Context& ctx) {
  switch (solver) {
    case LogisticSolver::newton:
      return logistic::newton(loss, goal, ctx);
    case LogisticSolver::trust_region:
      return logistic::trust_region(loss, goal, ctx);
    case LogisticSolver::coordinate_descent:
      return logistic::newglmnet(loss, l1, goal, ctx);
    default:
      return logistic::quasi_newton(loss, goal, ctx);
  }
}

bool wants_errors(const LogisticParams& params, const Loss& loss) {
  if (penalty_of(params).l1 > 0 || loss.sparse() || params.standard_errors == StandardErrors::no) return false;
  const bool cheap = params.standard_errors == StandardErrors::automatic && loss.K() > 1;
  return loss.unknowns() <= (cheap ? kNewtonClasses : kTested);
}

// Step 3: roots of the diagonal of (4), K x (d + 1); empty where H cannot be inverted.
Matrix standard_errors(const Loss& loss, const Matrix& H) {
  const auto A = inverse_cholesky(H);
  if (!A) return {};
  const Index K = loss.K(), p = loss.p(), d = loss.d();
  if ((A->diagonal().array() * H.diagonal().array()).maxCoeff() > kDependent) return {};
  Matrix errors = Matrix::Zero(K, d + 1);
  for (Index k = 0; k < K; ++k)
    for (Index f = 0; f < p; ++f) {
      const Index j = k * p + f;
      double variance = (*A)(j, j);
      for (Index l = 0; l < K && loss.ridge() > 0; ++l)
        variance -= loss.ridge() * A->row(j).segment(l * p, d).squaredNorm();
      // H has a one where a constant added to all classes changes nothing: that part of A goes, with its rounding.
      if (K > 1 && (f == d || loss.ridge() == 0)) {
        double own = 0, all = 0;
        for (Index l = 0; l < K; ++l) {
          own += (*A)(j, l * p + f);
          for (Index m = 0; m < K; ++m) all += (*A)(l * p + f, m * p + f);
        }
        variance += all / static_cast<double>(K * K) - 2 * own / static_cast<double>(K);
      }
      errors(k, f) = std::sqrt(std::max(0.0, loss.C() * variance));
    }
  return errors.allFinite() ? errors : Matrix();
}

// Whether Z has every row of weight on its side, by more than rounding: then Z is a proof that planes separate the classes.
bool separates(const Matrix& Z, const Target& target, const Samples& samples) {
  constexpr double kRounding = 1e-10;
  double margin = std::numeric_limits<double>::infinity(), largest = 0;
  for (Index i = 0; i < Z.rows(); ++i) {
    if (!(samples.weight_of(i) > 0)) continue;
    const int own = target.code[static_cast<size_t>(i)];
    if (Z.cols() == 1) {
      margin = std::min(margin, own == 1 ? Z(i, 0) : -Z(i, 0));
    } else {
      for (Index k = 0; k < Z.cols(); ++k)
        if (k != own) margin = std::min(margin, Z(i, own) - Z(i, k));
    }
    largest = std::max(largest, Z.row(i).cwiseAbs().maxCoeff());
  }
  return largest > 0 && margin > kRounding * largest;
}

}  // namespace

std::optional<std::string> LogisticParams::check(const LogisticParams& p) {
  const bool descends = p.solver == LogisticSolver::coordinate_descent, l1 = penalty_of(p).l1 > 0;
  if (l1 && !descends && p.solver != LogisticSolver::automatic)
    return "an L1 penalty needs solver=coordinate-descent (or auto), since |w|_1 has no gradient at 0";
  return std::nullopt;
}

LogisticModel Logistic::fit(const LogisticParams& params, const Samples& samples, const Target& target,
                            const Context& ctx) {
  check_fit_input(samples, target, 2);
  check_finite(samples);
  const Penalty penalty = penalty_of(params);
  Loss loss(samples, target, params.C, penalty.l2, params.intercept, ctx.threads);
  const double tolerance = params.tolerance * std::max(1.0, loss.total_weight());
  const LogisticSolver solver = chosen_solver(params, loss);
  if (solver == LogisticSolver::newton && loss.sparse())
    throw ParameterError(
        "solver=newton needs a dense table; trust-region, lbfgs and coordinate-descent take sparse ones");
  const Solution s = solve(solver, loss, penalty.l1, {tolerance, params.max_iter}, ctx);

  if (ctx.trace && loss.K() == 1 && !loss.sparse()) logistic::trace_line(loss, s.theta, ctx);

  LogisticModel model;
  model.intercept = params.intercept;
  model.shrunk = penalty.l2 > 0;
  const Eigen::Map<const Matrix> theta(s.theta.data(), loss.K(), loss.p());
  model.W = theta.leftCols(loss.d());
  model.b = params.intercept ? Vector(theta.col(loss.d())) : Vector(Vector::Zero(loss.K()));
  if (loss.K() > 1 && params.intercept) model.b.array() -= model.b.mean();
  FitReport& report = model.report;
  report.converged = s.converged;
  report.iterations = s.iterations;
  report.objective = s.value;
  report.more = {{"gradient_norm", s.gradient_norm}};
  report.note = name_of(solver);
  if (s.products) report.more.emplace_back("hessian_products", static_cast<double>(s.products));
  if (penalty.l1 > 0) {
    const auto nonzero = (model.W.array() != 0).count();
    report.more.emplace_back("nonzero", static_cast<double>(nonzero));
    report.note += ", " + std::to_string(nonzero) + " of " + std::to_string(model.W.size()) + " weights are not zero";
  }
  if (!s.converged)
    report.note += " stopped at gradient " + six_digits(s.gradient_norm) + " > " + six_digits(tolerance) +
                   "; raise --max-iter, lower --C, or scale the columns";
  if (separates(model.decision_function(samples, ctx), target, samples)) {
    report.warning =
        "separable: a plane has every training row on its side, so that the loss alone has no minimum; the penalty "
        "decides how long the weights are, and with them how sure the probabilities; choose --C by cv";
    if (params.penalty == LogisticPenalty::none) {
      report.converged = false;
      report.note = std::string(name_of(solver)) +
                    " found a plane that has every row on its side: longer weights are always better, there is no "
                    "minimum; use --penalty l2";
      report.warning.clear();
      return model;
    }
  }
  if (wants_errors(params, loss))
    model.standard_error = standard_errors(loss, s.hessian.size() ? s.hessian : loss.hessian());
  return model;
}

Matrix LogisticModel::decision_function(const Samples& samples, const Context& ctx) const {
  return class_scores(samples, W, b, ctx.threads);
}

Matrix LogisticModel::predict_proba(const Samples& samples, const Context& ctx) const {
  Matrix Z = decision_function(samples, ctx);
  if (W.rows() > 1) {
    for (Index i = 0; i < Z.rows(); ++i) logistic::softmax(Z.row(i).data(), Z.cols());
    return Z;
  }
  Matrix P(Z.rows(), 2);
  for (Index i = 0; i < Z.rows(); ++i) {
    P(i, 1) = logistic::sigmoid(Z(i, 0));
    P(i, 0) = logistic::sigmoid(-Z(i, 0));
  }
  return P;
}

Vector LogisticModel::predict(const Samples& samples, const Context& ctx) const {
  return class_of_scores(decision_function(samples, ctx));
}

Explanation LogisticModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e;
  e.coefficients = W;
  e.intercepts = b;
  e.sentences.push_back(
      W.rows() == 1 ? "Log odds of '" + target.classes[1] + "' against '" + target.classes[0] +
                          "': the intercept plus the sum of coefficient times value."
                    : "Score of each class: the intercept plus the sum of coefficient times value; the softmax of the "
                      "scores gives the probabilities.");
  e.odds = true;
  e.sentences.push_back(W.rows() == 1
                            ? "One unit more of a column multiplies the odds by its odds ratio, exp(coefficient)."
                            : "One unit more of a column multiplies a class's probability, against the geometric "
                              "mean of all, by its odds ratio, exp(coefficient).");
  e.standard_errors = standard_error;
  if (standard_error.size())
    e.sentences.push_back(
        shrunk ? "z = coefficient / standard error (Wald). The penalty has shrunk the coefficients, and the errors are "
                 "those "
                 "of shrunken ones: z and p are a guide only; --penalty none gives the textbook's."
               : "z = coefficient / standard error (Wald); p: chance of one so far from zero if there were no effect.");
  else
    e.sentences.push_back(
        "No standard errors: they need a dense table, at most 1000 unknowns (more than 100 of several classes: "
        "--standard-errors yes), no L1 part in the penalty, and without a penalty columns that do not depend on each "
        "other (all levels of a text column do, beside an intercept).");
  e.importance_name = "mean absolute coefficient";
  for (Index f = 0; f < static_cast<Index>(columns.size()); ++f) e.importance.push_back(W.col(f).cwiseAbs().mean());
  return e;
}

void LogisticModel::save(ArchiveWriter& out) const {
  out.matrix("W", W);
  out.vector("b", b);
  out.flag("intercept", intercept);
  out.flag("shrunk", shrunk);
  if (standard_error.size()) out.matrix("standard_error", standard_error);
}

LogisticModel LogisticModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  if (target.K() < 2) in.fail("logistic needs a target with at least two classes");
  const Index rows = target.K() == 2 ? 1 : target.K();
  LogisticModel model;
  model.W = in.matrix("W", rows, static_cast<Index>(columns.size()));
  model.b = in.vector("b", rows);
  if (in.has("intercept")) model.intercept = in.flag("intercept");
  if (in.has("shrunk")) model.shrunk = in.flag("shrunk");
  if (in.has("standard_error")) {
    model.standard_error = in.matrix("standard_error", rows, static_cast<Index>(columns.size()) + 1);
    if (model.standard_error.minCoeff() < 0) in.fail("standard_error must be >= 0");
  }
  return model;
}

}  // namespace assay
