// Notation   E_t = F_t - rho, the error of row t; F as in smo.cpp;  a variable violates its condition by more than tau = tolerance / 2
//            if it may grow and E_t + s epsilon < -tau, or may fall and E_t + s epsilon > tau (s: slope of |beta| on that side)
// Method     1 outer loop: all rows, then only the free ones until none of them changes, then all again [Platt1998, sec. 2.2]
//            2 a violator takes as partner the free row with the greatest |E_1 - E_2|; else any free row, beginning at a random
//            place; else any row   3 the two-variable problem on its box [sec. 2.1]   4 rho from the row that is
//            free, else halfway between [sec. 2.3]; all errors follow (the paper keeps those of free rows alone)
// Departures from the paper: beta in place of alpha, and numbers as well as classes (smo.h). Where the curvature eta is not
//            positive the paper compares both ends of the box; here the step goes to the end that descends. A step counts if
//            it changes beta by more than 1e-12 of the box, where the paper says 1e-3: so both solvers meet.
#include "assay/ml/svm/smo_1998.h"

#include <algorithm>
#include <cmath>

namespace assay::svm {
namespace {

class Platt {
 public:
  Platt(const DualProblem& problem, KernelRows& rows, const SmoOptions& options, CacheMemory& memory,
        const Context& ctx)
      : q_(problem),
        rows_(rows),
        options_(options),
        ctx_(ctx),
        cache_(rows, options.cache_bytes, memory),
        rng_(ctx.rng()),
        beta_(problem.z.size(), 0.0),
        F_(problem.z.size()) {
    for (size_t t = 0; t < F_.size(); ++t) F_[t] = -q_.z[t];
  }

  SmoResult solve() {
    bool all = true, changed = true;
    while ((changed || !all) && !stopped()) {
      all = !changed || steps_ == 0;
      changed = false;
      for (size_t t = 0; t < beta_.size() && !stopped(); ++t)
        if (all || is_free(t)) changed = examine(t) || changed;
      if (all && !changed) break;
    }
    SmoResult r;
    r.beta = beta_;
    r.iterations = steps_;
    r.rows = cache_.computed();
    finish(q_, F_, r);
    r.converged = r.violation <= options_.tolerance;
    return r;
  }

 private:
  bool stopped() {
    ctx_.check_cancelled();
    return steps_ >= options_.max_iter || ctx_.out_of_time();
  }
  bool is_free(size_t t) const { return beta_[t] > q_.lower[t] && beta_[t] < q_.upper[t]; }
  double slope_up(size_t t) const { return F_[t] + (beta_[t] < 0 ? -q_.epsilon : q_.epsilon); }
  double slope_down(size_t t) const { return F_[t] + (beta_[t] > 0 ? q_.epsilon : -q_.epsilon); }
  double room_up(size_t t) const { return (q_.epsilon > 0 && beta_[t] < 0 ? 0 : q_.upper[t]) - beta_[t]; }
  double room_down(size_t t) const { return beta_[t] - (q_.epsilon > 0 && beta_[t] > 0 ? 0 : q_.lower[t]); }

  // Steps 2: true where some partner gave a step.
  bool examine(size_t t) {
    const double tau = options_.tolerance / 2;
    const bool up = beta_[t] < q_.upper[t] && slope_up(t) - rho_ < -tau;
    const bool down = beta_[t] > q_.lower[t] && slope_down(t) - rho_ > tau;
    if (!up && !down) return false;
    size_t best = t;
    for (size_t s = 0; s < beta_.size(); ++s)
      if (is_free(s) && std::abs(F_[s] - F_[t]) > std::abs(F_[best] - F_[t])) best = s;
    if (best != t && take_step(best, t)) return true;
    for (const bool free : {true, false}) {
      const size_t start = rng_.below(beta_.size());
      for (size_t k = 0; k < beta_.size(); ++k) {
        const size_t s = (start + k) % beta_.size();
        if (is_free(s) == free && take_step(s, t)) return true;
      }
    }
    return false;
  }

  // Steps 3 and 4: moves beta_a and beta_b against each other; false where that gains nothing.
  bool take_step(size_t a, size_t b) {
    if (a == b || steps_ >= options_.max_iter) return false;
    const bool b_grows = slope_down(a) > slope_up(b);
    const size_t i = b_grows ? b : a, j = b_grows ? a : b;  // i grows, j falls
    const double wanted = slope_down(j) - slope_up(i);
    const double up = room_up(i), down = room_down(j);
    if (!(wanted > 0) || !(up > 0) || !(down > 0)) return false;
    const float* Ki = cache_.row(static_cast<Index>(i));
    const float* Kj = cache_.row(static_cast<Index>(j));
    const double eta =
        rows_.diagonal(static_cast<Index>(i)) + rows_.diagonal(static_cast<Index>(j)) - 2 * static_cast<double>(Ki[j]);
    const double length = std::min({wanted / std::max(eta, 1e-12), up, down});
    if (length <= 1e-12 * std::max(q_.upper[i] - q_.lower[i], q_.upper[j] - q_.lower[j])) return false;
    beta_[i] = length == up ? beta_[i] < 0 && q_.epsilon > 0 ? 0 : q_.upper[i] : beta_[i] + length;
    beta_[j] = length == down ? beta_[j] > 0 && q_.epsilon > 0 ? 0 : q_.lower[j] : beta_[j] - length;
    for (size_t t = 0; t < F_.size(); ++t) F_[t] += length * (static_cast<double>(Ki[t]) - static_cast<double>(Kj[t]));
    const double rho_i = beta_[i] < 0 ? slope_down(i) : slope_up(i), rho_j = beta_[j] < 0 ? slope_down(j) : slope_up(j);
    rho_ = is_free(i) ? rho_i : is_free(j) ? rho_j : (rho_i + rho_j) / 2;
    ++steps_;
    return true;
  }

  const DualProblem& q_;
  KernelRows& rows_;
  const SmoOptions& options_;
  const Context& ctx_;
  KernelCache cache_;
  Rng rng_;
  std::vector<double> beta_, F_;
  double rho_ = 0;
  long steps_ = 0;
};

}  // namespace

SmoResult solve_smo_1998(const DualProblem& problem, KernelRows& rows, const SmoOptions& options, CacheMemory& memory,
                         const Context& ctx) {
  return Platt(problem, rows, options, memory, ctx).solve();
}

}  // namespace assay::svm
