// ml/tree/node_list.h: the nodes of a tree while it is grown, numbered in the order they are added.
//
// Cost     O(1) a node; one look at two cells a split, all at the end
#pragma once
#include <map>
#include <vector>

#include "assay/ml/tree/split.h"

namespace assay::tree {

class NodeList {
 public:
  /// Memory for as many nodes as `leaves` make. The problem outlives it.
  NodeList(const Problem& p, size_t leaves);

  /// A leaf, for now; parent -1: the root. Returns its number.
  int add(const NodeStats& stats, int parent, bool is_left);
  void record(int id, const Split& split);
  /// A split by numeric column f between two rows that are neighbours in its order. Their cells are looked up at the end, for all
  /// nodes in a row: each alone would wait for memory.
  void record(int id, int f, bool default_left, int below, int above);

  /// Gives the nodes away.
  TreeNodes take();

 private:
  struct Between {
    int id, below, above;
  };
  const Problem& p_;
  TreeNodes nodes_;
  std::vector<Between> between_;
  std::map<int, std::vector<int>> against_;  ///< levels of categorical splits
};

}  // namespace assay::tree
