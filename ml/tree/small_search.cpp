// Departures from the paper: none; the choice is the textbook's (split.cpp).
#include "assay/ml/tree/small_search.h"

#include <algorithm>
#include <bit>

namespace assay::tree {
namespace {

constexpr uint32_t kRowMask = kSmallRows - 1;

uint16_t cell_of(uint32_t rank, uint32_t row) { return static_cast<uint16_t>(rank << kRowBits | row); }
uint32_t row_of(uint16_t cell) { return cell & kRowMask; }

}  // namespace

int SmallSearch::Set::count() const { return std::popcount(rows); }

bool SmallSearch::serves(const Problem& p) {
  const bool numbers =
      std::none_of(p.columns.begin(), p.columns.end(), [](const Column& c) { return c.categorical(); });
  return numbers && (p.K == 0 || (!p.weight && p.criterion == Criterion::gini));
}

SmallSearch::SmallSearch(const Problem& p, const CountedColumns& counted)
    : p_(p), counted_(counted), d_(static_cast<int>(p.columns.size())) {
  width_ = (d_ + kSmallLanes - 1) / kSmallLanes * kSmallLanes;
  const size_t width = static_cast<size_t>(width_);
  number_.resize(static_cast<size_t>(p.X.rows()));
  value_.resize(width * kRows);
  greatest_.resize(width);
}

bool SmallSearch::begin(const int* rows, int count, const std::vector<const Entry*>& lists) {
  count_ = count;
  const size_t width = static_cast<size_t>(width_), cells = static_cast<size_t>(count) * width;
  if (cells_.size() < cells) cells_.resize(cells);
  std::copy_n(rows, count, row_);
  for (int i = 0; i < count; ++i) number_[static_cast<size_t>(rows[i])] = static_cast<uint8_t>(i);
  for (int i = 0; p_.K > 0 && i < count; ++i) {
    same_[i] = 0;
    for (int j = 0; j < count; ++j) same_[i] |= uint32_t{p_.code[rows[j]] == p_.code[rows[i]]} << j;
  }
  for (int f = 0; f < d_; ++f) {
    uint16_t* cell = cells_.data() + f;
    if (const Entry* list = lists[static_cast<size_t>(f)]) {
      if (list[count - 1].rank == kMissing) return false;
      const bool constant = list[0].rank == list[count - 1].rank;  // then its rows may be others' (grow.cpp)
      uint32_t rank = 0;
      for (int j = 0; j < count; ++j, cell += width) {
        rank += j > 0 && list[j].rank != list[j - 1].rank;
        *cell = cell_of(rank, constant ? static_cast<uint32_t>(j) : number_[list[j].row]);
      }
      continue;
    }
    const uint8_t* rank = counted_.ranks(f);
    uint16_t key[kRows] = {}, place[kRows];
    for (int i = 0; i < count; ++i) {
      if (rank[rows[i]] == counted_.distinct(f)) return false;
      key[i] = cell_of(rank[rows[i]], static_cast<uint32_t>(i));
    }
    places_of_keys(key, count, place);
    for (int i = 0; i < count; ++i) cell[place[i] * width] = key[i];
  }
  return true;
}

int SmallSearch::list(uint32_t set, int* rows) const {
  int m = 0;
  for (; set; set &= set - 1) rows[m++] = row_[std::countr_zero(set)];
  return m;
}

void SmallSearch::stats(uint32_t set, NodeStats& node) const {
  int rows[kRows];
  const int m = list(set, rows);
  node_stats(p_, rows, m, node);
}

void SmallSearch::evaluate_values(const NodeStats& node, const SmallOrders& orders) {
  for (int i = 0; i < count_; ++i) {
    w_[i] = p_.w(row_[i]);
    z_[i] = w_[i] * (p_.y[row_[i]] - node.mean);
  }
  values_of_boundaries(orders, z_, p_.weight ? w_ : nullptr, node.total.W, node.total.s[0], value_.data(),
                       greatest_.data());
}

void SmallSearch::evaluate_classes(const Set& set, const SmallOrders& orders) {
  uint32_t same[kRows];
  int squares = 0;
  for (int i = 0; i < kRows; ++i) same[i] = same_[i] & set.rows;
  for (uint32_t rest = set.rows; rest; rest &= rest - 1) squares += std::popcount(same[std::countr_zero(rest)]);
  classes_of_boundaries(orders, same, squares, value_.data(), greatest_.data());
}

SmallSearch::Cut SmallSearch::describe(const Set& set, int f, int position) const {
  const auto row = [&](int j) { return row_of(cell(set, j, f)); };
  const int m = set.count();
  Cut cut;
  cut.f = f;
  cut.default_left = position >= m - position;
  if (p_.weight) {
    double W_L = 0, W_R = 0;
    for (int j = 0; j < m; ++j) (j < position ? W_L : W_R) += p_.w(row_[row(j)]);
    cut.default_left = W_L >= W_R;
  }
  for (int j = 0; j < position; ++j) cut.left |= uint32_t{1} << row(j);
  cut.below = row_[row(position - 1)];
  cut.above = row_[row(position)];
  return cut;
}

SmallSearch::Cut SmallSearch::by_textbook(const NodeStats& node, const Set& set) const {
  int rows[kRows];
  const Split split = best_split(p_, node, rows, list(set.rows, rows));
  Cut cut{split.feature, split.default_left, 0, -1, -1, split.threshold};
  for (uint32_t rest = set.rows; cut.f >= 0 && rest; rest &= rest - 1) {
    const int i = std::countr_zero(rest);
    if (p_.cell(row_[i], cut.f) <= cut.threshold) cut.left |= uint32_t{1} << i;
  }
  return cut;
}

/// Two rows: whatever parts them leaves nothing to part, so the first column does in which they differ.
SmallSearch::Cut SmallSearch::part_two(const Set& set) const {
  for (int f = 0; f < d_; ++f)
    if ((cell(set, 0, f) ^ cell(set, 1, f)) >> kRowBits) return describe(set, f, 1);
  return {};
}

SmallSearch::Cut SmallSearch::best(const NodeStats& node, const Set& set) {
  const int m = set.count();
  if (m == 2 && p_.min_leaf == 1) return part_two(set);
  const SmallOrders orders{cells_.data() + set.at, m, width_, p_.min_leaf - 1, m - p_.min_leaf - 1};
  if (p_.K > 0)
    evaluate_classes(set, orders);
  else
    evaluate_values(node, orders);
  const double best = *std::max_element(greatest_.begin(), greatest_.begin() + d_);
  if (best < 0) return {};
  const double W = node.total.W, tie = kTie * node.impurity * (p_.K > 0 ? W : W * W);  // in units of v
  for (int f = 0; f < d_; ++f) {
    if (greatest_[static_cast<size_t>(f)] < best - 1.25 * tie) continue;
    for (int j = orders.first; j <= orders.last; ++j) {
      const double v = value_[static_cast<size_t>(j * width_ + f)];
      if (v < std::max(0.0, best - 1.25 * tie)) continue;
      if (v < best - 0.75 * tie) return by_textbook(node, set);
      return describe(set, f, j + 1);
    }
  }
  return {};
}

std::pair<SmallSearch::Set, SmallSearch::Set> SmallSearch::divide(const Set& set, uint32_t left, Keep keep) {
  const size_t m = static_cast<size_t>(set.count()), width = static_cast<size_t>(width_);
  Set l{left, 0}, r{set.rows & ~left, set.at + m * width};  // left behind right: it is divided first
  const size_t n_left = static_cast<size_t>(l.count());
  l.at = r.at + (m - n_left + 1) * width;  // behind each a place for writes that do not count
  const size_t end = l.at + (n_left + 1) * width;
  if (cells_.size() < end) cells_.resize(end);
  const auto copy = [&](uint32_t side, size_t at) {
    for (size_t f = 0; f < static_cast<size_t>(d_); ++f) {
      const uint16_t* from = cells_.data() + set.at + f;
      uint16_t* to = cells_.data() + at + f;
      for (size_t j = 0; j < m; ++j, from += width) {
        *to = *from;  // counts if its row is of the side: no branch
        to += width * (side >> row_of(*from) & 1);
      }
    }
  };
  if (keep != Keep::right) copy(l.rows, l.at);
  if (keep != Keep::left) copy(r.rows, r.at);
  return {l, r};
}

}  // namespace assay::tree
