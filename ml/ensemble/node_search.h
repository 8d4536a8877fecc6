// ml/ensemble/node_search.h: the best split of one node by one column, from ranks; or a random one.
//
// The textbook is tree::choose_split over tree::walk_numeric (ml/tree/split.h). The fast search of a numeric column makes
// the same choice: it groups the node's rows by rank, sums the groups from the left, and evaluates every boundary at once.
//
//   one sum      two classes under Gini, or values: G = c (L W - T W_L)^2 / (W_L W_R W^2), c = 2 for two classes
//   K sums       A = sum_k f(L_k), B = sum_k f(R_k), with f(x) = x^2 (Gini) or x log2 x (entropy):
//                Gini     G = (A/W_L + B/W_R)/W - sum f(T_k)/W^2
//                entropy  G = (A + B - f(W_L) - f(W_R) + f(W) - sum f(T_k))/W
//
// Shapes     T, L, R: sums over the node and its sides (T_k the weight of class k, or the sum of w (y - mean))
// Cost       m rows of a node, R ranks of the column: O(m + R) by counting where R is not above m (times K for K sums);
//            else O(m) expected, by buckets of ranks
// See        [Breiman1984] for G; [Geurts2006] table 1 for the random split
#pragma once
#include <cstdint>
#include <vector>

#include "assay/core/rng.h"
#include "assay/ml/ensemble/ranks.h"
#include "assay/ml/tree/split.h"

namespace assay::ensemble {

/// A split, and the last rank that goes left (numeric column, search by ranks).
struct NodeSplit : tree::Split {
  uint32_t cut = 0;
  uint32_t next = 0;  ///< the least rank of the node that goes right; ranks between them are not in the node
};

/// Sums of a node's rows by rank, from the left: entry j after the j-th rank that occurs.
struct RankSums {
  std::vector<double> s, w;  ///< sum and weight so far (s: one sum only)
  std::vector<int> rows;     ///< number of rows so far
  std::vector<uint32_t> rank;
  int size = 0;
  void reserve(size_t n);
};

class NodeSearch {
 public:
  /// What it is given outlives it.
  NodeSearch(const tree::Problem& p, const std::vector<RankedColumn>& ranks);

  /// A node: gathers its rows' targets and weights, and sums them up.
  void begin(const int* rows, int count);
  const tree::NodeStats& node() const { return node_; }

  /// Best split of column f; feature -1 where it cannot split the node.
  NodeSplit by_ranks(int f);
  /// The same, by sorting doubles.
  NodeSplit textbook(int f);
  /// A threshold drawn between the least and the greatest cell, or a random subset of the levels.
  NodeSplit random(int f, Rng& rng);

 private:
  struct Missing {
    double s = 0, w = 0;
    int rows = 0;
    std::vector<double> L;  ///< by class
  };
  struct Choice {
    double value = -1;
    int place = -1;
    bool missing_left = false;
  };
  bool whole_table(const RankedColumn& column) const {
    return !column.order.empty() && count_ == static_cast<int>(p_.X.rows());
  }
  NodeSplit by_levels(int f);
  template <class Rank>
  bool sort_by_rank(int f, const Rank* ranks);
  template <class Rank>
  void count_one_sum(const Rank* ranks, int distinct);
  void sum_sorted();
  void sum_counted(size_t R);
  template <class Power>
  void values_sorted(const Power& power, bool missing_left, std::vector<double>& value);
  template <class Rank>
  void count_classes(const Rank* ranks, int distinct);
  template <class Power>
  void values_counted(const Power& power, bool missing_left, std::vector<double>& value);
  template <class Rank>
  void count_whole(const Rank* ranks, int distinct);
  void clear_whole();
  void values_whole(bool missing_left, std::vector<double>& value);
  template <class Rank>
  NodeSplit search_ranks(int f, const Rank* ranks);
  template <class Rank>
  bool fill_values(int f, const Rank* ranks);
  template <class Power>
  void fill_class_values(const Power& power, bool counted);
  void one_sum_values(bool missing_left, std::vector<double>& value) const;
  Choice choose() const;
  void collect_missing();
  double gain_of(double value) const { return std::max(0.0, value * scale_ + offset_); }
  double power_sum() const;
  void label_rows();
  void sum_classes();
  bool count_few_classes();
  size_t padded_classes() const;
  /// Counting by rank pays.
  bool counts(const RankedColumn& column) const;
  NodeSplit random_numeric(int f, Rng& rng);
  NodeSplit random_levels(int f, Rng& rng);
  NodeSplit better_way(const tree::Sums& left, const tree::Sums& missing);

  const tree::Problem& p_;
  const std::vector<RankedColumn>& ranks_;
  bool one_sum_, entropy_;
  bool whole_ = false;         ///< so is their sum in the node, and its classes are counted in 16 bits (Gini)
  std::vector<double> xlogx_;  ///< of whole numbers, where no row has a weight of its own

  const int* rows_ = nullptr;
  int count_ = 0;
  tree::NodeStats node_;
  std::vector<double> z_, w_;      ///< of the node's rows: what is summed, and weight
  std::vector<int> classes_;       ///< those that have weight in the node
  std::vector<int> local_;         ///< of every class: its place among them, or -1
  std::vector<int> code_;          ///< of the node's rows: place of the class
  std::vector<double> T_;          ///< weight of each of the node's classes, or the sum of w (y - mean)
  double scale_ = 1, offset_ = 0;  ///< G from the value of a boundary

  std::vector<uint64_t> sorted_, keys_;
  const uint64_t* order_ = nullptr;  ///< rank and place in the node, sorted; those without a rank after the others
  std::vector<uint32_t> start_;
  int present_ = 0;
  RankSums sums_;
  Missing missing_;
  struct Cell {
    double s = 0, w = 0;
    int rows = 0;
  };
  std::vector<Cell> cells_;
  std::vector<double> class_cells_;
  std::vector<int16_t> whole_w_, whole_cells_, whole_T_, whole_L_;  ///< as w_, class_cells_, T_, L_
  std::vector<int> label_, powers_[3];
  std::vector<uint64_t> seen_;    ///< bit r: rank r occurs
  std::vector<uint32_t> occurs_;  ///< the ranks that occur
  std::vector<int> rank_rows_;    ///< of each of them, where min-leaf asks
  std::vector<double> L_;
  std::vector<double> x_;         ///< random split: the node's cells of a column
  tree::Sums left_, away_;        ///< and the sums of its left rows, and of those whose cell is missing
  std::vector<double> value_[2];  ///< of each boundary: missing right, missing left
  int boundaries_[2] = {0, 0};
};

/// Takes `b` instead of `a` where it gains more: of equal gains the column that was drawn first is kept.
void take_better(NodeSplit& a, const NodeSplit& b, double impurity);

}  // namespace assay::ensemble
