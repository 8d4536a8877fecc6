// ml/tree/grow.h: grows a tree from its root, depth first, left child first, without recursion.
#pragma once
#include <vector>

#include "assay/ml/tree/split.h"

namespace assay::tree {

/// How the best split of a node is found. Both give the same tree.
enum class Search {
  textbook,  ///< sorts the rows of the node by every column [Breiman1984]
  presorted  ///< sorts once and divides the sorted lists (presort.h, search.h)
};

/// The rows whose weight is positive, ascending, are the root's. Memory O(n d), whatever the depth.
TreeNodes grow(const Problem& p, const TreeParams& params, const Context& ctx, Search search = Search::presorted);
/// The same on some of the rows (ascending).
TreeNodes grow_on(const std::vector<int>& rows, const Problem& p, const TreeParams& params, const Context& ctx);

}  // namespace assay::tree
