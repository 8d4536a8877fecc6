// ml/svm/svm.h: support vector machines with kernels, for classes and for numbers.
//
//   classes   min_{w, b, xi}  |w|^2 / 2 + C sum_i s_i xi_i     s.t.  y_i (w'phi(x_i) + b) >= 1 - xi_i,  xi_i >= 0        (1)
//   numbers   min_{w, b}      |w|^2 / 2 + C sum_i s_i max(0, |w'phi(x_i) + b - y_i| - epsilon)                             (2)
//   answer    f(x) = sum_i beta_i k(x_i, x) - rho,  k(x, z) = phi(x)'phi(z); only rows with beta_i != 0 are kept
//
// More classes  one machine a pair of classes; each has a vote, ties go to the class that was first in the training table.
//            With `probability` the class is the one with the highest probability, so that the two never contradict
// Shapes     X: n x d, dense rows or Csr (never made dense);  s: sample weights, C s_i is a row's box
// Guarantees KKT violation <= tolerance in every machine, or report.converged == false
// Cost       between n^2 and n^3 kernel values; memory: cache-mb. Answers: d values for each support vector
// Errors     ParameterError (ranges), DataError (one class, a missing cell, cells so large that kernel values overflow)
// See        [Cortes1995], [Chang2011]; smo.h (the solver), smo_1998.h (Platt's), probability.h; trace kinds "smo", "kkt" (smo_trace.h)
#pragma once
#include <variant>
#include <vector>

#include "assay/ml/learner.h"
#include "assay/ml/svm/kernel.h"

namespace assay {

enum class Gamma { scale, automatic };
enum class SvmSolver { wss2, platt };
inline constexpr EnumNames<Gamma, 2> gamma_names{{{"scale", Gamma::scale}, {"auto", Gamma::automatic}}};
inline constexpr EnumNames<SvmSolver, 2> svm_solver_names{{{"wss2", SvmSolver::wss2}, {"platt", SvmSolver::platt}}};

struct SvmParams {
  double C = 1.0;
  Kernel kernel = Kernel::rbf;
  std::variant<Gamma, double> gamma = Gamma::scale;
  int degree = 3;
  double coef0 = 0;
  double epsilon = 0.1;
  bool probability = false;
  SvmSolver solver = SvmSolver::wss2;
  bool shrinking = true;
  double tolerance = 1e-3;
  int max_iter = 10'000'000;
  double cache_mb = 200;
  static void fields(auto& p, auto&& field) {
    field("C", p.C, positive, "price of a violation: 0 <= alpha_i <= C; larger follows the training rows more closely",
          {"cost"});
    field("kernel", p.kernel, kernel_names, "k(x, z): what similar means");
    field("gamma", p.gamma, WordOrNumber{gamma_names, positive},
          "of poly, rbf, sigmoid: 1 / reach squared; scale: 1 / (columns * variance of all cells), auto: 1 / columns");
    field("degree", p.degree, between(1, 20), "of poly");
    field("coef0", p.coef0, any_number, "of poly and sigmoid");
    field("epsilon", p.epsilon, non_negative, "regression: errors up to this cost nothing");
    field("probability", p.probability, "fit Platt's sigmoids on held-out folds; the class is then the likeliest one");
    field("solver", p.solver, svm_solver_names, "wss2: second-order working sets; platt: the textbook's, slow");
    field("shrinking", p.shrinking, "set variables aside that stay at their bounds");
    field("tolerance", p.tolerance, positive, "largest violation of the optimality conditions at the end", {"tol"});
    field("max-iter", p.max_iter, at_least(1), "steps of two variables at most, in each machine");
    field("cache-mb", p.cache_mb, positive, "memory for rows of the kernel matrix", {"cache-size"});
  }
};

struct SvmModel {
  Task task = Task::classification;
  int K = 0;  ///< classes of the target
  svm::KernelFunction kernel;
  /// Classes in the order they came in training (only those that did); machine of places a < b: positive means order[a].
  std::vector<int> order;
  std::vector<int> count;       ///< support vectors of each class in that order; regression: one number
  std::variant<Matrix, Csr> X;  ///< support vectors, class by class
  /// max(1, m - 1) x vectors: a vector of class a has its coefficient against class b in row b - 1 (b > a) or b (b < a).
  Matrix coef;
  Vector rho;   ///< one a machine: (0,1), (0,2), ..., (1,2), ...
  Vector A, B;  ///< the sigmoids, one a machine; or empty
  FitReport report;

  Index vectors() const { return coef.cols(); }
  Index columns() const;
  /// n x machines: sum of coefficient times kernel value, minus rho.
  Matrix machine_values(const Samples& samples, const Context& ctx) const;
  Vector predict(const Samples& samples, const Context& ctx) const;
  bool has_proba() const { return A.size() > 0; }
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  bool has_decision() const { return task == Task::classification; }
  /// Two classes: n x 1, positive for the last class. More: votes, plus less than one half by the sum of the values.
  Matrix decision_function(const Samples& samples, const Context& ctx) const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static SvmModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
  /// Whether what is read from a file can be used: shapes, order, finite kernel values; the reason, or "".
  std::string problem(int classes, Index d) const;
};

struct Svm {
  using Params = SvmParams;
  using Model = SvmModel;
  static constexpr LearnerInfo info{"svm",
                                    "support vector machine with a kernel",
                                    "Chang2011",
                                    {"svc", "svr", "libsvm", "support-vector-machine"},
                                    {.classification = true,
                                     .regression = true,
                                     .needs_scaling = true,
                                     .accepts_sparse = true,
                                     .weights = Weights::exact,
                                     .min_classes = 2,
                                     .quadratic = true}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
