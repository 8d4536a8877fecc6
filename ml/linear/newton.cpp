// Notation   g: gradient;  H: Hessian;  delta: step
// Method     1 f and g at x   2 gradient small enough: stop   3 solve H delta = -g by Cholesky   4 halve the step until f falls
//            enough
// Departures from the paper: near the minimum f cannot show a decrease below its own rounding; there a smaller gradient decides.
#include "assay/ml/linear/newton.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr double kEnough = 1e-4;      // of the decrease that the slope promises
constexpr double kLeastStep = 1e-10;  // below it no decrease can be seen any more
constexpr double kRounding = 1e-12;   // of f

struct NewtonStep {
  static constexpr const char* kind = "newton";
  int t;
  double objective, gradient_norm, step;
  std::string why;
  static void fields(const NewtonStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("F", s.objective, "objective: C times the summed loss plus the penalty");
    field("gradient_norm", s.gradient_norm, "largest component of the gradient of F");
    field("step", s.step, "share of the Newton step that was taken");
  }
};

const char* why_step(bool done, long t, double step) {
  if (done) return "The gradient is as small as asked: done.";
  if (t == 0) return "Start at zero: no column speaks for any class.";
  if (step < 1) return "The whole Newton step would not have lowered F enough, so it was halved.";
  return "F is nearly quadratic here, so the whole Newton step was taken.";
}

// Step 3; where rounding leaves H not positive definite, a growing multiple of the identity helps it.
Vector newton_direction(Matrix H, const Vector& g) {
  for (double ridge = 1e-10 * std::max(1.0, H.diagonal().maxCoeff()); std::isfinite(ridge); ridge *= 100) {
    if (const auto delta = solve_cholesky(H, -g); delta && delta->dot(g) < 0) return *delta;
    H.diagonal().array() += ridge;
  }
  return -g;
}

}  // namespace

NewtonResult minimize_newton(Vector x0, const NewtonProblem& problem, const NewtonOptions& options,
                             const Context& ctx) {
  NewtonResult s;
  s.x = std::move(x0);
  Vector g, next, g_next;
  double step = 0;
  s.value = problem.evaluate(s.x, g);
  problem.accept();
  for (long& t = s.iterations;; ++t) {
    ctx.check_cancelled();
    s.gradient_norm = g.lpNorm<Eigen::Infinity>();
    s.converged = s.gradient_norm <= options.tolerance;
    ctx.trace.step([&] {
      return NewtonStep{static_cast<int>(t), s.value, s.gradient_norm, step, why_step(s.converged, t, step)};
    });
    if (s.converged || t >= options.max_iter || ctx.out_of_time()) return s;
    ctx.progress.report(static_cast<double>(std::min(9L, t)), 10);
    const Vector delta = newton_direction(problem.hessian(), g);
    const double slope = g.dot(delta);
    double value = s.value;
    for (step = 1; step > kLeastStep; step /= 2) {
      next = s.x + step * delta;
      value = problem.evaluate(next, g_next);
      const bool below_rounding = std::abs(slope) * step <= kRounding * std::max(1.0, std::abs(s.value));
      if (value <= s.value + kEnough * step * slope ||
          (below_rounding && g_next.lpNorm<Eigen::Infinity>() < s.gradient_norm))
        break;
    }
    if (step <= kLeastStep) return s;
    s.x.swap(next);
    g.swap(g_next);
    problem.accept();
    s.value = value;
  }
}

}  // namespace assay
