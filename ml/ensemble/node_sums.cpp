// ml/ensemble/node_sums.cpp: steps 1 and 2 of node_search.cpp: the rows in the order of their ranks, and sums by rank.
#include <algorithm>

#include "assay/ml/ensemble/node_search.h"
#include "assay/ml/ensemble/rank_sort.h"

namespace assay::ensemble {

// ---- order

/// The present rows in the order of their ranks, the missing ones behind them; false: one rank alone.
template <class Rank>
bool NodeSearch::sort_by_rank(int f, const Rank* ranks) {
  const RankedColumn& column = ranks_[static_cast<size_t>(f)];
  const uint32_t missing_rank = static_cast<uint32_t>(column.distinct());
  if (whole_table(column)) {  // places are rows
    order_ = column.order.data();
    present_ = count_;
    return rank_of(order_[0]) != rank_of(order_[count_ - 1]);
  }
  const size_t m = static_cast<size_t>(count_);
  if (sorted_.size() < m) sorted_.resize(m);
  uint32_t lo = ~0u, hi = 0;
  for (size_t i = 0; i < m; ++i) {
    const uint32_t r = ranks[rows_[i]];
    sorted_[i] = static_cast<uint64_t>(r) << 32 | i;
    lo = std::min(lo, r);
    hi = std::max(hi, r);
  }
  present_ = count_;
  if (hi == missing_rank) {
    present_ = static_cast<int>(std::stable_partition(sorted_.begin(), sorted_.begin() + count_,
                                                      [&](uint64_t key) { return rank_of(key) != missing_rank; }) -
                                sorted_.begin());
    hi = 0;
    for (int i = 0; i < present_; ++i) hi = std::max(hi, rank_of(sorted_[static_cast<size_t>(i)]));
  }
  if (present_ == 0 || (lo == hi && present_ == count_)) return false;
  const size_t n = static_cast<size_t>(present_);
  if (present_ == count_)
    sort_keys(sorted_, n, lo, hi, keys_, start_);
  else
    std::sort(sorted_.begin(), sorted_.begin() + present_);  // the missing ones stay behind
  order_ = sorted_.data();
  return true;
}

void NodeSearch::collect_missing() {
  missing_.s = missing_.w = 0;
  missing_.rows = count_ - present_;
  if (!one_sum_) std::fill(missing_.L.begin(), missing_.L.end(), 0.0);
  for (int j = present_; j < count_; ++j) {
    const size_t i = place_of(order_[j]);
    missing_.w += w_[i];
    if (one_sum_)
      missing_.s += z_[i];
    else
      missing_.L[static_cast<size_t>(code_[i])] += w_[i];
  }
}

// ---- sums

/// Every row writes the entry of its rank; the last one of a rank stays.
void NodeSearch::sum_sorted() {
  sums_.reserve(static_cast<size_t>(present_));
  double S = 0, W = 0;
  size_t g = 0;
  for (int j = 0; j < present_; ++j) {
    const uint64_t key = order_[j];
    const size_t i = place_of(key);
    S += one_sum_ ? z_[i] : 0;
    W += w_[i];
    sums_.s[g] = S;
    sums_.w[g] = W;
    sums_.rows[g] = j + 1;
    sums_.rank[g] = rank_of(key);
    g += j + 1 == present_ || rank_of(key) != rank_of(order_[j + 1]);
  }
  sums_.size = static_cast<int>(g);
}

/// The entries of the ranks 0..R-1 that occur, from their cells.
void NodeSearch::sum_counted(size_t R) {
  sums_.reserve(R + 1);
  double S = 0, W = 0;
  int rows = 0;
  size_t g = 0;
  for (size_t r = 0; r < R; ++r) {
    S += cells_[r].s;
    W += cells_[r].w;
    rows += cells_[r].rows;
    sums_.s[g] = S;
    sums_.w[g] = W;
    sums_.rows[g] = rows;
    sums_.rank[g] = static_cast<uint32_t>(r);
    g += cells_[r].rows > 0;
  }
  sums_.size = static_cast<int>(g);
}

template <class Rank>
void NodeSearch::count_one_sum(const Rank* ranks, int distinct) {
  cells_.assign(static_cast<size_t>(distinct) + 1, {});
  for (size_t i = 0; i < static_cast<size_t>(count_); ++i) {
    Cell& cell = cells_[ranks[rows_[i]]];
    cell.s += z_[i];
    cell.w += w_[i];
    ++cell.rows;
  }
  sum_counted(static_cast<size_t>(distinct));
  const Cell& none = cells_[static_cast<size_t>(distinct)];
  missing_.s = none.s;
  missing_.w = none.w;
  missing_.rows = none.rows;
}

/// class_cells_[r K + k]: weight of class k at rank r. Rows are counted only where min-leaf asks for them.
template <class Rank>
void NodeSearch::count_classes(const Rank* ranks, int distinct) {
  const size_t K = T_.size(), R = static_cast<size_t>(distinct), m = static_cast<size_t>(count_);
  class_cells_.assign((R + 1) * K, 0.0);
  for (size_t i = 0; i < m; ++i) class_cells_[ranks[rows_[i]] * K + static_cast<size_t>(code_[i])] += w_[i];
  cells_.assign(R + 1, {});
  if (p_.min_leaf > 1)
    for (size_t i = 0; i < m; ++i) ++cells_[ranks[rows_[i]]].rows;
  std::copy_n(class_cells_.begin() + static_cast<Index>(R * K), K, missing_.L.begin());
  missing_.w = 0;
  for (size_t k = 0; k < K; ++k) missing_.w += missing_.L[k];
  missing_.rows = p_.min_leaf > 1 ? cells_[R].rows : missing_.w > 0;
  sums_.reserve(R + 1);
}

template bool NodeSearch::sort_by_rank(int, const uint8_t*);
template bool NodeSearch::sort_by_rank(int, const uint16_t*);
template bool NodeSearch::sort_by_rank(int, const uint32_t*);
template void NodeSearch::count_one_sum(const uint8_t*, int);
template void NodeSearch::count_one_sum(const uint16_t*, int);
template void NodeSearch::count_one_sum(const uint32_t*, int);
template void NodeSearch::count_classes(const uint8_t*, int);
template void NodeSearch::count_classes(const uint16_t*, int);
template void NodeSearch::count_classes(const uint32_t*, int);

}  // namespace assay::ensemble
