// ml/boosting/scan.cpp
// Method     numeric: sums of the buckets to the left, one boundary after the other   categorical: the levels sorted by G/H, then
//            the same; the best subset is one of these prefixes, since the score is convex in (G, H) [Fisher1958]
// Departures from the paper: [Fisher1958] sorts by means, which G/H are for squared error; with lambda > 0 the prefix is the best
//            subset up to the pull of lambda, as in LightGBM [Ke2017].
#include "assay/ml/boosting/scan.h"

#include <algorithm>
#include <numeric>

namespace assay::boosting {
namespace {

Offer offer(int f, Sums left, Sums total, bool missing_left, const Regularization& r) {
  Offer o;
  o.feature = f;
  o.missing_left = missing_left;
  o.left = left;
  o.right = total - left;
  const bool heavy = o.left.H >= r.min_child_weight && o.right.H >= r.min_child_weight;
  o.gain = heavy ? gain(o.left, o.right, r) : -1;
  return o;
}

/// Places in b.level by G/H.
std::vector<size_t> order_of_levels(const Buckets& b) {
  std::vector<size_t> order(b.level.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t i, size_t j) { return b.sums[i].G * b.sums[j].H < b.sums[j].G * b.sums[i].H; });
  return order;
}

/// The subset of the first `count` levels goes left.
BoostSplit subset_split(const Buckets& b, int f, const std::vector<size_t>& order, const Boundary& best, Sums total) {
  BoostSplit split;
  split.feature = f;
  split.key = best.key;
  split.left = best.left;
  split.right = total - best.left;
  split.default_left = b.any_missing ? best.missing_left : split.left.H > split.right.H;
  for (size_t i = 0; i < order.size(); ++i)
    if ((static_cast<int>(i) < best.position) != split.default_left) split.against.push_back(b.level[order[i]]);
  std::sort(split.against.begin(), split.against.end());
  return split;
}

}  // namespace

BoostSplit numeric_split(int f, const Boundary& best, double threshold, Sums total, bool any_missing) {
  BoostSplit split;
  if (best.position < 0) return split;
  split.feature = f;
  split.key = best.key;
  split.threshold = threshold;
  split.left = best.left;
  split.right = total - best.left;
  split.default_left = any_missing ? best.missing_left : split.left.H > split.right.H;
  return split;
}

std::vector<Offer> walk_boundaries(const Buckets& b, int f, Sums total, const Regularization& r) {
  std::vector<Offer> offers;
  Sums left;
  for (size_t i = 0; i < b.sums.size(); ++i) {
    left = left + b.sums[i];
    const bool last = i + 1 == b.sums.size();
    if (last && !b.any_missing) break;
    for (const bool missing_left : {false, true}) {
      if (missing_left && (!b.any_missing || last)) continue;  // all rows on one side are no split
      Offer o = offer(f, missing_left ? left + b.missing : left, total, missing_left, r);
      o.threshold = b.upper[i];
      if (o.gain >= 0) offers.push_back(std::move(o));
    }
  }
  return offers;
}

BoostSplit best_subset(const Buckets& b, int f, Sums total, const Regularization& r) {
  const std::vector<size_t> order = order_of_levels(b);
  BoundaryScan scan(total, b.missing, b.any_missing, r);
  Sums left;
  for (size_t i = 0; i + (b.any_missing ? 0 : 1) < order.size(); ++i) {
    left = left + b.sums[order[i]];
    scan.add(left, static_cast<int>(i) + 1);
  }
  const Boundary& best = scan.best();
  return best.position < 0 ? BoostSplit{} : subset_split(b, f, order, best, total);
}

std::vector<Offer> walk_subsets(const Buckets& b, int f, Sums total, const Regularization& r) {
  const std::vector<size_t> order = order_of_levels(b);
  std::vector<Offer> offers;
  Sums left;
  std::vector<int> levels;
  for (size_t i = 0; i + (b.any_missing ? 0 : 1) < order.size(); ++i) {
    left = left + b.sums[order[i]];
    levels.push_back(b.level[order[i]]);
    for (const bool missing_left : {false, true}) {
      if (missing_left && (!b.any_missing || i + 1 == order.size())) continue;
      Offer o = offer(f, missing_left ? left + b.missing : left, total, missing_left, r);
      o.threshold = static_cast<double>(i + 1);
      o.levels = levels;
      std::sort(o.levels.begin(), o.levels.end());
      if (o.gain >= 0) offers.push_back(std::move(o));
    }
  }
  return offers;
}

}  // namespace assay::boosting
