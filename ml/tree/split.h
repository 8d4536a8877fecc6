// ml/tree/split.h: what one split of one node is worth, and the best one by exhaustive search.
//
// This is the textbook half of the tree: short, and the judge of grow.cpp, whose fast search must choose the same
// splits.
//
// Shapes   X: n x d by columns, NaN missing, a categorical cell holds its level's code; y: n class codes or values
// See      [Breiman1984] sec. 2.4 (rule), 4.2 (many classes), theorem 4.5 (subsets), 8.3 (values)
#pragma once
#include <cstdint>
#include <vector>

#include "assay/core/function_ref.h"
#include "assay/ml/tree/tree.h"

namespace assay::tree {

/// The number halfway between neighbouring values lo < hi, in [lo, hi).
double midpoint(double lo, double hi);

/// What a tree is grown on. Refers to data that outlives it.
struct Problem {
  const Columns& X;
  const std::vector<Column>& columns;
  int K = 0;                       ///< classes; 0: values
  const int* code = nullptr;       ///< class of each row, where K > 0
  const double* y = nullptr;       ///< value of each row, where K == 0
  const double* weight = nullptr;  ///< null: all 1
  Criterion criterion = Criterion::gini;
  int min_leaf = 1;

  int sums() const { return K > 0 ? K : 1; }
  double w(int row) const { return weight ? weight[row] : 1.0; }
  double cell(int row, int f) const { return X(row, f); }
};

/// Weight, number of rows and sums of a set of rows. s[k]: weight of class k; or s[0] = sum w (y - mean of the node).
struct Sums {
  double W = 0;
  int rows = 0;
  std::vector<double> s;
};

/// A node as its rows make it.
struct NodeStats {
  Sums total;
  double mean = 0;      ///< of y, where K == 0
  double impurity = 0;  ///< I(S)
  bool pure = false;    ///< one class, or all values equal
};

struct Split {
  int feature = -1;
  double gain = 0;       ///< G of (1) in tree.h
  double ratio = 0;      ///< gain-ratio: G / split information (ratio.h)
  double threshold = 0;  ///< numeric column
  bool default_left = false;
  std::vector<int> against;  ///< categorical column: the levels, ascending, that do not go the default way
};

/// Sums over `rows` in their order, mean and impurity.
NodeStats node_stats(const Problem& p, const int* rows, int count);
void node_stats(const Problem& p, const int* rows, int count, NodeStats& node);

/// G when weight W_L with sums L goes left.
double gain(const Problem& p, const NodeStats& node, const double* L, double W_L);

/// One candidate while a column is walked: its gain, and what is needed to make a Split of it.
struct Candidate {
  double gain = 0;
  int position = 0;  ///< numeric: number of sorted rows on the left; categorical: the number of the subset
  bool missing_left = false;
  double W_L = 0;
};

/// A cell of a sorted column: equal values have equal rank; missing cells come last.
struct Entry {
  uint32_t rank;
  uint32_t row;
};
inline constexpr uint32_t kMissing = 0xffffffff;

/// Rows of a node sorted by a numeric column: `present` by (value, row), `missing` by row.
struct SortedRows {
  std::vector<int> present, missing;
};
SortedRows sort_rows(const Problem& p, int f, const int* rows, int count);

/// A categorical column's rows of a node, summed by level, and the subsets that are tried.
struct LevelSums {
  std::vector<int> level;                ///< levels the node has, ascending
  std::vector<Sums> sums;                ///< of each
  Sums missing;                          ///< of the missing rows
  std::vector<std::vector<int>> orders;  ///< places in `level`; each prefix is a subset; empty: all subsets are tried
};
/// Up to this many levels all subsets are tried where there are more than two classes.
inline constexpr int kExhaustiveLevels = 10;

LevelSums level_sums(const Problem& p, const NodeStats& node, int f, const int* rows, int count);
/// Gains that differ by no more than this share of I(S) are equal.
inline constexpr double kTie = 1e-12;

/// Walks the candidates of column f: visit(candidate, make), where make() describes it, until visit returns false.
using Visit = function_ref<bool(const Candidate&, function_ref<Split()>)>;
using Walk = function_ref<void(int f, Visit visit)>;

/// Numeric column: thresholds ascending, missing left before missing right.
void walk_numeric(const Problem& p, const NodeStats& node, int f, const SortedRows& rows, Visit visit);
/// The same from a list sorted by (rank, row), missing cells last.
void walk_list(const Problem& p, const NodeStats& node, int f, const Entry* list, int count, Visit visit);
/// Categorical column: the subsets in the order of LevelSums, missing left before missing right.
void walk_categorical(const Problem& p, const NodeStats& node, int f, const LevelSums& levels, Visit visit);

/// Among the candidates of `features` (ascending) the first whose gain is the greatest up to kTie; feature -1 where
/// there is none. `gains`, if wanted, receives the greatest gain of each (-1: no admissible split).
Split choose_split(const NodeStats& node, const std::vector<int>& features, Walk walk, std::vector<double>* gains);

/// The split of greatest gain among all columns, by the rule of ties in tree.h. O(d n log n): sorts the rows of the
/// node by every column.
Split best_split(const Problem& p, const NodeStats& node, const int* rows, int count,
                 std::vector<double>* gains = nullptr);

}  // namespace assay::tree
