// ml/tree/search.h: the best split of a node from presorted lists, fast.
//
// Two stages. A filter bounds every numeric column's greatest gain in one pass over its list, without logarithms and
// with a work a row that does not depend on the number of classes. Then the textbook walk (split.h) decides among the
// columns that the filter's error bound leaves: one of them, nearly always. So the split is the textbook's.
#pragma once
#include <vector>

#include "assay/ml/tree/presort.h"

namespace assay::tree {

class FastSearch {
 public:
  /// `p` outlives it.
  explicit FastSearch(const Problem& p);

  /// `lists[f]` points to the node's part of the list of numeric column f (null for a categorical one); `rows`
  /// ascending. `gains`, if wanted, receives the exact greatest gain of every column.
  Split best_split(const NodeStats& node, const std::vector<const Entry*>& lists, const int* rows, int count,
                   int threads, std::vector<double>* gains);

 private:
  enum class Filter { linear, counts, none };
  void prepare(const NodeStats& node, const int* rows, int count);
  double filtered_gain(const NodeStats& node, const Entry* list, int count) const;
  double linear_filter(const NodeStats& node, const Entry* list, int present, int count, bool missing_left) const;
  template <class Power>
  double counts_filter(const Entry* list, int present, int count, bool missing_left, const Power& power) const;
  Split best_by_ratio(const NodeStats& node, const std::vector<double>& filtered, Walk walk) const;
  double slack(const NodeStats& node) const;

  const Problem& p_;
  Filter filter_ = Filter::none;
  std::vector<uint8_t> second_class_;  ///< linear filter, two classes without weights: 1 where the class is 1
  std::vector<double> z_;              ///< linear filter otherwise: w [class 1], or w (y - mean of the node)
  std::vector<int64_t> class_rows_;    ///< counts filter: rows of each class in the node
  int64_t power_sum_ = 0;              ///< counts filter: sum of f(class_rows_)
  std::vector<int64_t> xlogx_;         ///< counts filter, entropy: x log2 x in units of 2^-shift_
  int shift_ = 0;
};

}  // namespace assay::tree
