// ml/linear/trust_region.h: minimises a smooth convex function by Newton's method in a trust region; the Hessian is only
// multiplied with vectors.
//
//   s = argmin  q(s) = g's + s'Hs / 2     s.t.  |s|_M <= Delta          by preconditioned conjugate gradients          (1)
//   rho = (f(x + s) - f(x)) / q(s): the step is taken if rho > 1e-4, and Delta follows rho                              (2)
//
// Requires   f twice differentiable and convex; M positive definite
// Guarantees |grad f(x)|_inf <= tolerance, or converged == false; f never rises beyond its own rounding
// Cost       one evaluation and some tens of products with H an iteration
// See        [Lin2008] alg. 1, 2; [Steihaug1983]; [Conn2000] alg. 7.5.1 (the norm of M by recurrence); trace kind "trust-region"
#pragma once
#include "assay/core/context.h"
#include "assay/core/function_ref.h"
#include "assay/core/linalg.h"

namespace assay {

/// The function, seen from a point: `evaluate` looks at a new one, `accept` goes there.
struct TrustRegionProblem {
  function_ref<double(const Vector& x, Vector& gradient)> evaluate;
  function_ref<void()> accept;                                ///< the point evaluated last is the current one
  function_ref<Vector(const Vector& v)> hessian_times;        ///< at the current point
  function_ref<void()> prepare;                               ///< M for the current point; before `precondition`
  function_ref<Vector(const Vector& residual)> precondition;  ///< M^-1 times
};

struct TrustRegionOptions {
  double tolerance = 1e-6;  ///< on the largest gradient component
  int max_iter = 1000;      ///< Newton steps
};

struct TrustRegionResult {
  Vector x;
  double value = 0;
  double gradient_norm = 0;  ///< largest component
  int iterations = 0;
  long products = 0;  ///< with the Hessian
  bool converged = false;
};

TrustRegionResult minimize_trust_region(Vector x0, const TrustRegionProblem& problem, const TrustRegionOptions& options,
                                        const Context& ctx);

}  // namespace assay
