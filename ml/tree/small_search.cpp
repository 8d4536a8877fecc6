// Departures from the paper: none; the choice is the textbook's (split.cpp).
#include "assay/ml/tree/small_search.h"

#include <algorithm>
#include <bit>

namespace assay::tree {

int SmallSearch::Set::count() const { return std::popcount(rows); }

bool SmallSearch::serves(const Problem& p) {
  const bool numbers =
      std::none_of(p.columns.begin(), p.columns.end(), [](const Column& c) { return c.categorical(); });
  return numbers && (p.K == 0 || (!p.weight && p.criterion == Criterion::gini));
}

SmallSearch::SmallSearch(const Problem& p, const CountedColumns& counted)
    : p_(p), counted_(counted), d_(static_cast<int>(p.columns.size())) {
  rank_.resize(static_cast<size_t>(d_) * kRows);
  number_.resize(static_cast<size_t>(p.X.rows()));
}

bool SmallSearch::begin(const int* rows, int count, const std::vector<const Entry*>& lists) {
  count_ = count;
  const size_t m = static_cast<size_t>(count);
  order_.resize(static_cast<size_t>(d_) * m);
  std::copy_n(rows, count, row_);
  for (int i = 0; i < count; ++i) number_[static_cast<size_t>(rows[i])] = static_cast<uint8_t>(i);
  for (int i = 0; p_.K > 0 && i < count; ++i) {  // a class has the number of its first row
    const int* first = std::find_if(row_, row_ + i, [&](int row) { return p_.code[row] == p_.code[rows[i]]; });
    code_[i] = static_cast<uint8_t>(first - row_);
  }
  for (int f = 0; f < d_; ++f) {
    uint8_t *order = order_.data() + static_cast<size_t>(f) * m, *rank = rank_.data() + static_cast<size_t>(f) * kRows;
    if (const Entry* list = lists[static_cast<size_t>(f)]) {
      if (list[count - 1].rank == kMissing) return false;
      const bool constant = list[0].rank == list[count - 1].rank;  // then its rows may be others' (grow.cpp)
      uint8_t r = 0;
      for (int j = 0; j < count; ++j) {
        r = static_cast<uint8_t>(r + (j > 0 && list[j].rank != list[j - 1].rank));
        order[j] = constant ? static_cast<uint8_t>(j) : number_[list[j].row];
        rank[order[j]] = r;
      }
      continue;
    }
    const uint8_t* of_row = counted_.ranks(f);
    for (int i = 0; i < count; ++i) {
      const uint8_t r = rank[i] = of_row[rows[i]];
      if (r == counted_.distinct(f)) return false;
      int j = i;
      for (; j > 0 && rank[order[j - 1]] > r; --j) order[j] = order[j - 1];
      order[j] = static_cast<uint8_t>(i);
    }
  }
  return true;
}

const std::vector<int>& SmallSearch::rows_of(const Set& set) {
  rows_.clear();
  for (uint32_t rest = set.rows; rest; rest &= rest - 1) rows_.push_back(row_[std::countr_zero(rest)]);
  return rows_;
}

/// column(order, value) writes value[j], of the boundary behind order[j], for all j < m - 1; those within equal cells, or that
/// leave too few rows on a side, are passed over.
template <class Column>
void SmallSearch::evaluate(const Set& set, const Column& column) {
  const int m = set.count(), first = p_.min_leaf - 1, last = m - p_.min_leaf - 1;
  boundary_.resize(static_cast<size_t>(d_) * kRows);
  size_t n = 0;
  for (int f = 0; f < d_; ++f) {
    const uint8_t *order = order_.data() + set.order_at + static_cast<size_t>(f) * static_cast<size_t>(m), *r = rank(f);
    if (r[order[0]] == r[order[m - 1]]) continue;
    double value[kRows];
    column(order, value);
    for (int j = 0; j < m - 1; ++j) {  // no branch: near the leaves nobody could foresee it
      boundary_[n] = {value[j], f, j + 1};
      n += (r[order[j]] != r[order[j + 1]]) & (j >= first) & (j <= last);
    }
  }
  boundary_.resize(n);
}

void SmallSearch::evaluate_values(const NodeStats& node, const Set& set) {
  double z[kRows], w[kRows];
  for (uint32_t rest = set.rows; rest; rest &= rest - 1) {
    const int i = std::countr_zero(rest);
    w[i] = p_.w(row_[i]);
    z[i] = w[i] * (p_.y[row_[i]] - node.mean);
  }
  const double W = node.total.W, T = node.total.s[0];
  const int m = set.count();
  evaluate(set, [&](const uint8_t* order, double* value) {
    double L = 0, W_L = 0;
    for (int j = 0; j + 1 < m; ++j) {
      L += z[order[j]];
      W_L += w[order[j]];
      const double difference = L * W - T * W_L;
      value[j] = difference * difference / (W_L * (W - W_L));
    }
  });
}

void SmallSearch::evaluate_classes(const Set& set) {
  int T[kRows] = {}, squares = 0;
  for (uint32_t rest = set.rows; rest; rest &= rest - 1) ++T[code_[std::countr_zero(rest)]];
  for (const int t : T) squares += t * t;
  const int m = set.count();
  evaluate(set, [&](const uint8_t* order, double* value) {
    int L[kRows] = {}, A = 0, B = squares;
    for (int j = 0; j + 1 < m; ++j) {
      const int k = code_[order[j]], right = T[k] - L[k];
      A += 2 * L[k] + 1;
      B -= 2 * right - 1;
      ++L[k];
      value[j] = static_cast<double>(A) / (j + 1) + static_cast<double>(B) / (m - j - 1);
    }
  });
}

SmallSearch::Cut SmallSearch::describe(const Set& set, int f, int position, double gain) const {
  const uint8_t* order = order_.data() + set.order_at + static_cast<size_t>(f) * static_cast<size_t>(set.count());
  Cut cut;
  cut.split.feature = f;
  cut.split.gain = gain;
  double W_L = 0, W_R = 0;
  for (int j = 0; j < set.count(); ++j) (j < position ? W_L : W_R) += p_.w(row_[order[j]]);
  for (int j = 0; j < position; ++j) cut.left |= uint32_t{1} << order[j];
  cut.split.default_left = W_L >= W_R;
  cut.split.threshold = midpoint(p_.cell(row_[order[position - 1]], f), p_.cell(row_[order[position]], f));
  return cut;
}

SmallSearch::Cut SmallSearch::by_textbook(const NodeStats& node, const Set& set) {
  Cut cut;
  cut.split = best_split(p_, node, rows_of(set).data(), set.count());
  for (uint32_t rest = set.rows; cut.split.feature >= 0 && rest; rest &= rest - 1) {
    const int i = std::countr_zero(rest);
    if (p_.cell(row_[i], cut.split.feature) <= cut.split.threshold) cut.left |= uint32_t{1} << i;
  }
  return cut;
}

/// Two rows: whatever parts them leaves nothing to part, so the first column does in which they differ.
SmallSearch::Cut SmallSearch::part_two(const Set& set) const {
  for (int f = 0; f < d_; ++f) {
    const uint8_t* order = order_.data() + set.order_at + 2 * static_cast<size_t>(f);
    if (rank(f)[order[0]] != rank(f)[order[1]]) return describe(set, f, 1, 0);
  }
  return {};
}

SmallSearch::Cut SmallSearch::best(const NodeStats& node, const Set& set) {
  if (set.count() == 2 && p_.min_leaf == 1) return part_two(set);
  const double W = node.total.W;
  if (p_.K > 0)
    evaluate_classes(set);
  else
    evaluate_values(node, set);
  if (boundary_.empty()) return {};
  double greatest = 0;
  for (const Boundary& b : boundary_) greatest = std::max(greatest, b.v);
  const double tie = kTie * node.impurity * (p_.K > 0 ? W : W * W);  // in units of v
  for (const Boundary& b : boundary_) {
    if (b.v < greatest - 1.25 * tie) continue;
    if (b.v < greatest - 0.75 * tie) return by_textbook(node, set);
    return describe(set, b.f, b.position, 0);
  }
  return {};
}

std::pair<SmallSearch::Set, SmallSearch::Set> SmallSearch::divide(const Set& set, uint32_t left) {
  const size_t m = static_cast<size_t>(set.count()), d = static_cast<size_t>(d_);
  Set l{left, 0}, r{set.rows & ~left, set.order_at + d * m};  // left behind right: it is divided first
  const size_t n_left = static_cast<size_t>(l.count());
  l.order_at = r.order_at + d * (m - n_left) + 1;  // a byte for the write that does not count
  if (order_.size() <= l.order_at + d * n_left) order_.resize(l.order_at + d * n_left + 1);
  const uint8_t* from = order_.data() + set.order_at;
  uint8_t *to_left = order_.data() + l.order_at, *to_right = order_.data() + r.order_at;
  for (size_t j = 0; j < d * m; ++j) {
    const bool goes_left = left >> from[j] & 1;
    *to_left = *to_right = from[j];  // one of them counts
    to_left += goes_left;
    to_right += !goes_left;
  }
  return {l, r};
}

}  // namespace assay::tree
