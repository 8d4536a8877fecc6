// core/levenberg_marquardt.cpp
// Notation   x unknowns;  r residuals, J their Jacobian;  N = J'J;  g = J'r;  d step;  lambda damping
// Method     1 normal equations at x   2 solve for the damped step   3 try it: keep and trust more, or damp more   4 stop?
// Departures from the paper: unknowns that nothing depends on (N_ii = 0) stay where they are.

#include "assay/core/levenberg_marquardt.h"

#include <cmath>

namespace assay {

namespace {

struct LmStep {
  static constexpr const char* kind = "lm-step";
  static constexpr const char* title = "a damped Gauss-Newton step [Marquardt1963]";
  static constexpr const char* source = "core/levenberg_marquardt.cpp:levenberg_marquardt";
  int t;
  double cost, tried, lambda, length;
  std::string why;
  static void fields(const LmStep& s, auto&& field) {
    field("t", s.t, "step");
    field("f(x)", s.cost, "sum of squared residuals before the step");
    field("f(x + d)", s.tried, "after it");
    field("lambda", s.lambda, "damping: 0 is Gauss-Newton, large is gradient descent");
    field("|d|", s.length, "length of the step");
  }
};

// (N + lambda diag N) d = -g
std::optional<Vector> damped_step(const Matrix& N, const Vector& g, double lambda) {
  Matrix damped = N;
  for (Eigen::Index i = 0; i < N.rows(); ++i) damped(i, i) = N(i, i) > 0 ? N(i, i) * (1 + lambda) : 1;
  return solve_cholesky(damped, -g);
}

}  // namespace

LevenbergMarquardtResult levenberg_marquardt(NormalEquations problem, const Vector& start,
                                             const LevenbergMarquardtOptions& options, const Context& ctx) {
  LevenbergMarquardtResult best;
  best.x = start;
  best.N = Matrix::Zero(start.size(), start.size());
  Vector g = Vector::Zero(start.size());
  best.cost = problem(best.x, &best.N, &g);
  double lambda = options.lambda;
  while (std::isfinite(best.cost) && best.iterations < options.max_iter && !best.converged) {
    ctx.check_cancelled();
    ++best.iterations;
    const std::optional<Vector> d = damped_step(best.N, g, lambda);
    if (!d || !d->allFinite()) {
      if (lambda > 1e15) break;
      lambda *= 10;
      continue;
    }
    const Vector x = best.x + *d;
    const double cost = problem(x, nullptr, nullptr);
    const double foretold = -2 * g.dot(*d) - d->dot(best.N * *d);  // f(x) - |r + J d|^2
    const bool better = cost < best.cost;
    ctx.trace.step([&] {
      return LmStep{best.iterations,
                    best.cost,
                    cost,
                    lambda,
                    d->norm(),
                    better ? "the sum fell: trust the quadratic model more" : "the sum did not fall: shorter steps"};
    });
    best.converged = d->norm() <= options.tolerance * (best.x.norm() + options.tolerance) ||
                     foretold <= options.tolerance * options.tolerance * best.cost;
    if (better) {
      best.x = x;
      best.cost = problem(best.x, &best.N, &g);
      lambda /= 10;
    } else {
      if (lambda > 1e15) best.converged = true;  // no step, however short, leads down: x is the minimum to rounding
      lambda *= 10;
    }
    if (best.cost == 0) best.converged = true;
  }
  if (best.cost == 0) best.converged = true;
  return best;
}

}  // namespace assay
