// ml/linear/logistic.h: logistic regression for two classes and for more, with an L2 or L1 penalty, both, or none.
//
//   two classes   min_{w, b}  C sum_i s_i log(1 + exp(-y_i (w'x_i + b))) + R(w)           y_i in {-1, +1}            (1)
//   K classes     min_{W, b}  C sum_i s_i (log sum_k exp(z_ik) - z_{i, y_i}) + R(W)       z_i = W x_i + b            (2)
//   R(w)          l2: |w|^2 / 2;  l1: |w|_1;  elastic-net: rho |w|_1 + (1 - rho) |w|^2 / 2, rho: l1-ratio;  none: 0  (3)
//   covariance    of w and b for l2 and none: C (A - A L A), A = H^-1, H: Hessian of the objective, L: that of R     (4)
//
// Shapes     X: n x d, rows or sparse;  W: 1 x d (two classes: log odds of the last class) or K x d;  b: 1 or K, not
//            penalised;  s: sample weights
// Ranges     C > 0; tolerance > 0
// Guarantees |gradient|_inf <= tolerance * max(1, C sum s) (with an L1 part: of the least subgradient), or report.converged ==
//            false. With more than two classes the columns of W sum to zero, except under an L1 part; b is shifted to sum to zero
// Solver     auto: coordinate-descent with an L1 part; else trust-region for a sparse table; else, with p unknowns a class: newton
//            for two classes up to p = 1000 and for K classes up to K p = 100; trust-region for K classes up to p = 256; else lbfgs
// Cost       newton: n (K p)^2 + (K p)^3 an iteration, 4 to 10 iterations; trust-region: n d K a product with the Hessian, some
//            tens; lbfgs: n d K an iteration, some tens to hundreds; coordinate-descent: as newton, or n d K a sweep
// Errors of W  by eq. (4), for dense tables, l2 and none, up to 1000 unknowns: two classes, K classes up to K p = 100 or on demand
// Separable  where the solution has every row on its side, the classes are linearly separable, and report.warning says so:
//            the loss alone has no minimum, and the penalty decides how long W is; without one, report.converged is false
// Errors     ParameterError (ranges; a solver that cannot), DataError (one class, NaN)
// See        [Cox1958]; [Hastie2009] sec. 4.4.1 (Newton); [LeCessie1992] sec. 2 (4); logistic_solvers.h; trace kinds "newton",
//            "lbfgs", "trust-region", "newglmnet"
#pragma once
#include "assay/ml/learner.h"

namespace assay {

enum class LogisticSolver { automatic, newton, lbfgs, trust_region, coordinate_descent };
inline constexpr EnumNames<LogisticSolver, 5> logistic_solver_names{
    {{"auto", LogisticSolver::automatic},
     {"newton", LogisticSolver::newton},
     {"lbfgs", LogisticSolver::lbfgs},
     {"trust-region", LogisticSolver::trust_region},
     {"coordinate-descent", LogisticSolver::coordinate_descent}}};

enum class LogisticPenalty { l2, l1, elastic_net, none };
inline constexpr EnumNames<LogisticPenalty, 4> logistic_penalty_names{{{"l2", LogisticPenalty::l2},
                                                                       {"l1", LogisticPenalty::l1},
                                                                       {"elastic-net", LogisticPenalty::elastic_net},
                                                                       {"none", LogisticPenalty::none}}};

enum class StandardErrors { automatic, yes, no };
inline constexpr EnumNames<StandardErrors, 3> standard_errors_names{
    {{"auto", StandardErrors::automatic}, {"yes", StandardErrors::yes}, {"no", StandardErrors::no}}};

struct LogisticParams {
  double C = 1.0;
  LogisticPenalty penalty = LogisticPenalty::l2;
  double rho = 0.5;
  bool intercept = true;
  LogisticSolver solver = LogisticSolver::automatic;
  double tolerance = 1e-8;
  int max_iter = 1000;
  StandardErrors standard_errors = StandardErrors::automatic;
  static void fields(auto& p, auto&& field) {
    field("C", p.C, positive, "weight of the loss against the penalty: smaller is smoother");
    field("penalty", p.penalty, logistic_penalty_names, "R(w): |w|^2 / 2, |w|_1, a mixture of both, or nothing");
    field("l1-ratio", p.rho, fraction, "elastic-net: share of |w|_1; the rest is |w|^2 / 2");
    field("intercept", p.intercept, "a constant b beside the weights, not penalised", {"fit-intercept"});
    field("solver", p.solver, logistic_solver_names,
          "auto: coordinate-descent for L1; trust-region for sparse tables; newton while that is cheap; else lbfgs");
    field("tolerance", p.tolerance, positive, "largest gradient component over max(1, C sum of weights) at the end",
          {"tol"});
    field("max-iter", p.max_iter, at_least(1), "iterations at most");
    field("standard-errors", p.standard_errors, standard_errors_names,
          "auto: of two classes, and of more up to 100 unknowns; yes: up to 1000, at the cost of a Hessian");
  }
  static std::optional<std::string> check(const LogisticParams& p);
};

struct LogisticModel {
  Matrix W;  ///< 1 x d or K x d
  Vector b;  ///< 1 or K
  bool intercept = true;
  Matrix standard_error;  ///< of W, then b: 1 x (d + 1) or K x (d + 1); empty: not computed
  bool shrunk = false;    ///< by a penalty: the standard errors are those of shrunken weights
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
  static constexpr LearnerInfo info{"logistic",
                                    "logistic regression with an L2, an L1 or no penalty",
                                    "Hastie2009, sec. 4.4",
                                    {"logistic-regression", "logreg", "softmax"},
                                    {.classification = true,
                                     .needs_scaling = true,
                                     .accepts_sparse = true,
                                     .weights = Weights::exact,
                                     .min_classes = 2}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
