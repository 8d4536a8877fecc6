// Method     1 draw the first row by weight   2 draw one row, or several, by (1)   3 keep the one that leaves the smallest
//            sum   4 renew D   until there are k
// Departures from the paper: a row x whose centre m satisfies 4 |x - m|^2 < |m - candidate|^2 is nearer to m, and is not
//            measured again.
#include "assay/ml/cluster/seed.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/ml/cluster/nearest.h"
#include "assay/ml/cluster/trace_steps.h"

namespace assay::kmeans {
namespace {

constexpr Index kGrain = 4096;

/// Draws rows with probability proportional to a mass.
class Lottery {
 public:
  template <class Mass>
  Lottery(Index n, int threads, Mass mass) : n_(n), parts_(static_cast<size_t>((n + kGrain - 1) / kGrain)) {
    parallel_for(threads, n, kGrain, [&](Index begin, Index end) {
      double part = 0;
      for (Index i = begin; i < end; ++i) part += mass(i);
      parts_[static_cast<size_t>(begin / kGrain)] = part;
    });
    for (const double part : parts_) total_ += part;
  }
  double total() const { return total_; }
  /// Requires total() > 0; `mass` as in the constructor.
  template <class Mass>
  Index draw(double uniform, Mass mass) const {
    double left = uniform * total_;
    Index chosen = -1;
    for (size_t p = 0; p < parts_.size(); ++p) {
      const bool last = p + 1 == parts_.size();
      if (!last && left >= parts_[p]) {
        left -= parts_[p];
        continue;
      }
      for (Index i = static_cast<Index>(p) * kGrain; i < std::min(n_, static_cast<Index>(p + 1) * kGrain); ++i) {
        const double m = mass(i);
        if (m <= 0) continue;
        chosen = i;
        if (left < m) return i;
        left -= m;
      }
    }
    for (Index i = 0; chosen < 0; ++i)  // rounding led past the end: the first row there is
      if (mass(i) > 0) chosen = i;
    return chosen;
  }

 private:
  Index n_;
  std::vector<double> parts_;
  double total_ = 0;
};

class PlusPlus {
 public:
  PlusPlus(const Samples& samples, const Context& ctx)
      : samples_(samples),
        X_(samples.rows()),
        ctx_(ctx),
        squared_(static_cast<size_t>(X_.rows()), std::numeric_limits<double>::infinity()),
        owner_(static_cast<size_t>(X_.rows()), 0) {}

  void take(Index row) {
    const std::vector<double> apart = quarter_distances(row);
    chosen_.push_back(row);
    parallel_for(ctx_.threads, X_.rows(), kGrain, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        const double s = to_candidate(i, row, apart);
        if (s >= squared_[static_cast<size_t>(i)]) continue;
        squared_[static_cast<size_t>(i)] = s;
        owner_[static_cast<size_t>(i)] = static_cast<int>(chosen_.size()) - 1;
      }
    });
  }

  /// The numerator of (1).
  double mass(Index i) const { return samples_.weight_of(i) * squared_[static_cast<size_t>(i)]; }

  /// Sum of the masses if each candidate were taken.
  std::vector<double> sums_with(const std::vector<Index>& candidates) const {
    std::vector<std::vector<double>> apart;
    for (const Index row : candidates) apart.push_back(quarter_distances(row));
    using Sums = std::vector<double>;
    return parallel_reduce(
        ctx_.threads, X_.rows(), kGrain, Sums(candidates.size(), 0.0),
        [&](Index begin, Index end) {
          Sums sums(candidates.size(), 0.0);
          for (Index i = begin; i < end; ++i)
            for (size_t j = 0; j < candidates.size(); ++j)
              sums[j] += samples_.weight_of(i) *
                         std::min(squared_[static_cast<size_t>(i)], to_candidate(i, candidates[j], apart[j]));
          return sums;
        },
        [](Sums& total, const Sums& part) {
          for (size_t j = 0; j < total.size(); ++j) total[j] += part[j];
        });
  }

  const std::vector<Index>& chosen() const { return chosen_; }
  const std::vector<double>& squared() const { return squared_; }

 private:
  /// |m - candidate|^2 / 4 for every centre so far, a little less.
  std::vector<double> quarter_distances(Index row) const {
    std::vector<double> apart;
    for (const Index m : chosen_)
      apart.push_back(squared_distance(X_.row(m).data(), X_.row(row).data(), X_.cols()) * (0.25 - kSlack));
    return apart;
  }
  /// |x_i - candidate|^2, or infinity where it is more than what the row has.
  double to_candidate(Index i, Index row, const std::vector<double>& apart) const {
    if (!apart.empty() && squared_[static_cast<size_t>(i)] < apart[static_cast<size_t>(owner_[static_cast<size_t>(i)])])
      return std::numeric_limits<double>::infinity();
    return squared_distance(X_.row(i).data(), X_.row(row).data(), X_.cols());
  }

  const Samples& samples_;
  const Matrix& X_;
  const Context& ctx_;
  std::vector<Index> chosen_;
  std::vector<double> squared_;  ///< D^2
  std::vector<int> owner_;       ///< which centre is the nearest
};

std::vector<Index> plus_plus(const Samples& samples, Index k, Index tries, const Context& ctx) {
  const Index n = samples.n();
  const auto weight = [&](Index i) { return samples.weight_of(i); };
  const Lottery by_weight(n, ctx.threads, weight);
  Rng rng = ctx.rng();
  PlusPlus state(samples, ctx);
  while (static_cast<Index>(state.chosen().size()) < k) {
    ctx.check_cancelled();
    const bool first = state.chosen().empty();
    const auto mass = [&](Index i) { return state.mass(i); };
    std::vector<Index> candidates;
    std::vector<double> sums;
    if (!first) {
      const Lottery by_distance(n, ctx.threads, mass);
      for (Index j = 0; j < tries && by_distance.total() > 0; ++j)
        candidates.push_back(by_distance.draw(rng.uniform(), mass));
    }
    if (candidates.empty()) candidates.push_back(by_weight.draw(rng.uniform(), weight));
    if (candidates.size() > 1) sums = state.sums_with(candidates);
    const auto best = static_cast<size_t>(std::min_element(sums.begin(), sums.end()) - sums.begin());
    trace_seed(ctx, samples, state.chosen(), first ? std::vector<double>() : state.squared(), candidates, sums, best);
    state.take(candidates[best]);
  }
  return state.chosen();
}

std::vector<Index> random_rows(const Samples& samples, Index k, const Context& ctx) {
  std::vector<Index> rows;
  std::vector<bool> taken(static_cast<size_t>(samples.n()));
  const auto weight = [&](Index i) { return samples.weight_of(i); };
  const auto left = [&](Index i) { return taken[static_cast<size_t>(i)] ? 0.0 : samples.weight_of(i); };
  const Lottery all(samples.n(), ctx.threads, weight);
  Rng rng = ctx.rng();
  while (static_cast<Index>(rows.size()) < k) {
    Index row = all.draw(rng.uniform(), weight);
    for (int again = 0; taken[static_cast<size_t>(row)] && again < 20; ++again) row = all.draw(rng.uniform(), weight);
    if (taken[static_cast<size_t>(
            row)]) {  // most of the weight is gone: draw from the rest, or repeat where nothing is
      const Lottery rest(samples.n(), ctx.threads, left);
      if (rest.total() > 0) row = rest.draw(rng.uniform(), left);
    }
    taken[static_cast<size_t>(row)] = true;
    trace_seed(ctx, samples, rows, {}, {row}, {}, 0);
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::vector<Index> seed_rows(const Samples& samples, Index k, Seeding how, const Context& ctx) {
  if (how == Seeding::random) return random_rows(samples, k, ctx);
  const auto greedy = static_cast<Index>(2 + std::floor(std::log(static_cast<double>(k))));
  return plus_plus(samples, k, how == Seeding::greedy ? greedy : 1, ctx);
}

}  // namespace assay::kmeans
