// ml/linear/logistic.h: logistic regression with an L2 penalty, for two classes and for more.
//
//   two classes   min_{w, b}  C sum_i s_i log(1 + exp(-y_i (w'x_i + b))) + |w|^2 / 2           y_i in {-1, +1}    (1)
//   K classes     min_{W, b}  C sum_i s_i (log sum_k exp(z_ik) - z_{i, y_i}) + |W|^2 / 2       z_i = W x_i + b    (2)
//
// Shapes     X: n x d, rows;  W: 1 x d (two classes: log odds of the last class) or K x d;  b: 1 or K, not penalised;
//            s: sample weights
// Ranges     C > 0; tolerance > 0
// Guarantees |gradient|_inf <= tolerance * max(1, C sum s), or report.converged == false. With more than two classes the
//            penalty makes the columns of W sum to zero; b is shifted to sum to zero
// Cost       Newton: n p^2 + p^3 an iteration with p = d + 1 or K (d + 1) unknowns, 5 to 10 iterations;
//            L-BFGS: n d K an iteration, some tens to hundreds
// Separable  where the solution has every row on its side, the classes are linearly separable, and report.warning says so:
//            the loss alone has no minimum, and the penalty decides how long W is
// Errors     ParameterError (ranges), DataError (one class, NaN)
// See        [Cox1958]; [Hastie2009] sec. 4.4.1 (Newton); [Liu1989]; trace kinds "newton", "lbfgs"
#pragma once
#include "assay/ml/learner.h"

namespace assay {

enum class LogisticSolver { automatic, newton, lbfgs };
inline constexpr EnumNames<LogisticSolver, 3> logistic_solver_names{
    {{"auto", LogisticSolver::automatic}, {"newton", LogisticSolver::newton}, {"lbfgs", LogisticSolver::lbfgs}}};

struct LogisticParams {
  double C = 1.0;
  LogisticSolver solver = LogisticSolver::automatic;
  double tolerance = 1e-8;
  int max_iter = 1000;
  static void fields(auto& p, auto&& field) {
    field("C", p.C, positive, "weight of the loss against the penalty |w|^2 / 2: smaller is smoother");
    field("solver", p.solver, logistic_solver_names, "auto: newton up to 1000 unknowns, else lbfgs");
    field("tolerance", p.tolerance, positive, "largest gradient component over max(1, C sum of weights) at the end",
          {"tol"});
    field("max-iter", p.max_iter, at_least(1), "iterations at most");
  }
};

struct LogisticModel {
  Matrix W;  ///< 1 x d or K x d
  Vector b;  ///< 1 or K
  FitReport report;

  /// These three: DataError where a cell is not finite.
  Vector predict(const Samples& samples, const Context& ctx) const;
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  Matrix decision_function(const Samples& samples, const Context& ctx) const;  ///< n x 1 or n x K: W x + b
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static LogisticModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct Logistic {
  using Params = LogisticParams;
  using Model = LogisticModel;
  static constexpr LearnerInfo info{
      "logistic",
      "logistic regression with an L2 penalty",
      "Hastie2009, sec. 4.4",
      {"logistic-regression", "logreg", "softmax"},
      {.classification = true, .needs_scaling = true, .weights = Weights::exact, .min_classes = 2}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
