// ml/tree/prune_choose.cpp: what held-out rows say about branches.
// Notation   as prune.cpp; T^(v) the tree grown without fold v, with a nested sequence of its own; w_i, L_i weight and loss of
//            row i
// Method     1 per fold v: grow on the other folds, find the nested sequence   2 the losses of fold v under T^(v)(a'_k),
//            a'_k = sqrt(a_k a_{k+1}) (the last: infinite)   3 their mean and its standard error   4 the rule
// Departures from the paper:
//   - One walk a row finds its loss under every tree of the sequence: as alpha grows its answer climbs along its path.
//   - The standard error is sqrt(variance of the losses / n) for classes too, which is sqrt(R(1 - R)/n) there; with
//     weights n is (sum w)^2 / sum w^2.
//   - [Quinlan1987] takes branches off one after another, the one that helps most first, until none helps; one pass from
//     the bottom finds the best subtree at once. A branch that no held-out row enters goes.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "assay/ml/selection/split.h"
#include "assay/ml/tree/prune.h"

namespace assay::tree {

double loss(const Problem& p, const TreeNodes& nodes, int node, int row) {
  const double* value = nodes.value.data() + static_cast<size_t>(node) * static_cast<size_t>(nodes.outputs);
  if (p.K == 0) return (p.y[row] - value[0]) * (p.y[row] - value[0]);
  return std::max_element(value, value + p.K) - value == p.code[row] ? 0 : 1;
}

namespace {

/// Sums of w L and w L^2 over rows, for each tree of a sequence.
struct Losses {
  std::vector<double> sum, squares;
};

/// Step 2 for one fold: entry j is of the fold's own tree T_j.
Losses fold_losses(const Problem& p, const TreeNodes& nodes, const Sequence& sequence, const std::vector<int>& rows) {
  const int trees = static_cast<int>(sequence.trees.size());
  Losses steps{std::vector<double>(static_cast<size_t>(trees) + 1, 0.0),
               std::vector<double>(static_cast<size_t>(trees) + 1, 0.0)};
  const auto add = [&](int from, int to, int node, int row) {  // trees from ... to - 1 answer with this node
    const double L = loss(p, nodes, node, row), w = p.w(row);
    steps.sum[static_cast<size_t>(from)] += w * L;
    steps.sum[static_cast<size_t>(to)] -= w * L;
    steps.squares[static_cast<size_t>(from)] += w * L * L;
    steps.squares[static_cast<size_t>(to)] -= w * L * L;
  };
  for (const int row : rows) {
    int node = 0, to = trees;
    while (to > 0) {
      const size_t i = static_cast<size_t>(node);
      const int from = std::min(to, sequence.gone[i]);
      if (from < to) add(from, to, node, row);
      to = from;
      if (nodes.leaf(node)) break;
      const int f = nodes.feature[i];
      node = nodes.child(node, p.cell(row, f), p.columns[static_cast<size_t>(f)].categorical());
    }
  }
  for (size_t j = 1; j < steps.sum.size(); ++j) {
    steps.sum[j] += steps.sum[j - 1];
    steps.squares[j] += steps.squares[j - 1];
  }
  return steps;
}

int most_folds(const Samples& samples, int folds) {
  if (samples.groups.empty()) return static_cast<int>(std::min<Index>(folds, samples.n()));
  return static_cast<int>(
      std::min<size_t>(static_cast<size_t>(folds), std::set<int>(samples.groups.begin(), samples.groups.end()).size()));
}

}  // namespace

void cross_validate(const Problem& p, const TreeParams& params, const Samples& samples, const Target& target,
                    const Context& ctx, Sequence& sequence) {
  std::vector<Pruning::Subtree>& trees = sequence.trees;
  Losses all{std::vector<double>(trees.size(), 0.0), std::vector<double>(trees.size(), 0.0)};
  double W = 0, W2 = 0;
  const std::vector<Fold> folds =
      make_folds(samples, target, most_folds(samples, params.prune_folds), 1, ctx.child("prune", 0));
  for (size_t v = 0; v < folds.size(); ++v) {
    if (!any_weight(p, folds[v].train)) continue;
    Context quiet = ctx.child("fold", v, folds.size());
    quiet.trace = Trace();
    const TreeNodes nodes = grow_on(folds[v].train, p, params, quiet);
    const Sequence own = weakest_links(nodes, node_costs(nodes, params.prune_cost));
    const Losses losses = fold_losses(p, nodes, own, folds[v].test);
    for (size_t k = 0; k < trees.size(); ++k) {
      const double middle = k + 1 < trees.size() ? std::sqrt(trees[k].alpha * trees[k + 1].alpha)
                                                 : std::numeric_limits<double>::infinity();
      const size_t j = static_cast<size_t>(own.at(middle));
      all.sum[k] += losses.sum[j];
      all.squares[k] += losses.squares[j];
    }
    for (const int row : folds[v].test) {
      W += p.w(row);
      W2 += p.w(row) * p.w(row);
    }
  }
  for (size_t k = 0; k < trees.size(); ++k) {
    const double mean = std::max(0.0, all.sum[k] / W);
    trees[k].held_out = mean;
    trees[k].standard_error = std::sqrt(std::max(0.0, all.squares[k] / W - mean * mean) * W2) / W;
  }
}

int choose_tree(const std::vector<Pruning::Subtree>& trees, PruneRule rule) {
  size_t least = 0;
  for (size_t k = 0; k < trees.size(); ++k)
    if (trees[k].held_out <= trees[least].held_out) least = k;
  const double bound = trees[least].held_out + (rule == PruneRule::one_se ? trees[least].standard_error : 0);
  size_t chosen = least;
  for (size_t k = least; k < trees.size(); ++k)
    if (trees[k].held_out <= bound) chosen = k;
  return static_cast<int>(chosen);
}

std::vector<bool> reduce_error(const Problem& p, const TreeNodes& nodes, const std::vector<int>& rows, double& before,
                               double& after) {
  const size_t size = nodes.feature.size();
  std::vector<double> as_leaf(size, 0.0), branch(size, 0.0);
  double W = 0;
  before = 0;
  for (const int row : rows) {
    const double w = p.w(row);
    W += w;
    for (int node = 0;;) {
      const size_t i = static_cast<size_t>(node);
      const double cost = w * loss(p, nodes, node, row);
      as_leaf[i] += cost;
      if (nodes.leaf(node)) {
        before += cost;
        break;
      }
      const int f = nodes.feature[i];
      node = nodes.child(node, p.cell(row, f), p.columns[static_cast<size_t>(f)].categorical());
    }
  }
  std::vector<bool> stop(size, false);
  for (size_t i = size; i-- > 0;) {
    branch[i] = as_leaf[i];
    if (nodes.feature[i] < 0) continue;
    const double below = branch[static_cast<size_t>(nodes.left[i])] + branch[static_cast<size_t>(nodes.right[i])];
    stop[i] = as_leaf[i] <= below * (1 + kTie);
    if (!stop[i]) branch[i] = below;
  }
  before = W > 0 ? before / W : 0;
  after = W > 0 ? branch[0] / W : 0;
  return stop;
}

}  // namespace assay::tree
