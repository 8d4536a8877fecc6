// ml/linear/linear_svm_solvers.h: the methods that train one machine of linear-svm (used by linear_svm.cpp and its tests).
//
//   dual   min_alpha  |w|^2 / 2 (+ b^2 / 2) - sum_i alpha_i + sum_i D_i alpha_i^2 / 2,    0 <= alpha_i <= U_i               (1)
//          w = sum_i alpha_i y_i x_i;  b = sum_i alpha_i y_i where it is penalised;  free: sum_i alpha_i y_i = 0           (2)
//          hinge: U = C s, D = 0;  squared hinge: U = infinity, D = 1 / (2 C s)                                            (3)
#pragma once
#include "assay/ml/linear/linear_svm.h"

namespace assay::linear_svm {

/// One machine: rows of +1 against rows of -1.
struct Machine {
  const Samples& samples;
  Vector sign;  ///< y
  Vector cost;  ///< C s
  bool squared = true, intercept = true, penalized = false;
};

struct Solution {
  Vector w, alpha;
  double b = 0;
  long iterations = 0;
  bool converged = false;
  double violation = 0;  ///< what the method compares with its tolerance
};

/// Any loss, dense or sparse; `max_iter` sweeps.
Solution dual_descent(const Machine& m, double tolerance, int max_iter, const Context& ctx);
/// Squared hinge, dense; alpha = 2 C s max(0, 1 - y f).
Solution finite_newton(const Machine& m, double tolerance, int max_iter, int threads, const Context& ctx);

inline constexpr const char* kSweepSource = "ml/linear/dual_descent.cpp:sweep";  ///< of steps and pictures
/// A picture "plane": where f is -1, 0 and 1, and the rows that hold it. Dense tables.
void trace_plane(const Machine& m, const Vector& w, double b, const Vector& alpha, const std::string& title,
                 const char* source, const Context& ctx);

struct Value {
  double primal = 0, gap = 0;  ///< (1) of linear_svm.h, and how far above the dual's value
};
Value value_of(const Machine& m, const Solution& s, int threads);

}  // namespace assay::linear_svm
