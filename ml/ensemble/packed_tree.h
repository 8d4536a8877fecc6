// ml/ensemble/packed_tree.h: a tree of a forest, laid out to be walked by many rows at once.
//
// A node is 16 bytes; its children stand side by side, so that a step is child + (x > threshold). A leaf leads to itself:
// rows of different depths can be walked together, until none of them moves.
//
// Cost     16 rows are walked in turns, so that their cache misses overlap; a block of rows is copied row by row first
// See      [Breiman1984] for what a node means: ml/tree/tree.h
#pragma once
#include <cstdint>
#include <vector>

#include "assay/core/archive.h"
#include "assay/ml/data/samples.h"
#include "assay/ml/tree/tree.h"

namespace assay::ensemble {

struct PackedNode {
  double threshold = 0;  ///< x <= threshold goes left; a leaf has infinity; column with levels: the number of its set
  uint32_t child = 0;    ///< the left child; the right one follows it; a leaf has its own number
  uint32_t feature : 31 = 0;
  uint32_t default_left : 1 = 1;  ///< where a missing cell goes
};
static_assert(sizeof(PackedNode) == 16);

struct PackedTree {
  std::vector<PackedNode> nodes;
  /// Inner node: -1. Leaf: the class where all its rows have one, else K + j for row j of `values`; the row of `values`
  /// where K == 0.
  std::vector<int> answer;
  std::vector<double> cover;   ///< weight of the node's training rows, with the repeats of the bootstrap
  std::vector<double> values;  ///< rows of K class shares, or of one mean
  /// Set s, of a column with levels: level[set_begin[s]] .. level[set_begin[s + 1] - 1], ascending, do not go the default
  /// way.
  std::vector<int> set_begin{0};
  std::vector<int> level;

  int size() const { return static_cast<int>(nodes.size()); }
  bool leaf(int node) const { return answer[static_cast<size_t>(node)] >= 0; }
  int leaves() const { return (size() + 1) / 2; }
  int depth() const;
  /// The child of an inner node that a cell x leads to, whatever the column.
  int child(int node, double x, bool categorical) const;
  /// proba[0 .. K) += the shares of a leaf; or, K == 0, proba[0] += its mean.
  void add_answer(int leaf, int K, double* proba) const;
};

/// Rows side by side, cells of a row together.
struct RowBlock {
  const double* cells;
  Index d;
  int count;
  const uint32_t* at = nullptr;  ///< row r of the walk is row at[r]; null: row r
  Index row(int r) const { return at ? static_cast<Index>(at[r]) : r; }
};

/// The leaf of each row of the block. `categorical[f]`; `any_categorical` false: the fast walk.
void find_leaves(const PackedTree& tree, const RowBlock& rows, const std::vector<bool>& categorical,
                 bool any_categorical, uint32_t* leaf);

/// Rows [begin, end) of X, row by row.
void copy_rows(const Columns& X, Index begin, Index end, std::vector<double>& cells);
/// The rows named in `rows`, in their order.
void copy_rows(const Columns& X, const int* rows, int count, std::vector<double>& cells);

/// The same tree as the textbook's nodes: value and cover at every node, of classes the impurity too (Gini, or entropy);
/// rows 1.
TreeNodes unpack(const PackedTree& tree, int K, const std::vector<bool>& categorical, bool entropy = false);

void save_tree(const PackedTree& tree, ArchiveWriter out);
/// What is read is hostile until checked.
PackedTree load_tree(const ArchiveReader& in, const std::vector<Column>& columns, int K);

}  // namespace assay::ensemble
