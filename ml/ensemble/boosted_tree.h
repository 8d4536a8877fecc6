// ml/ensemble/boosted_tree.h: the tree of one round of adaboost, fast: what does not change between rounds is done once.
//
// Guarantees  the tree of ml/tree/tree.h on the same weights, up to splits whose gains are equal to rounding
// Cost        columns are ranked and sorted once; a round's root is one pass over each sorted column
#pragma once
#include <optional>

#include "assay/ml/ensemble/grow_packed.h"

namespace assay::ensemble {

class BoostedTrees {
 public:
  /// Null where the parameters ask for what only `tree` does (pruning, a limit of leaves, another criterion).
  static std::optional<BoostedTrees> make(const TreeParams& params, const Samples& x, const Target& target,
                                          int threads);

  /// The tree on rows weighted by w, and its class for every row of the training table.
  TreeModel fit(const Vector& w, std::vector<int>& said, const Context& ctx) const;

 private:
  BoostedTrees(const TreeParams& params, const Samples& x, const Target& target)
      : params_(params), x_(&x), target_(&target) {}
  TreeParams params_;
  const Samples* x_;
  const Target* target_;
  Criterion criterion_ = Criterion::gini;
  std::vector<RankedColumn> ranks_;
  std::vector<bool> categorical_;
};

}  // namespace assay::ensemble
