// ml/tree/ratio.cpp
// Notation   as split.cpp; H split information
// Method     1 each column's greatest gain   2 their average   3 the ratio of each column that reaches the average
//            4 the greatest ratio
// Departures from the paper:
//   - Splits have two sides. C4.5 splits a column of L levels L ways (unless asked to group them); here a subset goes left,
//     and the same column may be asked again below. With two sides H is at most one bit.
//   - C4.5 sends a row with a missing cell down all branches in parts, counts missing as a branch in H, and scales G by
//     the share of rows present. Here such rows go one way, the better one, and count as the rows they are.
//   - C4.5 release 8 lowers the gain of a threshold by log2(number of thresholds)/n, and leaves levels of high number out
//     of the average. Neither is done.
//   - Pruning is CART's or reduced-error pruning, not C4.5's pessimistic one.
#include "assay/ml/tree/ratio.h"

#include <algorithm>
#include <cmath>

namespace assay::tree {

double split_information(double W_L, double W_R) {
  const double W = W_L + W_R;
  if (!(W_L > 0) || !(W_R > 0)) return 0;
  return -(W_L / W * std::log2(W_L / W) + W_R / W * std::log2(W_R / W));
}

namespace {

/// The column's first split whose gain is the greatest up to kTie, with its ratio.
Split best_of_column(const NodeStats& node, int f, double greatest, Walk walk) {
  Split split;
  walk(f, [&](const Candidate& c, function_ref<Split()> make) {
    if (c.gain < greatest - kTie * node.impurity) return true;
    split = make();
    const double H = split_information(c.W_L, node.total.W - c.W_L);
    split.ratio = H > 0 ? c.gain / H : 0;
    return false;
  });
  return split;
}

double average_of_splitting(const std::vector<double>& gains) {
  double sum = 0;
  int count = 0;
  for (const double g : gains)
    if (g >= 0) sum += g, ++count;
  return count > 0 ? sum / count : 0;
}

}  // namespace

Split choose_by_ratio(const NodeStats& node, const std::vector<int>& features, Walk walk, std::optional<double> average,
                      std::vector<double>* gains) {
  std::vector<double> best(features.size(), -1.0);
  for (size_t j = 0; j < features.size(); ++j)
    walk(features[j], [&](const Candidate& c, function_ref<Split()>) {
      best[j] = std::max(best[j], c.gain);
      return true;
    });
  const double floor = average.value_or(average_of_splitting(best)) - kTie * node.impurity;
  std::vector<Split> competing;
  double greatest = 0;
  for (size_t j = 0; j < features.size(); ++j) {
    if (best[j] < std::max(0.0, floor)) continue;
    competing.push_back(best_of_column(node, features[j], best[j], walk));
    greatest = std::max(greatest, competing.back().ratio);
  }
  if (gains) *gains = std::move(best);
  for (Split& split : competing)
    if (split.ratio >= greatest - kTie) return std::move(split);
  return {};
}

}  // namespace assay::tree
