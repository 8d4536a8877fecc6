// ml/tree/prune.h: a grown tree cut back.
//
//   cost-complexity  R_a(T) = R(T) + a |T|, |T| leaves, R(T) = sum over leaves t of R(t)                            (1)
//                    The smallest subtree T(a) that minimises (1) shrinks as a grows: T_0 > T_1 > ... > {root}, best from
//                    a_k on. Each follows from the one before by cutting its weakest links: the inner nodes t where
//                    g(t) = (R(t) - R(T_t)) / (|T_t| - 1) is least.                                                  (2)
//                    a is given, or the one whose trees, grown on the other folds, cost least on each fold.
//   reduced-error    from the bottom: an inner node becomes a leaf where that costs no more on held-out rows.
//
// R(t)       W_t/W I(t), or W_t/W times the share of rows its answer is wrong for (prune-cost)
// Guarantees T(a) minimises (1), and is the smallest that does; reduced-error: the least held-out cost of any subtree that
//            keeps the root, and the smallest such
// Cost       O(nodes depth log nodes); cross-validation grows a tree a fold
// See        [Breiman1984] sec. 3.3 (weakest links), 3.4.2 (cross-validation), 3.4.3 (one standard error), 8.5 (values);
//            [Quinlan1987] sec. 2.2 (reduced-error); trace kind "pruned"
#pragma once
#include <vector>

#include "assay/ml/tree/grow.h"

namespace assay::tree {

/// R(t) of every node.
std::vector<double> node_costs(const TreeNodes& nodes, PruneCost cost);

/// The nested sequence: trees[k] is T_k with its a_k. Inner node i is no longer inner in T_gone[i] and after.
struct Sequence {
  std::vector<Pruning::Subtree> trees;
  std::vector<int> gone;  ///< a leaf: 0
  /// The tree of least R_a.
  int at(double alpha) const;
  /// The nodes that are leaves or cut away in T_k.
  std::vector<bool> stops(int k) const;
};

/// Nodes with gains alike up to kTie R(root) are cut at once.
Sequence weakest_links(const TreeNodes& nodes, const std::vector<double>& R);

/// Sets held_out and standard_error of every tree of the sequence (grown on all rows of p).
void cross_validate(const Problem& p, const TreeParams& params, const Samples& samples, const Target& target,
                    const Context& ctx, Sequence& sequence);

/// The last tree of the sequence whose held-out cost is least (rule min), or within one standard error of the least.
int choose_tree(const std::vector<Pruning::Subtree>& trees, PruneRule rule);

/// Whether a row has positive weight.
bool any_weight(const Problem& p, const std::vector<int>& rows);

/// What node `node` costs on a row of p: 1 where its class is not the row's, or the square of what its value is off.
double loss(const Problem& p, const TreeNodes& nodes, int node, int row);

/// The inner nodes to stop at so that the cost on `rows` is least; `before` and `after`: that cost, per weight of rows.
std::vector<bool> reduce_error(const Problem& p, const TreeNodes& nodes, const std::vector<int>& rows, double& before,
                               double& after);

/// Grows and prunes as `params` says; `pruning` is set unless nothing was to be pruned.
TreeNodes grow_and_prune(const Problem& p, const TreeParams& params, const Samples& samples, const Target& target,
                         const Context& ctx, std::optional<Pruning>& pruning);

}  // namespace assay::tree
