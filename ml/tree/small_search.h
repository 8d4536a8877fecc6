// ml/tree/small_search.h: the splits below a node of few rows.
//
// Most nodes of a tree grown to the end have two to five rows, and each costs more than its rows. From such a node down the rows
// have numbers 0..31, a set of rows is a word of bits, and the order of a set by a column is a string of bytes.
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

namespace assay::tree {

class SmallSearch {
 public:
  static constexpr int kRows = 32;

  /// Rows of a node below the one that `begin` was given.
  struct Set {
    uint32_t rows = 0;    ///< bit i: row i
    size_t order_at = 0;  ///< where its orders begin
    int count() const;
  };
  struct Cut {
    Split split;
    uint32_t left = 0;  ///< rows that go left
  };

  /// They outlive it.
  SmallSearch(const Problem& p, const CountedColumns& counted);
  /// Numbers alone, and values or classes under Gini without weights.
  static bool serves(const Problem& p);

  /// The rows of a node, ascending, at most kRows; `lists` as in FastSearch. False: a cell is missing.
  bool begin(const int* rows, int count, const std::vector<const Entry*>& lists);
  Set all() const { return {~uint32_t{0} >> (32 - count_), 0}; }
  /// The rows of a set, ascending; valid until the next call.
  const std::vector<int>& rows_of(const Set& set);

  Cut best(const NodeStats& node, const Set& set);
  /// Both sides, the left one to be finished first: its parts take the place behind it.
  std::pair<Set, Set> divide(const Set& set, uint32_t left);

 private:
  const uint8_t* rank(int f) const { return rank_.data() + static_cast<size_t>(f) * kRows; }
  template <class Column>
  void evaluate(const Set& set, const Column& column);
  void evaluate_values(const NodeStats& node, const Set& set);
  void evaluate_classes(const Set& set);
  Cut describe(const Set& set, int f, int position, double gain) const;
  Cut part_two(const Set& set) const;
  Cut by_textbook(const NodeStats& node, const Set& set);

  struct Boundary {
    double v;
    int f, position;  ///< rows on the left
  };
  const Problem& p_;
  const CountedColumns& counted_;
  int count_ = 0, d_;
  int row_[kRows] = {};
  uint8_t code_[kRows] = {};     ///< classes of the rows, numbered anew
  std::vector<uint8_t> rank_;    ///< d x kRows: of each row, among these rows
  std::vector<uint8_t> order_;   ///< of sets: d strings of row numbers each
  std::vector<uint8_t> number_;  ///< by row of the table
  std::vector<Boundary> boundary_;
  std::vector<int> rows_;
};

}  // namespace assay::tree
