// Notation   F = K beta - z (in the paper's words y_t G_t = F_t, and -y_t G_t = -F_t);  a variable is free where
//            lower < beta < upper. beta_t may grow where beta_t < upper_t (t in I_up), and may fall where beta_t > lower_t
//            (t in I_low) [Fan2005, eq. 3].  |beta|_1 bends at 0: where it has slope s, growing beta_t costs F_t + s epsilon
//            up_t = -s epsilon on the right of beta_t (-inf where t is not in I_up):    u_t = up_t - F_t,  m = max u_t
//            low_t = -s epsilon on the left of it (+inf where t is not in I_low):       v_t = low_t - F_t, M = min v_t
//            beta is optimal if and only if m <= M
// Method     1 i = argmax u_t   2 stop if m - M <= tolerance   3 j = argmax (m - v_t)^2 / (K_ii + K_tt - 2 K_it) among v_t < m
//            [Fan2005, WSS 2]   4 beta_i grows and beta_j falls by the same step, the unclipped one of the two-variable problem
//            or as far as the box allows   5 F += step (K_i - K_j)   6 now and then shrink: a variable at a bound whose u_t < M
//            and v_t > m cannot be chosen and is set aside, until the rest is optimal; then F of those set aside is computed
// Departures from the paper: beta in place of alpha (one variable and no signs where the paper has two for regression);
//            F of those set aside comes from one blocked product with what changed since it was last known, where
//            LIBSVM keeps a sum over the bounded variables up to date; a row that is missing is computed together with a second
//            one that will probably be wanted. A step ends exactly on a bound.
#include "assay/ml/svm/smo.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "assay/ml/svm/smo_kernels.h"
#include "assay/ml/svm/smo_trace.h"

namespace assay::svm {
namespace {

constexpr double kTau = 1e-12;  // stands for a curvature that is not positive [Fan2005, sec. 3]
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Index kShrinkEvery = 1000, kCheckEvery = 64, kColumns = 1024;

class Solver {
 public:
  Solver(const DualProblem& problem, KernelRows& rows, const SmoOptions& options, CacheMemory& memory,
         const Context& ctx)
      : rows_(rows),
        options_(options),
        ctx_(ctx),
        cache_(rows, options.cache_bytes, memory),
        n_(rows.n()),
        active_(n_),
        z_(problem.z),
        lower_(problem.lower),
        upper_(problem.upper),
        epsilon_(problem.epsilon),
        place_(static_cast<size_t>(n_)) {
    const auto size = static_cast<size_t>(padded(n_));
    std::iota(place_.begin(), place_.end(), 0);
    beta_.assign(static_cast<size_t>(n_), 0.0);
    F_.assign(size, 0.0);
    up_.assign(size, -kInfinity);
    low_.assign(size, kInfinity);
    diagonal_.assign(size, 1.0);
    for (Index t = 0; t < n_; ++t) {
      at(F_, t) = -at(z_, t);
      at(diagonal_, t) = rows.diagonal(t);
      set_sides(t);
    }
    known_beta_ = beta_;
    known_F_ = F_;
    if (ctx.trace) trace_ = std::make_unique<SmoTrace>(ctx, problem, rows);
  }

  SmoResult solve(const DualProblem& problem);

 private:
  static double& at(std::vector<double>& v, Index t) { return v[static_cast<size_t>(t)]; }
  static double at(const std::vector<double>& v, Index t) { return v[static_cast<size_t>(t)]; }
  static Index at(const std::vector<Index>& v, Index t) { return v[static_cast<size_t>(t)]; }
  void set_sides(Index t);
  double room_up(Index t) const;
  double room_down(Index t) const;
  SmoMove plan(Index i, Index j, const float* Ki) const;
  Extremes step(Index i, Index j, const float* Ki, const float* Kj);
  Extremes look() const { return find_extremes(F_.data(), up_.data(), low_.data(), padded(active_)); }
  void shrink(const Extremes& now);
  void restore();
  bool must_stop(long iteration) const;
  void watch(long iteration, const Extremes& now, const Chosen& j, const float* Ki);
  Chosen runner_up(const Extremes& now, Index j, const float* Ki) const;
  SmoResult result(const DualProblem& problem, long iterations);

  KernelRows& rows_;
  const SmoOptions& options_;
  const Context& ctx_;
  KernelCache cache_;
  Index n_, active_;
  std::vector<double> z_, lower_, upper_;
  double epsilon_;
  std::vector<Index> place_;  ///< of each position: its place in the problem
  std::vector<double> beta_, F_, up_, low_, diagonal_;
  std::vector<double> known_beta_, known_F_;  ///< when F was last known everywhere
  bool restored_near_end_ = false, converged_ = false;
  std::unique_ptr<SmoTrace> trace_;  ///< where somebody watches
};

// up_t and low_t from beta_t.
void Solver::set_sides(Index t) {
  const double beta = at(beta_, t);
  at(up_, t) = beta >= at(upper_, t) ? -kInfinity : beta < 0 ? epsilon_ : -epsilon_;
  at(low_, t) = beta <= at(lower_, t) ? kInfinity : beta > 0 ? -epsilon_ : epsilon_;
}

// How far beta_t may move before the box, or the bend of |beta_t|, ends the step.
double Solver::room_up(Index t) const {
  return epsilon_ > 0 && at(beta_, t) < 0 ? -at(beta_, t) : at(upper_, t) - at(beta_, t);
}
double Solver::room_down(Index t) const {
  return epsilon_ > 0 && at(beta_, t) > 0 ? at(beta_, t) : at(beta_, t) - at(lower_, t);
}

// Step 4: how far the pair moves, and where both end.
SmoMove Solver::plan(Index i, Index j, const float* Ki) const {
  SmoMove p;
  p.curvature = std::max(at(diagonal_, i) + at(diagonal_, j) - 2 * static_cast<double>(Ki[j]), kTau);
  p.wanted = ((at(up_, i) - at(F_, i)) - (at(low_, j) - at(F_, j))) / p.curvature;
  p.up = room_up(i), p.down = room_down(j);
  p.length = std::min({p.wanted, p.up, p.down});
  const double end_i = at(beta_, i) < 0 && epsilon_ > 0 ? 0 : at(upper_, i);
  const double end_j = at(beta_, j) > 0 && epsilon_ > 0 ? 0 : at(lower_, j);
  p.beta_i = p.length == p.up ? end_i : at(beta_, i) + p.length;
  p.beta_j = p.length == p.down ? end_j : at(beta_, j) - p.length;
  return p;
}

// Steps 4 and 5.
Extremes Solver::step(Index i, Index j, const float* Ki, const float* Kj) {
  const SmoMove p = plan(i, j, Ki);
  at(beta_, i) = p.beta_i;
  at(beta_, j) = p.beta_j;
  set_sides(i);
  set_sides(j);
  return add_rows_and_find(F_.data(), up_.data(), low_.data(), Ki, p.length, Kj, -p.length, padded(active_));
}

bool Solver::must_stop(long iteration) const {
  if (iteration >= options_.max_iter) return true;
  if (iteration % kCheckEvery) return false;
  ctx_.check_cancelled();
  return ctx_.out_of_time();
}

SmoResult Solver::solve(const DualProblem& problem) {
  long iteration = 0;
  Index until_shrink = std::min(n_, kShrinkEvery) + 1;
  for (Extremes now = look();; ++iteration) {
    if (must_stop(iteration)) break;
    if (options_.shrinking && --until_shrink <= 0) {
      shrink(now);
      until_shrink = std::min(n_, kShrinkEvery);
      now = look();
    }
    const auto optimal = [&] { return now.up.at < 0 || now.up.value - now.low <= options_.tolerance; };
    if (optimal() && active_ < n_) {
      restore();
      until_shrink = 1;  // look at all once, then set aside again at once
      now = look();
    }
    converged_ = optimal();
    if (converged_) break;
    const Index i = now.up.at;
    const float* Ki = cache_.row(i);
    const Chosen j = largest_gain(F_.data(), low_.data(), Ki, diagonal_.data(), now.up.value, at(diagonal_, i), kTau,
                                  padded(active_));
    if (j.at < 0) break;  // not reached: some v_t < m has a gain
    const float* Kj = cache_.row(j.at);
    if (trace_) watch(iteration, now, j, Ki);
    now = step(i, j.at, Ki, Kj);
  }
  if (active_ < n_) restore();
  if (trace_) trace_->finished();
  return result(problem, iteration);
}

// Step 6: each idle variable changes places with the last that is not. Which of two equal rows comes first decides which one
// becomes the support vector; LIBSVM's order gives LIBSVM's numbers.
void Solver::shrink(const Extremes& now) {
  const double m = now.up.value, M = now.low;
  if (!restored_near_end_ && m - M <= 10 * options_.tolerance) {
    restored_near_end_ = true;
    if (active_ < n_) restore();
  }
  const auto is_idle = [&](Index t) { return at(up_, t) - at(F_, t) < M && at(low_, t) - at(F_, t) > m; };
  std::vector<int> order(static_cast<size_t>(n_));
  std::iota(order.begin(), order.end(), 0);
  Index active = active_;
  for (Index t = 0; t < active; ++t) {
    if (!is_idle(t)) continue;
    for (--active; active > t; --active)
      if (!is_idle(active)) {
        std::swap(order[static_cast<size_t>(t)], order[static_cast<size_t>(active)]);
        break;
      }
  }
  if (active == active_ || active < 2) return;
  cache_.shrink(order, active);
  const auto permute = [&](auto& v) {
    auto old = v;
    for (size_t t = 0; t < order.size(); ++t) v[t] = old[static_cast<size_t>(order[t])];
  };
  permute(place_);
  for (auto* v : {&z_, &lower_, &upper_, &beta_, &F_, &up_, &low_, &diagonal_, &known_beta_, &known_F_}) permute(*v);
  active_ = active;
  // Positions between active and its padding belong to variables set aside: they must not be chosen.
  for (Index t = active_; t < std::min(n_, padded(active_)); ++t) at(up_, t) = -kInfinity, at(low_, t) = kInfinity;
}

// F everywhere: what it was when it was last known, and the rows of all variables that changed since.
void Solver::restore() {
  std::vector<Index> changed;
  for (Index t = 0; t < n_; ++t)
    if (at(beta_, t) != at(known_beta_, t)) changed.push_back(t);
  const Index first = active_ / kLanes * kLanes, end = padded(n_);
  parallel_for(rows_.is_dense() ? ctx_.threads : 1, end - first, kColumns, [&](Index begin, Index stop) {
    std::vector<float> space(2 * static_cast<size_t>(kColumns));
    float* const out[2] = {space.data(), space.data() + kColumns};
    std::vector<double> sum(known_F_.begin() + first + begin, known_F_.begin() + first + stop);
    for (size_t c = 0; c < changed.size(); c += 2) {
      if (c % 512 == 0) ctx_.check_cancelled();
      const int count = c + 1 < changed.size() ? 2 : 1;
      rows_.compute(&changed[c], count, first + begin, first + stop, out);
      const double delta = at(beta_, changed[c]) - at(known_beta_, changed[c]);
      const double other = count == 2 ? at(beta_, changed[c + 1]) - at(known_beta_, changed[c + 1]) : 0;
      add_rows(sum.data(), out[0], delta, out[count - 1], other, stop - begin);
    }
    for (Index t = first + begin; t < first + stop; ++t)
      if (t >= active_ && t < n_) at(F_, t) = sum[static_cast<size_t>(t - first - begin)];
  });
  for (Index t = active_; t < n_; ++t) set_sides(t);
  active_ = n_;
  cache_.restore();
  known_beta_ = beta_;
  known_F_ = F_;
}

// The best gain with another j.
Chosen Solver::runner_up(const Extremes& now, Index j, const float* Ki) const {
  Chosen best;
  for (Index t = 0; t < active_; ++t) {
    const double b = now.up.value - (at(low_, t) - at(F_, t));
    if (t == j || !(b > 0)) continue;
    const double a = at(diagonal_, now.up.at) + at(diagonal_, t) - 2 * static_cast<double>(Ki[t]);
    const double gain = b * b / std::max(a, kTau);
    if (gain >= best.value) best = {gain, t};
  }
  return best;
}

void Solver::watch(long iteration, const Extremes& now, const Chosen& j, const float* Ki) {
  SmoMove move = plan(now.up.at, j.at, Ki);
  const Chosen other = runner_up(now, j.at, Ki);
  move.t = iteration;
  move.i = at(place_, now.up.at);
  move.j = at(place_, j.at);
  move.m = now.up.value, move.M = now.low;
  move.gain = j.value;
  if (other.at >= 0) move.runner_up = at(place_, other.at), move.runner_up_gain = other.value;
  move.active = active_;
  trace_->moved(move);
}

SmoResult Solver::result(const DualProblem& problem, long iterations) {
  SmoResult r;
  r.iterations = iterations;
  r.converged = converged_;
  r.rows = cache_.computed();
  r.beta.resize(static_cast<size_t>(n_));
  std::vector<double> F(static_cast<size_t>(n_));
  for (Index t = 0; t < n_; ++t) {
    at(r.beta, place_[static_cast<size_t>(t)]) = at(beta_, t);
    at(F, place_[static_cast<size_t>(t)]) = at(F_, t);
  }
  finish(problem, F, r);
  return r;
}

}  // namespace

void finish(const DualProblem& problem, const std::vector<double>& F, SmoResult& r) {
  double quadratic = 0, linear = 0, free_sum = 0, m = -kInfinity, M = kInfinity;
  long free = 0;
  for (size_t t = 0; t < F.size(); ++t) {
    const double beta = r.beta[t], lower = problem.lower[t], upper = problem.upper[t];
    quadratic += beta * (F[t] + problem.z[t]);
    linear += problem.epsilon * std::abs(beta) - problem.z[t] * beta;
    if (beta < upper) m = std::max(m, (beta < 0 ? problem.epsilon : -problem.epsilon) - F[t]);
    if (beta > lower) M = std::min(M, (beta > 0 ? -problem.epsilon : problem.epsilon) - F[t]);
    if (beta > lower && beta < upper && (beta != 0 || problem.epsilon == 0)) {
      free_sum += F[t] + (beta < 0 ? -problem.epsilon : problem.epsilon);
      ++free;
    }
  }
  r.objective = quadratic / 2 + linear;
  r.violation = std::max(0.0, m - M);
  r.rho = free > 0 ? free_sum / static_cast<double>(free) : -(m + M) / 2;
  if (!std::isfinite(r.rho)) r.rho = std::isfinite(m) ? -m : std::isfinite(M) ? -M : 0;
  double loss = 0;
  for (size_t t = 0; t < F.size(); ++t) {
    const double error = F[t] - r.rho;
    loss += problem.upper[t] * std::max(0.0, -error - problem.epsilon) -
            problem.lower[t] * std::max(0.0, error - problem.epsilon);
  }
  r.gap = quadratic / 2 + loss + r.objective;
}

SmoResult solve_smo(const DualProblem& problem, KernelRows& rows, const SmoOptions& options, CacheMemory& memory,
                    const Context& ctx) {
  return Solver(problem, rows, options, memory, ctx).solve(problem);
}

}  // namespace assay::svm
