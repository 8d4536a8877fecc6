// ml/linear/logistic_solvers.h: the methods that minimise logistic regression's objective (used by logistic.cpp and its tests).
//
//   min_theta  F(theta) + l1 |W|_1          F: logistic_loss.h, intercepts not penalised                              (1)
//
// Guarantees the largest component of the gradient (with l1 > 0: of the subgradient that is smallest) <= tolerance, or
//            converged == false; the objective never rises beyond its own rounding
// See        newton: [Hastie2009] sec. 4.4.1;  lbfgs.h;  trust_region.h;  newglmnet: [Yuan2012] alg. 3
#pragma once
#include "assay/ml/linear/logistic_loss.h"

namespace assay::logistic {

struct Solution {
  Vector theta;
  double value = 0, gradient_norm = 0;
  long iterations = 0;
  bool converged = false;
  Matrix hessian;     ///< at theta, where the method knows it
  long products = 0;  ///< with the Hessian, of trust_region
};

struct Goal {
  double tolerance = 1e-6;
  int max_iter = 1000;
};

Solution newton(Loss& loss, const Goal& goal, const Context& ctx);
Solution quasi_newton(Loss& loss, const Goal& goal, const Context& ctx);
Solution trust_region(Loss& loss, const Goal& goal, const Context& ctx);
/// A trace step: log loss and squared error along the line through 0 and theta. Two classes, dense tables.
void trace_line(const Loss& loss, const Vector& theta, const Context& ctx);
/// The only one for l1 > 0.
Solution newglmnet(Loss& loss, double l1, const Goal& goal, const Context& ctx);

}  // namespace assay::logistic
