// ml/svm/smo.h: solves the dual of the soft-margin SVM and of epsilon-regression by sequential minimal optimisation.
//
//   min_beta  1/2 beta' K beta - z' beta + epsilon |beta|_1      s.t.  sum beta = 0,  lower_i <= beta_i <= upper_i         (1)
//
// Classes    beta_i = y_i alpha_i, z = y, epsilon = 0, and 0 <= alpha_i <= C_i:  (1) is  1/2 alpha' Q alpha - e' alpha with
//            Q_ij = y_i y_j K_ij
// Numbers    beta_i = alpha_i - alpha_i*, z = the target, |beta_i| <= C_i: one variable stands for the two, which never
//            are both positive
// Shapes     K: n x n, reached by row (kernel.h, cache.h); z, lower, upper, beta: n
// Requires   lower_i <= 0 <= upper_i; tolerance > 0; 0 <= epsilon
// Guarantees violation m(beta) - M(beta) <= tolerance, or converged == false;  sum beta = 0 to rounding; the box exactly; the
//            same bits whatever the cache's size
// Cost       two passes over the active variables and up to two kernel rows an iteration; memory: the cache and 8 numbers a row
// See        [Fan2005] working-set selection (WSS 2); [Chang2011] sec. 4 and 5; trace kinds "smo", "kkt" (smo_trace.h)
#pragma once
#include <vector>

#include "assay/core/context.h"
#include "assay/ml/svm/cache.h"

namespace assay::svm {

struct DualProblem {
  std::vector<double> z, lower, upper;
  double epsilon = 0;
};

struct SmoOptions {
  double tolerance = 1e-3;
  long max_iter = 10'000'000;
  bool shrinking = true;
  double cache_bytes = 200e6;
};

struct SmoResult {
  std::vector<double> beta;
  double rho = 0;                 ///< f(x) = sum beta_i k(x_i, x) - rho
  double objective = 0;           ///< (1) at beta
  double violation = 0;           ///< m(beta) - M(beta)
  double gap = 0;                 ///< value of the primal at (beta, rho) minus that of the dual; >= 0
  long iterations = 0, rows = 0;  ///< rows of K that were computed
  bool converged = true;
};

/// `rows` are left in another order than they came in.
SmoResult solve_smo(const DualProblem& problem, KernelRows& rows, const SmoOptions& options, CacheMemory& memory,
                    const Context& ctx);

/// rho and the duality gap of (1) at beta, where F = K beta - z is known; what both ways of solving share.
void finish(const DualProblem& problem, const std::vector<double>& F, SmoResult& result);

}  // namespace assay::svm
