// ml/linear/newton.h: minimises a smooth convex function by Newton's method with a Hessian that is factored.
//
//   H delta = -g,   x <- x + step delta:  step = 1, 1/2, 1/4, ... until f falls enough                                  (1)
//
// Requires   f convex with a gradient; H its Hessian, or one of its generalised Hessians where f bends
// Guarantees |grad f(x)|_inf <= tolerance, or converged == false; f never rises beyond its own rounding
// Cost       an evaluation, a Hessian and p^3 / 3 an iteration
// See        [Nocedal2006] alg. 3.1 (backtracking) and sec. 3.4 (H + ridge where H is singular); trace kind "newton"
#pragma once
#include "assay/core/context.h"
#include "assay/core/function_ref.h"
#include "assay/core/linalg.h"

namespace assay {

/// The function, seen from a point: `evaluate` looks at a new one, `accept` goes there.
struct NewtonProblem {
  function_ref<double(const Vector& x, Vector& gradient)> evaluate;
  function_ref<void()> accept;            ///< the point evaluated last is the current one
  function_ref<const Matrix&()> hessian;  ///< at the current point
};

struct NewtonOptions {
  double tolerance = 1e-6;  ///< on the largest gradient component
  int max_iter = 1000;
};

struct NewtonResult {
  Vector x;
  double value = 0;
  double gradient_norm = 0;  ///< largest component
  long iterations = 0;
  bool converged = false;
};

NewtonResult minimize_newton(Vector x0, const NewtonProblem& problem, const NewtonOptions& options, const Context& ctx);

}  // namespace assay
