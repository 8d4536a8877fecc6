// ml/ensemble/grow_packed.h: grows one tree of a forest on its bag of rows, columns drawn anew at every node.
//
// Guarantees  with all columns, no bootstrap and search by ranks: the tree of ml/tree/grow.h (up to rounding of equal gains)
// Cost        O(columns m) a node of m rows: no sorted lists are kept
// See         [Breiman2001] sec. 4 (Forest-RI); [Geurts2006] table 1
#pragma once
#include <optional>

#include "assay/core/context.h"
#include "assay/ml/ensemble/node_search.h"
#include "assay/ml/ensemble/packed_tree.h"

namespace assay::ensemble {

enum class SplitSearch { ranks, textbook, random };

struct GrowSettings {
  std::optional<int> max_depth;
  int min_leaf = 1, min_split = 2;
  double min_gain = 0;
  int columns = 1;  ///< drawn at a node; where none of them can split it, further ones are drawn
  SplitSearch search = SplitSearch::ranks;
};

/// The rows a tree is grown on.
struct Bag {
  std::vector<int> rows;       ///< ascending
  std::vector<double> weight;  ///< by row of the table: times drawn, times its weight; 0 outside the bag
  std::vector<int> out;        ///< rows out of the bag that the tree is to answer, ascending
};

/// A row out of the bag, and the leaf it ends in.
struct RowAtLeaf {
  int row;
  uint32_t leaf;
};

struct GrownTree {
  PackedTree tree;
  std::vector<double> decrease;  ///< sum of W G over the splits of a column
  std::vector<RowAtLeaf> out;    ///< the rows out of the bag, leaf after leaf
};

/// `p.weight` is the bag's.
GrownTree grow_packed(const tree::Problem& p, const std::vector<RankedColumn>& ranks, const Bag& bag,
                      const GrowSettings& settings, const Context& ctx);

}  // namespace assay::ensemble
