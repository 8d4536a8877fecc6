// ml/tree/search.h: the best split of a node from presorted lists, fast.
//
// Two stages. A filter bounds every numeric column's greatest gain in one pass over its list, without logarithms and
// with a work a row that does not depend on the number of classes. Then the textbook walk (split.h) decides among the
// columns that the filter's error bound leaves: one of them, nearly always. So the split is the textbook's.
#pragma once
#include <vector>

#include "assay/ml/tree/counted.h"

namespace assay::tree {

class FastSearch {
 public:
  /// They outlive it. Counted columns need the counts filter: counts_classes().
  FastSearch(const Problem& p, const CountedColumns& counted);
  /// Whether classes are counted as whole numbers.
  static bool counts_classes(const Problem& p);

  /// `lists[f]` points to the node's part of the list of numeric column f (null for a counted or categorical one); `tables`
  /// of counted columns (null: not kept for this node); `rows` ascending. `gains`, if wanted, receives the exact greatest
  /// gain of every column.
  Split best_split(const NodeStats& node, const std::vector<const Entry*>& lists, const int* tables, const int* rows,
                   int count, int threads, std::vector<double>* gains);

 private:
  enum class Filter { linear, counts, none };
  void prepare(const NodeStats& node, const int* tables, const int* rows, int count);
  double filtered_gain(const NodeStats& node, const Entry* list, int count) const;
  double linear_filter(const NodeStats& node, const Entry* list, int present, int count, bool missing_left) const;
  Split linear_split(const NodeStats& node, int f, const Entry* list, int count);
  template <class Power>
  double counts_filter(const Entry* list, int present, int count, bool missing_left, const Power& power) const;
  double summed_gain(const NodeStats& node, int f, const int* rows, int count) const;
  double counted_gain(const NodeStats& node, int f, const int* tables, const int* rows, int count,
                      std::vector<Entry>& spare) const;
  /// A table of counts, ranks x padded, of K classes with T rows each.
  struct ClassTable {
    const int* cells;
    int K, padded;
    const double* T;
  };
  void name_classes(const int* rows, int count);
  double table_gain(int f, const ClassTable& table, int count) const;
  double table_squares(int f, const ClassTable& table, int count, bool missing_left) const;
  double table_entropy(int f, const ClassTable& table, int count, bool missing_left) const;
  double gain_of_power_sums(double best, int count) const;
  Split best_by_ratio(const NodeStats& node, const std::vector<double>& filtered, Walk walk) const;
  double slack(const NodeStats& node) const;

  const Problem& p_;
  const CountedColumns& counted_;
  Filter filter_ = Filter::none;
  std::vector<uint8_t> second_class_;  ///< linear filter, two classes without weights: 1 where the class is 1
  std::vector<double> z_;              ///< linear filter otherwise: w [class 1], or w (y - mean of the node)
  std::vector<int64_t> class_rows_;    ///< counts filter: rows of each class in the node
  std::vector<double> padded_rows_;    ///< the same for tables
  std::vector<int> name_;              ///< counted columns: the class a class is in tables of the node alone
  std::vector<int> named_code_;        ///< of the node's rows
  std::vector<double> named_rows_;     ///< rows of each, padded
  int named_ = 0;                      ///< how many the node has
  int64_t power_sum_ = 0;              ///< counts filter: sum of f(class_rows_)
  std::vector<int64_t> xlogx_;         ///< counts filter, entropy: x log2 x in units of 2^-shift_
  int shift_ = 0;
  std::vector<double> sums_, weights_;  ///< linear_split: L and W_L behind each entry
  std::vector<double> filtered_;        ///< of each block of entries
};

}  // namespace assay::tree
