// ml/tree/small_search.h: the splits below a node of few rows.
//
// Most nodes of a tree grown to the end have two to five rows, and each costs more than its rows. From such a node down the rows
// have numbers 0..31, a set of rows is a word of bits, and the orders of a set by all columns stand side by side
// (small_search_kernels.h).
//
// Notation   v: A/W_L + B/W_R (Gini, see search.cpp) or (L W - T W_L)^2 / (W_L W_R) (values)
// Method     best: 1 v of every boundary of every column   2 the first that reaches the greatest up to kTie I(S)
//            where the rounding of v cannot tell which that is, the textbook's search decides
// Cost       O(d m) for m rows
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "assay/ml/tree/counted.h"
#include "assay/ml/tree/small_search_kernels.h"

namespace assay::tree {

class SmallSearch {
 public:
  static constexpr int kRows = kSmallRows;

  /// Rows of a node below the one that `begin` was given.
  struct Set {
    uint32_t rows = 0;  ///< bit i: row i
    size_t at = 0;      ///< where its orders begin
    int count() const;
  };
  struct Cut {
    int f = -1;
    bool default_left = false;
    uint32_t left = 0;           ///< rows that go left
    int below = -1, above = -1;  ///< rows between which the threshold lies; -1: it is known
    double threshold = 0;
  };

  /// They outlive it.
  SmallSearch(const Problem& p, const CountedColumns& counted);
  /// Numbers alone, and values or classes under Gini without weights.
  static bool serves(const Problem& p);

  /// The rows of a node, ascending, at most kRows; `lists` as in FastSearch. False: a cell is missing.
  bool begin(const int* rows, int count, const std::vector<const Entry*>& lists);
  Set all() const { return {~uint32_t{0} >> (32 - count_), 0}; }
  /// node_stats of some rows.
  void stats(uint32_t rows, NodeStats& node) const;

  Cut best(const NodeStats& node, const Set& set);
  /// The orders of those sides that go on; the left one is to be finished first, its parts take the place behind it.
  std::pair<Set, Set> divide(const Set& set, uint32_t left, Keep keep);

 private:
  uint16_t cell(const Set& set, int j, int f) const { return cells_[set.at + static_cast<size_t>(j * width_ + f)]; }
  /// Some rows, ascending, to the front of `rows`; how many.
  int list(uint32_t set, int* rows) const;
  void evaluate_values(const NodeStats& node, const SmallOrders& orders);
  void evaluate_classes(const Set& set, const SmallOrders& orders);
  Cut describe(const Set& set, int f, int position) const;
  Cut part_two(const Set& set) const;
  Cut by_textbook(const NodeStats& node, const Set& set) const;

  const Problem& p_;
  const CountedColumns& counted_;
  int count_ = 0, d_, width_;  ///< width_: d in whole lanes
  int row_[kRows] = {};
  double z_[kRows] = {}, w_[kRows] = {};  ///< of the rows, for one set at a time
  uint32_t same_[kRows] = {};             ///< the rows of a row's class
  std::vector<uint16_t> cells_;           ///< of sets: m x width each
  std::vector<uint8_t> number_;           ///< by row of the table
  std::vector<double> value_, greatest_;  ///< of boundaries, of columns
};

}  // namespace assay::tree
