// ml/linear/lbfgs.h: minimises a smooth function with the limited-memory BFGS method.
//
//   min_x  f(x)      f continuously differentiable, bounded below
//
// Guarantees |grad f(x)|_inf <= tolerance, or converged == false; f never rises from one iteration to the next beyond its
//            own rounding (1e-12 of its size)
// Cost       one evaluation of f and its gradient a trial step, usually one an iteration; O(m p) beside it for m pairs
// See        [Liu1989]; [Nocedal2006] alg. 7.4 (two-loop recursion), 7.5, and 3.5, 3.6 (strong Wolfe line search);
//            [Hager2005] (the end game)
#pragma once
#include "assay/core/context.h"
#include "assay/core/function_ref.h"
#include "assay/core/linalg.h"

namespace assay {

struct LbfgsOptions {
  double tolerance = 1e-6;  ///< on the largest gradient component
  int max_iter = 1000;
  int memory = 10;  ///< pairs (s, y) kept
};

struct LbfgsResult {
  Vector x;
  double value = 0;
  double gradient_norm = 0;  ///< largest component
  int iterations = 0;
  bool converged = false;
};

/// `evaluate(x, gradient)` returns f(x) and writes its gradient.
LbfgsResult minimize_lbfgs(Vector x0, function_ref<double(const Vector& x, Vector& gradient)> evaluate,
                           const LbfgsOptions& options, const Context& ctx);

}  // namespace assay
