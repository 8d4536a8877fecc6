// core/levenberg_marquardt.h: nonlinear least squares of a few unknowns.
//
//   min_x  f(x) = |r(x)|^2,   r: R^n -> R^m, given by its normal equations at x:  N = J'J,  g = J'r  (J: Jacobian of r)   (1)
//   step   (N + lambda diag N) d = -g;   f(x + d) < f(x): x += d, lambda /= 10;  otherwise lambda *= 10                   (2)
//
// The problem writes N and g itself: it knows which blocks of J are 0, and never has to store J.
//
// Requires   finite start; n small (each step factors an n x n matrix)
// Guarantees f never grows; converged: the step is below `tolerance` of x, or it foretells a fall of f below
//            `tolerance`^2 of f, or f is 0
// Cost       a few n^3 / 3 and one or two f a step
// Errors     none: a start where f is not finite gives converged == false at once
// See        [Marquardt1963]; [HartleyZisserman2004] appendix 6.2; trace kind "lm-step"
#pragma once
#include "assay/core/context.h"
#include "assay/core/function_ref.h"
#include "assay/core/linalg.h"

namespace assay {

struct LevenbergMarquardtOptions {
  int max_iter = 100;
  double tolerance = 1e-10;
  double lambda = 1e-3;  ///< at the start
};

struct LevenbergMarquardtResult {
  Vector x;
  double cost = 0;  ///< f(x)
  Matrix N;         ///< J'J at x: its inverse times the variance of r is the covariance of x
  bool converged = false;
  int iterations = 0;
};

/// f(x); where N and g are given (n x n and n, to be overwritten), J'J and J'r too. Not finite: x is out of bounds.
using NormalEquations = function_ref<double(const Vector& x, Matrix* N, Vector* g)>;

LevenbergMarquardtResult levenberg_marquardt(NormalEquations problem, const Vector& start,
                                             const LevenbergMarquardtOptions& options = {}, const Context& ctx = {});

}  // namespace assay
