// ml/linear/linear_svm.h: support vector machine without a kernel: a plane with the widest margin, for two classes and for more.
//
//   min_{w, b}  |w|^2 / 2  (+ b^2 / 2)  +  C sum_i s_i l(1 - y_i (w'x_i + b))           y_i in {-1, +1}                   (1)
//   l(m)        hinge: max(0, m);  squared-hinge: max(0, m)^2                                                             (2)
//   K classes   one machine a class, against all others; the class with the highest score wins, ties go to the first
//
// Shapes     X: n x d, rows or sparse (never made dense);  W: 1 x d (two classes: positive for the last one) or K x d;  b: 1 or K
// Ranges     C > 0; tolerance > 0
// Intercept  b is free (as in svm), or in the penalty (as in LIBLINEAR, whose answer then depends on where 0 lies)
// Guarantees dual: no row is further than `tolerance` from its optimality condition, in units of the margin, and with a free
//            intercept |sum y alpha| <= tolerance sum alpha;  newton: |gradient|_inf <= tolerance max(1, mean of C s);  or
//            report.converged == false.  report.duality_gap bounds how far the objective is from its minimum
// Solver     auto: newton for the squared hinge on a dense table of up to 1000 unknowns, else dual
// Cost       dual: n d (entries, of a sparse table) a sweep, tens to hundreds of sweeps;  newton: n d^2 / 2 + d^3 / 3, about ten times
// Errors     ParameterError (ranges; newton with the hinge or a sparse table), DataError (one class, a cell that is not finite)
// See        [Hsieh2008] alg. 3 (dual); [Keerthi2005] (newton); [Rockafellar1976] (free intercept in the dual);
//            linear_svm_solvers.h; trace kinds "dual-descent", "newton",
//            pictures "plane"
#pragma once
#include "assay/ml/learner.h"

namespace assay {

enum class HingeLoss { squared, plain };
enum class LinearSvmSolver { automatic, dual, newton };
inline constexpr EnumNames<HingeLoss, 2> hinge_loss_names{
    {{"squared-hinge", HingeLoss::squared}, {"hinge", HingeLoss::plain}}};
inline constexpr EnumNames<LinearSvmSolver, 3> linear_svm_solver_names{
    {{"auto", LinearSvmSolver::automatic}, {"dual", LinearSvmSolver::dual}, {"newton", LinearSvmSolver::newton}}};

struct LinearSvmParams {
  double C = 1.0;
  HingeLoss loss = HingeLoss::squared;
  bool intercept = true;
  bool penalize_intercept = false;
  LinearSvmSolver solver = LinearSvmSolver::automatic;
  double tolerance = 1e-4;
  int max_iter = 1000;
  static void fields(auto& p, auto&& field) {
    field("C", p.C, positive, "weight of the loss against the penalty: larger follows the training rows more closely",
          {"cost"});
    field("loss", p.loss, hinge_loss_names,
          "price of a row on the wrong side of the margin: its distance, or the square");
    field("intercept", p.intercept, "a constant b beside the weights", {"fit-intercept"});
    field("penalize-intercept", p.penalize_intercept, "b^2 / 2 in the penalty, as LIBLINEAR has it");
    field("solver", p.solver, linear_svm_solver_names,
          "auto: newton for the squared hinge on dense tables of up to 1000 columns; else dual");
    field("tolerance", p.tolerance, positive, "largest violation of the optimality conditions at the end", {"tol"});
    field("max-iter", p.max_iter, at_least(1), "sweeps over the rows, or Newton steps, at most in each machine");
  }
  static std::optional<std::string> check(const LinearSvmParams& p);
};

struct LinearSvmModel {
  Matrix W;  ///< 1 x d or K x d
  Vector b;  ///< 1 or K
  bool intercept = true;
  FitReport report;

  /// These two: DataError where a cell is not finite.
  Vector predict(const Samples& samples, const Context& ctx) const;
  Matrix decision_function(const Samples& samples, const Context& ctx) const;  ///< n x 1 or n x K: W x + b
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static LinearSvmModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct LinearSvm {
  using Params = LinearSvmParams;
  using Model = LinearSvmModel;
  static constexpr LearnerInfo info{"linear-svm",
                                    "support vector machine without a kernel, for tall or sparse tables",
                                    "Hsieh2008, alg. 3",
                                    {"linear-svc", "liblinear"},
                                    {.classification = true,
                                     .needs_scaling = true,
                                     .accepts_sparse = true,
                                     .weights = Weights::exact,
                                     .min_classes = 2,
                                     .baseline = false}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
