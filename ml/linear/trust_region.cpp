// Notation   x: point;  g: gradient;  H: Hessian;  M: preconditioner;  s: step;  r = -g - Hs;  z = M^-1 r;  p: direction;
//            Delta: radius;  rho: eq. (2)
// Method     1 step s by conjugate gradients, until |r| <= xi |g| in the norm of M^-1, or s meets the border   2 rho   3 Delta
//            4 go there, or stay
// Departures from the paper: M is a preconditioner of the caller's, after [Hsia2018]; the norm of the region is M's. The inner
//            accuracy is xi = min(1/4, (|g| / |g_0|)^(3/4)), so that the last steps are Newton's, but r need not be far below the
//            tolerance. Where rounding hides a decrease of f, a smaller gradient is accepted in its place.
#include "assay/ml/linear/trust_region.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr double kTake = 1e-4, kPoor = 0.25, kGood = 0.75;  // eta_0, eta_1, eta_2 of [Lin2008, sec. 2]
constexpr double kShrink = 0.25, kHalf = 0.5, kGrow = 4;    // sigma_1, sigma_2, sigma_3
constexpr double kInner = 0.25, kOrder = 0.75;              // xi
constexpr double kSpare = 0.25;  // of the tolerance: r, the next gradient in the model, need not be smaller
constexpr double kRounding = 1e-12;
constexpr int kMaxInner = 1000;
constexpr int kMaxRefused = 60;  // steps refused in a row: Delta is then below rounding

struct RegionStep {
  static constexpr const char* kind = "trust-region";
  static constexpr const char* title = "a Newton step inside a region that is trusted (1), (2)";
  static constexpr const char* source = "ml/linear/trust_region.cpp:minimize_trust_region";
  int t;
  double objective, gradient_norm, radius, rho;
  int inner;
  std::string why;
  static void fields(const RegionStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("F", s.objective, "objective");
    field("gradient_norm", s.gradient_norm, "largest component of the gradient of F");
    field("Delta", s.radius, "radius of the region");
    field("rho", s.rho, "actual decrease over the decrease that the quadratic model foretold");
    field("inner", s.inner, "conjugate gradient steps, each one product with the Hessian");
  }
};

struct Inner {
  Vector s, r;
  int steps = 0;
  bool border = false;
  double norm = 0;  // of s, in M
};

// Step 1 [Steihaug1983]; the norms in M follow from those before [Conn2000, alg. 7.5.1].
Inner truncated_step(const TrustRegionProblem& f, const Vector& g, double radius, double xi, double least,
                     const Context& ctx) {
  Inner in;
  in.s = Vector::Zero(g.size());
  in.r = -g;
  Vector z = f.precondition(in.r), p = z;
  double rz = in.r.dot(z), ss = 0, sp = 0, pp = rz;
  const double enough = xi * std::sqrt(rz);
  while (in.steps < kMaxInner && std::sqrt(rz) > enough && in.r.lpNorm<Eigen::Infinity>() > least) {
    ctx.check_cancelled();
    const Vector Hp = f.hessian_times(p);
    ++in.steps;
    const double curvature = p.dot(Hp);
    const double alpha = curvature > 0 ? rz / curvature : HUGE_VAL;
    const double next = ss + 2 * alpha * sp + alpha * alpha * pp;
    if (!(next < radius * radius)) {  // the positive root of |s + tau p|_M = Delta
      const double gap = radius * radius - ss;
      const double tau = gap / (sp + std::sqrt(sp * sp + pp * gap));
      if (!std::isfinite(tau)) break;
      in.s += tau * p;
      in.r -= tau * Hp;
      in.border = true;
      in.norm = radius;
      return in;
    }
    in.s += alpha * p;
    in.r -= alpha * Hp;
    ss = next;
    z = f.precondition(in.r);
    const double rz_next = in.r.dot(z), beta = rz_next / rz;
    sp = beta * (sp + alpha * pp);
    pp = rz_next + beta * beta * pp;
    p = z + beta * p;
    rz = rz_next;
    if (!(rz > 0)) break;
  }
  in.norm = std::sqrt(ss);
  return in;
}

// Step 3 [Lin2008, eq. 12]; alpha minimises the parabola through f(x), its slope and f(x + s).
double next_radius(double radius, double norm, double rho, double alpha, bool border) {
  if (rho < kPoor) return std::min(std::max(alpha, kShrink) * norm, kHalf * radius);
  if (rho >= kGood && border) return kGrow * radius;
  return std::max(radius, norm);
}

const char* why_of(bool done, int t, bool taken, bool border) {
  if (done) return "The gradient is as small as asked: done.";
  if (t == 0) return "The start.";
  if (!taken) return "F did not fall as foretold: the step is refused, and the region shrinks.";
  return border ? "The step ended at the border of the region." : "The whole Newton step lay inside the region.";
}

}  // namespace

TrustRegionResult minimize_trust_region(Vector x0, const TrustRegionProblem& f, const TrustRegionOptions& options,
                                        const Context& ctx) {
  TrustRegionResult out;
  Vector x = std::move(x0), g(x.size()), g_next(x.size());
  out.value = f.evaluate(x, g);
  f.accept();
  double radius = -1, rho = 0, g0 = 0;
  int refused = 0, inner = 0;
  bool fresh = true, border = false;
  for (;; ++out.iterations) {
    ctx.check_cancelled();
    out.gradient_norm = g.size() ? g.lpNorm<Eigen::Infinity>() : 0;
    out.converged = out.gradient_norm <= options.tolerance;
    ctx.trace.step([&] {
      return RegionStep{out.iterations,
                        out.value,
                        out.gradient_norm,
                        std::max(radius, 0.0),
                        rho,
                        inner,
                        why_of(out.converged, out.iterations, refused == 0, border)};
    });
    if (out.converged || out.iterations >= options.max_iter || refused > kMaxRefused || ctx.out_of_time()) break;
    ctx.progress.report(std::min(out.iterations, 19), 20);
    if (fresh) f.prepare();
    fresh = false;
    const double norm = g.norm();
    if (radius < 0) {
      radius = std::sqrt(g.dot(f.precondition(g)));
      g0 = norm;
    }
    if (!std::isfinite(radius)) break;
    const Inner step =
        truncated_step(f, g, radius, std::min(kInner, std::pow(norm / g0, kOrder)), kSpare * options.tolerance, ctx);
    inner = step.steps;
    border = step.border;
    out.products += step.steps;
    const double slope = g.dot(step.s), predicted = 0.5 * (slope - step.s.dot(step.r));  // q(s)
    const Vector x_next = x + step.s;
    const double value = f.evaluate(x_next, g_next), actual = value - out.value;
    const double blind = kRounding * std::max(1.0, std::abs(out.value));
    rho = actual / predicted;
    const bool below_rounding = std::abs(predicted) <= blind && std::abs(actual) <= blind;
    if (below_rounding) rho = g_next.lpNorm<Eigen::Infinity>() < out.gradient_norm ? 1 : 0;
    if (!std::isfinite(rho)) rho = -1;
    const double parabola = actual - slope, alpha = parabola > 0 ? -0.5 * slope / parabola : kGrow;
    radius = next_radius(radius, step.norm, rho, std::isfinite(alpha) ? alpha : 0, step.border);
    refused = rho > kTake ? 0 : refused + 1;
    if (refused) {
      if (below_rounding) break;  // nothing left that can be seen
      continue;
    }
    x = x_next;
    g.swap(g_next);
    out.value = value;
    f.accept();
    fresh = true;
  }
  out.x = std::move(x);
  return out;
}

}  // namespace assay
