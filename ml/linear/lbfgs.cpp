// Notation   s_k = x_{k+1} - x_k, y_k = g_{k+1} - g_k, rho_k = 1 / (y_k' s_k); p: search direction; phi(a) = f(x + a p).
// Method     1 p = -H g by the two-loop recursion   2 a step that meets the strong Wolfe conditions   3 keep (s, y)
// Departures from the paper: the line search brackets and then takes the minimiser of a cubic, kept away from the ends of
//            the bracket. Near the minimum, where rounding hides the decrease of f, the slope decides instead: the
//            approximate Wolfe conditions of [Hager2005, sec. 4]. Where the slopes show no progress either, the run ends
//            with what has been reached.
#include "assay/ml/linear/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

namespace assay {
namespace {

constexpr double kArmijo = 1e-4, kCurvature = 0.9;  // c1 and c2 of [Nocedal2006, eq. 3.7]
constexpr double kRounding = 1e-12;                 // relative difference of values of f that may be rounding alone
constexpr int kMaxTrials = 40;
constexpr int kMaxStalled = 20;  // iterations without progress of f or of its gradient

struct Pair {
  Vector s, y;
  double rho;
};

struct LbfgsStep {
  static constexpr const char* kind = "lbfgs";
  int t;
  double objective, gradient_norm, step;
  static void fields(const LbfgsStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("F", s.objective, "objective");
    field("gradient_norm", s.gradient_norm, "largest component of the gradient");
    field("step", s.step, "step length along the direction");
  }
};

// H g by the two-loop recursion [Nocedal2006, alg. 7.4]; H0 = (s'y / y'y) I of the newest pair.
Vector inverse_hessian_times(const std::deque<Pair>& pairs, Vector q) {
  std::vector<double> alpha(pairs.size());
  for (size_t k = pairs.size(); k-- > 0;) {
    alpha[k] = pairs[k].rho * pairs[k].s.dot(q);
    q -= alpha[k] * pairs[k].y;
  }
  if (!pairs.empty()) q *= 1.0 / (pairs.back().rho * pairs.back().y.squaredNorm());
  for (size_t k = 0; k < pairs.size(); ++k) q += (alpha[k] - pairs[k].rho * pairs[k].y.dot(q)) * pairs[k].s;
  return q;
}

struct Point {
  double a = 0, value = 0, slope = 0;  // step, phi(a), phi'(a)
};

// Minimiser of the cubic through two points with their slopes [Nocedal2006, eq. 3.59], kept inside the middle 80 %.
double cubic_guess(const Point& lo, const Point& hi) {
  const double d1 = lo.slope + hi.slope - 3 * (lo.value - hi.value) / (lo.a - hi.a);
  const double inside = d1 * d1 - lo.slope * hi.slope;
  const double left = std::min(lo.a, hi.a), width = std::abs(hi.a - lo.a);
  double a = left + 0.5 * width;
  if (inside >= 0) {
    const double d2 = std::copysign(std::sqrt(inside), hi.a - lo.a);
    const double guess = hi.a - (hi.a - lo.a) * (hi.slope + d2 - d1) / (hi.slope - lo.slope + 2 * d2);
    if (std::isfinite(guess)) a = guess;
  }
  return std::clamp(a, left + 0.1 * width, left + 0.9 * width);
}

// The function along a line, and the last point it was asked at.
struct Line {
  const Vector& x0;
  const Vector& p;
  double value0, slope0;
  function_ref<double(const Vector&, Vector&)> evaluate;
  Vector &x, &g;

  Point at(double a) const {
    x = x0 + a * p;
    const double value = evaluate(x, g);
    return Point{a, value, g.dot(p)};
  }
  double rounding() const { return kRounding * std::abs(value0); }
  // Armijo's condition; or, where rounding may hide the decrease, what follows from it for the slope [Hager2005, sec. 4].
  bool falls_enough(const Point& q) const {
    if (q.value <= value0 + kArmijo * q.a * slope0) return true;
    return q.value <= value0 + rounding() && q.slope <= (2 * kArmijo - 1) * slope0;
  }
  bool flat_enough(const Point& q) const { return std::abs(q.slope) <= -kCurvature * slope0; }
};

// A step that meets the strong Wolfe conditions [Nocedal2006, alg. 3.5 and 3.6]: lo has the lowest value seen that falls
// enough; a good step lies between lo and hi once they bracket one. False where no decrease can be seen any more.
bool wolfe_step(const Line& line, double first, Point& found) {
  Point lo{0, line.value0, line.slope0}, hi;
  bool bracketed = false;
  double a = first;
  for (int trial = 0; trial < kMaxTrials; ++trial) {
    const Point q = line.at(a);
    if (line.falls_enough(q) && line.flat_enough(q)) {
      found = q;
      return true;
    }
    if (!line.falls_enough(q) || q.value > lo.value + line.rounding()) {
      hi = q;
      bracketed = true;
    } else {
      const double towards_hi = bracketed ? hi.a - lo.a : 1.0;
      if (q.slope * towards_hi >= 0) {
        hi = lo;
        bracketed = true;
      }
      lo = q;
    }
    if (bracketed && std::abs(hi.a - lo.a) <= 1e-14 * std::max(1.0, lo.a)) break;
    a = !bracketed ? 2 * a : std::isfinite(hi.value) ? cubic_guess(lo, hi) : 0.5 * (lo.a + hi.a);
  }
  if (lo.a <= 0) return false;
  found = line.at(lo.a);
  return line.falls_enough(found);
}

}  // namespace

LbfgsResult minimize_lbfgs(Vector x0, function_ref<double(const Vector&, Vector&)> evaluate,
                           const LbfgsOptions& options, const Context& ctx) {
  LbfgsResult r;
  Vector x = std::move(x0), g(x.size()), x_next, g_next(x.size());
  r.value = evaluate(x, g);
  std::deque<Pair> pairs;
  double step = 0, lowest = std::numeric_limits<double>::infinity(), flattest = lowest;
  int stalled = 0;
  for (;; ++r.iterations) {
    ctx.check_cancelled();
    r.gradient_norm = g.size() ? g.lpNorm<Eigen::Infinity>() : 0;
    ctx.trace.step([&] { return LbfgsStep{r.iterations, r.value, r.gradient_norm, step}; });
    r.converged = r.gradient_norm <= options.tolerance;
    stalled = r.value < lowest || r.gradient_norm < flattest ? 0 : stalled + 1;
    lowest = std::min(lowest, r.value);
    flattest = std::min(flattest, r.gradient_norm);
    if (r.converged || r.iterations >= options.max_iter || stalled > kMaxStalled || ctx.out_of_time()) break;
    ctx.progress.report(r.iterations, options.max_iter);

    Vector p = -inverse_hessian_times(pairs, g);
    if (!(g.dot(p) < 0)) {  // rounding has spoilt the curvature: begin again with the steepest descent
      pairs.clear();
      p = -g;
    }
    Point found;
    const double first = pairs.empty() ? std::min(1.0, 1.0 / g.norm()) : 1.0;
    if (!wolfe_step(Line{x, p, r.value, g.dot(p), evaluate, x_next, g_next}, first, found)) {
      if (pairs.empty()) break;
      pairs.clear();
      continue;
    }
    Pair pair{x_next - x, g_next - g, 0};
    const double sy = pair.s.dot(pair.y);
    if (sy > std::numeric_limits<double>::epsilon() * pair.y.squaredNorm()) {
      pair.rho = 1 / sy;
      pairs.push_back(std::move(pair));
      if (static_cast<int>(pairs.size()) > options.memory) pairs.pop_front();
    }
    x.swap(x_next);
    g.swap(g_next);
    r.value = found.value;
    step = found.a;
  }
  r.x = std::move(x);
  return r;
}

}  // namespace assay
