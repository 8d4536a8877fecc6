// ml/tree/prune.cpp: the nested sequence, and growing followed by pruning. Choosing alpha is in prune_choose.cpp.
// Notation   R(t) cost of node t as a leaf; T_t the branch below t; gain(t) = R(t) - R(t_L) - R(t_R);
//            D(t) = R(t) - R(T_t) = gain(t) + D(t_L) + D(t_R); g(t) = D(t) / (|T_t| - 1)
// Method     1 R(t)   2 D(t), |T_t|, from the bottom   3 cut all t of least g(t), the weakest links   4 renew D and |T| of the
//            nodes above   5 again, until the root is cut
// Departures from the paper:
//   - R(t) is the impurity unless prune-cost is `error`, which is [Breiman1984]'s for classes (scikit-learn's is the
//     impurity; for values both are the same).
//   - Nodes within kTie R(root) of the least g(t) are cut together.
#include "assay/ml/tree/prune.h"

#include <algorithm>
#include <queue>

#include "assay/core/text.h"
#include "assay/ml/selection/split.h"
#include "assay/ml/tree/cut.h"

namespace assay::tree {

std::vector<double> node_costs(const TreeNodes& nodes, PruneCost cost) {
  std::vector<double> R(nodes.feature.size());
  for (size_t i = 0; i < R.size(); ++i) {
    const double* share = nodes.value.data() + i * static_cast<size_t>(nodes.outputs);
    const bool errors = cost == PruneCost::error && nodes.outputs > 1;
    const double risk = errors ? std::max(0.0, 1 - *std::max_element(share, share + nodes.outputs)) : nodes.impurity[i];
    R[i] = nodes.cover[i] / nodes.cover[0] * risk;
  }
  return R;
}

namespace {

class WeakestLinks {
 public:
  WeakestLinks(const TreeNodes& nodes, const std::vector<double>& R) : nodes_(nodes), R_(R), tie_(kTie * R[0]) {
    const size_t size = nodes.feature.size();
    parent_.assign(size, -1);
    gain_.assign(size, 0);
    D_.assign(size, 0);
    leaves_.assign(size, 1);
    version_.assign(size, 0);
    inner_.assign(size, false);
    cost_ = R;
    out_.gone.assign(size, 0);
    for (size_t i = size; i-- > 0;) {
      if (nodes.feature[i] < 0) continue;
      const size_t l = left(i), r = right(i);
      inner_[i] = true;
      parent_[l] = parent_[r] = static_cast<int>(i);
      gain_[i] = std::max(0.0, R[i] - R[l] - R[r]);
      renew(i);
    }
  }

  Sequence run() {
    double alpha = 0;
    while (true) {
      while (!links_.empty() && (stale(links_.top()) || links_.top().g <= alpha + tie_)) {
        if (!stale(links_.top())) collapse(links_.top().node);
        links_.pop();
      }
      out_.trees.push_back({alpha, leaves_[0], cost_[0], 0, 0});
      if (links_.empty()) return std::move(out_);
      alpha = links_.top().g;
    }
  }

 private:
  struct Link {
    double g;
    int node, version;
    friend bool operator<(const Link& a, const Link& b) { return a.g != b.g ? a.g > b.g : a.node > b.node; }
  };
  size_t left(size_t i) const { return static_cast<size_t>(nodes_.left[i]); }
  size_t right(size_t i) const { return static_cast<size_t>(nodes_.right[i]); }

  bool stale(const Link& link) const {
    const size_t i = static_cast<size_t>(link.node);
    return !inner_[i] || version_[i] != link.version;
  }

  /// Step 2 for one node, and its entry among the links.
  void renew(size_t i) {
    const size_t l = left(i), r = right(i);
    D_[i] = gain_[i] + D_[l] + D_[r];
    cost_[i] = cost_[l] + cost_[r];
    leaves_[i] = leaves_[l] + leaves_[r];
    links_.push({D_[i] / (leaves_[i] - 1), static_cast<int>(i), ++version_[i]});
  }

  void collapse(int node) {
    const int k = static_cast<int>(out_.trees.size());
    std::vector<int> open{node};  // the whole branch goes
    while (!open.empty()) {
      const size_t i = static_cast<size_t>(open.back());
      open.pop_back();
      if (!inner_[i]) continue;
      inner_[i] = false;
      out_.gone[i] = k;
      open.push_back(nodes_.left[i]);
      open.push_back(nodes_.right[i]);
    }
    const size_t t = static_cast<size_t>(node);
    D_[t] = 0;
    cost_[t] = R_[t];
    leaves_[t] = 1;
    for (int above = parent_[t]; above >= 0; above = parent_[static_cast<size_t>(above)])
      renew(static_cast<size_t>(above));
  }

  const TreeNodes& nodes_;
  const std::vector<double>& R_;
  double tie_;
  std::vector<int> parent_, leaves_, version_;
  std::vector<double> gain_, D_, cost_;
  std::vector<bool> inner_;
  std::priority_queue<Link> links_;
  Sequence out_;
};

struct PrunedStep {
  static constexpr const char* kind = "pruned";
  static constexpr const char* title = "the nested sequence: cut the weakest links (2)";
  static constexpr const char* source = "ml/tree/prune.cpp:collapse";
  int k;
  const Pruning::Subtree& tree;
  bool cross_validated;
  std::vector<double> cut;
  std::string why;
  static void fields(const PrunedStep& s, auto&& field) {
    field("k", s.k, "number of the tree in the sequence");
    field("alpha_k", s.tree.alpha, "the least alpha that this tree is best for: g(t) of its weakest links");
    field("|T_k|", s.tree.leaves, "leaves");
    field("R(T_k)", s.tree.cost, "its cost on the training rows");
    if (s.cross_validated) {
      field("R_cv(T_k)", s.tree.held_out, "cost on held-out folds of trees for this alpha");
      field("SE", s.tree.standard_error, "its standard error");
    }
    field("cut", s.cut, "nodes of the grown tree that became leaves or went away in this step");
  }
};

void show(const Sequence& sequence, const Pruning& pruning, int chosen, const Context& ctx) {
  for (int k = 0; k < static_cast<int>(sequence.trees.size()); ++k)
    ctx.trace.step([&] {
      std::vector<double> cut;
      for (size_t i = 0; i < sequence.gone.size(); ++i)
        if (sequence.gone[i] == k && !pruning.grown.leaf(static_cast<int>(i))) cut.push_back(static_cast<double>(i));
      return PrunedStep{k, sequence.trees[static_cast<size_t>(k)], pruning.cross_validated, std::move(cut),
                        k == chosen ? "this tree is the model" : ""};
    });
}

TreeNodes prune_by_cost(const Problem& p, const TreeParams& params, const Samples& samples, const Target& target,
                        const Context& ctx, Pruning& pruning) {
  Sequence sequence = weakest_links(pruning.grown, node_costs(pruning.grown, params.prune_cost));
  int k = 0;
  if (params.ccp_alpha) {
    pruning.alpha = *params.ccp_alpha;
    k = sequence.at(pruning.alpha);
  } else {
    cross_validate(p, params, samples, target, ctx, sequence);
    pruning.cross_validated = true;
    k = choose_tree(sequence.trees, params.prune_rule);
    pruning.alpha = sequence.trees[static_cast<size_t>(k)].alpha;
  }
  show(sequence, pruning, k, ctx);
  pruning.sequence = sequence.trees;
  return cut(pruning.grown, sequence.stops(k));
}

}  // namespace

int Sequence::at(double alpha) const {
  int k = 0;
  while (k + 1 < static_cast<int>(trees.size()) && trees[static_cast<size_t>(k) + 1].alpha <= alpha) ++k;
  return k;
}

bool any_weight(const Problem& p, const std::vector<int>& rows) {
  return std::any_of(rows.begin(), rows.end(), [&](int row) { return p.w(row) > 0; });
}

std::vector<bool> Sequence::stops(int k) const {
  std::vector<bool> stop(gone.size());
  for (size_t i = 0; i < gone.size(); ++i) stop[i] = gone[i] <= k;
  return stop;
}

Sequence weakest_links(const TreeNodes& nodes, const std::vector<double>& R) { return WeakestLinks(nodes, R).run(); }

TreeNodes grow_and_prune(const Problem& p, const TreeParams& params, const Samples& samples, const Target& target,
                         const Context& ctx, std::optional<Pruning>& pruning) {
  const bool two_rows = samples.n() >= 2;  // fewer cannot be divided
  Fold fold;
  if (params.prune == Prune::reduced_error && two_rows)
    fold = hold_out(samples, target, params.prune_share, ctx.child("prune", 0));
  if (any_weight(p, fold.train)) {
    pruning.emplace();
    pruning->method = Prune::reduced_error;
    pruning->held_rows = static_cast<int>(fold.test.size());
    pruning->grown = grow_on(fold.train, p, params, ctx);
    return cut(pruning->grown, reduce_error(p, pruning->grown, fold.test, pruning->held_before, pruning->held_after));
  }
  TreeNodes grown = grow(p, params, ctx);
  if (!params.ccp_alpha && !(params.prune == Prune::cost_complexity && two_rows)) return grown;
  pruning.emplace();
  pruning->method = Prune::cost_complexity;
  pruning->grown = std::move(grown);
  return prune_by_cost(p, params, samples, target, ctx, *pruning);
}

}  // namespace assay::tree
