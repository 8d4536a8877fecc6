// ml/tree/compiled.h: many trees made ready to answer many rows.
//
//   Every cell becomes its rank among all thresholds of its column, two bytes; then a question is one comparison of whole numbers,
//   rank of the cell > rank of the threshold. A node is eight bytes; its right child follows its left one, and a leaf leads to itself,
//   so that all rows take equally many steps down a tree, without branches, and several rows go at once.
//
// Requires trees without splits by level, fewer than 65 535 thresholds a column (`fits`)
// Cost     O(log thresholds) a cell, O(depth) a row and tree
// See      [Lucchese2015] (another way to the same end); [Asadi2014] (predication, and rows interleaved)
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "assay/ml/tree/tree.h"

namespace assay::tree {

struct CompiledNode {
  uint16_t cell;  ///< place in a row of ranks
  uint16_t rank;  ///< the row goes right where its rank is greater
  uint32_t left;  ///< the right child is the next one; a leaf: itself
};

class CompiledTrees {
 public:
  /// Every node of these trees with one output; they outlive it.
  explicit CompiledTrees(std::vector<const TreeNodes*> trees, int columns);
  bool fits() const { return fits_; }

  /// out[i K + t mod K] += value of the leaf of tree t that row i ends in, trees in order, for rows begin .. end of X.
  void add(const Columns& X, Index begin, Index end, int K, double* out) const;

 private:
  struct Cells {
    int column;
    bool missing_left;  ///< what a missing cell's rank must lead to
  };
  void compile(const TreeNodes& nodes);
  void rank_cells(const Columns& X, Index begin, Index end, std::vector<uint16_t>& ranks) const;

  bool fits_ = true;
  std::vector<std::vector<double>> thresholds_;  ///< of each column, ascending
  std::vector<Cells> cells_;
  std::vector<int> cell_of_;  ///< of column f: [2 f] missing right, [2 f + 1] missing left; -1: not used
  std::vector<CompiledNode> nodes_;
  std::vector<double> value_;
  std::vector<size_t> begin_;  ///< of each tree in nodes_
  std::vector<int> depth_;
};

}  // namespace assay::tree
