// Notation   as node_search.h; m rows of the node; g: number of ranks that occur among them
// Method     1 order the rows by rank (or count them by rank)   2 sums from the left, one entry a rank   3 the value of
//            every boundary   4 the first boundary that comes near the greatest value
// Departures from the paper: those of ml/tree/split.cpp. Sums over many classes are carried from row to row in another
//            order than the textbook's; gains that differ by less than kTie I(S) may then be told apart differently where
//            weights are no whole numbers.
#include "assay/ml/ensemble/node_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/ml/ensemble/class_power_kernels.h"
#include "assay/ml/ensemble/rank_sort.h"

namespace assay::ensemble {
namespace {

constexpr int kWholeCells = 256;  ///< so many cells of 16 bits a row are counted rather than sorted
constexpr int kFewRanks = 256;    ///< so many are counted although the column is sorted already

struct Square {
  double at(double x) const { return x * x; }
  double step(double x, double w) const { return w * (2 * x + w); }  ///< f(x + w) - f(x)
  double value(double A, double B, double W_L, double W_R) const { return (A * W_R + B * W_L) / (W_L * W_R); }
};

struct XLogX {
  const std::vector<double>& table;
  double at(double x) const {
    if (!table.empty()) return table[static_cast<size_t>(x)];
    return x > 0 ? x * std::log2(x) : 0;
  }
  double step(double x, double w) const { return at(x + w) - at(x); }
  double value(double A, double B, double W_L, double W_R) const { return A + B - at(W_L) - at(std::max(0.0, W_R)); }
};

}  // namespace

void RankSums::reserve(size_t n) {
  if (s.size() >= n) return;
  s.resize(n);
  w.resize(n);
  rows.resize(n);
  rank.resize(n);
}

NodeSearch::NodeSearch(const tree::Problem& p, const std::vector<RankedColumn>& ranks)
    : p_(p), ranks_(ranks), one_sum_(p.K == 0), entropy_(p.criterion == Criterion::entropy) {
  node_.total.s.assign(static_cast<size_t>(p.sums()), 0.0);
  L_.resize(static_cast<size_t>(p.sums()));
  local_.assign(static_cast<size_t>(p.K), -1);
  missing_.L.resize(static_cast<size_t>(p.sums()));
  label_rows();
  if (!entropy_) return;
  double W = 0;
  for (Index i = 0; i < p.X.rows(); ++i) {
    const double w = p.w(static_cast<int>(i));
    if (w != std::floor(w)) return;
    W += w;
  }
  if (W > 1e8) return;
  xlogx_.assign(static_cast<size_t>(W) + 1, 0.0);
  for (size_t x = 1; x < xlogx_.size(); ++x) xlogx_[x] = static_cast<double>(x) * std::log2(static_cast<double>(x));
}

double NodeSearch::power_sum() const {
  double sum = 0;
  for (const double x : T_) sum += entropy_ ? XLogX{xlogx_}.at(x) : x * x;
  return sum;
}

/// Classes without weight in the node add nothing to any sum: the others are numbered anew, as they appear.
void NodeSearch::sum_classes() {
  const size_t m = static_cast<size_t>(count_);
  std::fill(node_.total.s.begin(), node_.total.s.end(), 0.0);
  std::fill(local_.begin(), local_.end(), -1);
  classes_.clear();
  T_.clear();
  for (size_t i = 0; i < m; ++i) {
    int& k = local_[static_cast<size_t>(p_.code[rows_[i]])];
    if (k < 0 && w_[i] > 0) {
      k = static_cast<int>(classes_.size());
      classes_.push_back(p_.code[rows_[i]]);
      T_.push_back(0);
    }
    code_[i] = std::max(k, 0);
    if (k >= 0) T_[static_cast<size_t>(k)] += w_[i];
  }
  for (size_t k = 0; k < T_.size(); ++k) node_.total.s[static_cast<size_t>(classes_[k])] = T_[k];
}

void NodeSearch::begin(const int* rows, int count) {
  rows_ = rows;
  count_ = count;
  const size_t m = static_cast<size_t>(count);
  if (w_.size() < m) {
    w_.resize(m);
    whole_w_.resize(m);
    z_.resize(m);
    code_.resize(m);
  }
  node_.total.rows = count;
  whole_ = p_.K > 0 && count_few_classes();
  if (!whole_) {
    node_.total.W = 0;
    for (size_t i = 0; i < m; ++i) node_.total.W += w_[i] = p_.w(rows[i]);
  }
  const double W = node_.total.W;
  std::vector<double>& T = node_.total.s;
  if (p_.K > 0) {
    if (!whole_) sum_classes();
    one_sum_ = classes_.size() == 2 && !entropy_;
    node_.pure = classes_.size() <= 1;
    node_.impurity = 0;
    if (!node_.pure) {
      const double sum = power_sum();
      node_.impurity = std::max(0.0, entropy_ ? XLogX{xlogx_}.at(W) / W - sum / W : 1 - sum / (W * W));
      scale_ = one_sum_ ? 2 / (W * W) : 1 / W;
      offset_ = one_sum_ ? 0 : entropy_ ? (XLogX{xlogx_}.at(W) - sum) / W : -sum / (W * W);
      if (one_sum_)
        for (size_t i = 0; i < m; ++i) z_[i] = code_[i] ? w_[i] : 0;
    }
    return;
  }
  double sum = 0, lo = p_.y[rows[0]], hi = lo;
  for (size_t i = 0; i < m; ++i) {
    const double y = z_[i] = p_.y[rows[i]];
    sum += w_[i] * y;
    lo = std::min(lo, y);
    hi = std::max(hi, y);
  }
  node_.pure = lo == hi;
  node_.mean = node_.pure ? lo : sum / W;
  double rest = 0, squares = 0;
  for (size_t i = 0; i < m; ++i) {
    const double z = z_[i] - node_.mean;
    z_[i] = w_[i] * z;
    rest += z_[i];
    squares += z_[i] * z;
  }
  T[0] = rest;
  T_.assign(1, rest);
  node_.impurity = node_.pure ? 0 : std::max(0.0, squares / W - rest / W * (rest / W));
  scale_ = 1 / (W * W);
  offset_ = 0;
}

void NodeSearch::one_sum_values(bool missing_left, std::vector<double>& value) const {
  const double W = node_.total.W, T = T_.back();
  const double s = missing_left ? missing_.s : 0, w = missing_left ? missing_.w : 0;
  const double *S = sums_.s.data(), *W_L = sums_.w.data();
  double* v = value.data();
  for (int j = 0; j < sums_.size; ++j) {
    const double left = W_L[j] + w, difference = (S[j] + s) * W - T * left;
    v[j] = difference * difference / (left * (W - left));
  }
}

template <class Power>
void NodeSearch::values_sorted(const Power& power, bool missing_left, std::vector<double>& value) {
  const double W = node_.total.W;
  const std::vector<double>& T = T_;
  double A = 0, B = 0, W_L = missing_left ? missing_.w : 0;
  for (size_t k = 0; k < T.size(); ++k) {
    L_[k] = missing_left ? missing_.L[k] : 0;
    A += power.at(L_[k]);
    B += power.at(T[k] - L_[k]);
  }
  size_t g = 0;
  for (int j = 0; j < present_; ++j) {
    const uint64_t key = order_[j];
    const size_t i = place_of(key), k = static_cast<size_t>(code_[i]);
    const double w = w_[i], l = L_[k], r = T[k] - l;
    A += power.step(l, w);
    B -= power.step(r - w, w);
    L_[k] = l + w;
    W_L += w;
    if (j + 1 == present_ || rank_of(key) != rank_of(order_[j + 1])) value[g++] = power.value(A, B, W_L, W - W_L);
  }
}

/// Over all ranks; those that occur leave an entry.
template <class Power>
void NodeSearch::values_counted(const Power& power, bool missing_left, std::vector<double>& value) {
  const std::vector<double>& T = T_;
  const size_t K = T.size(), R = cells_.size() - 1;
  const double W = node_.total.W, w = missing_left ? missing_.w : 0;
  for (size_t k = 0; k < K; ++k) L_[k] = missing_left ? missing_.L[k] : 0;
  if (value.size() < R + 1) value.resize(R + 1);
  size_t g = 0;
  int rows = 0;
  double before = w;
  for (size_t r = 0; r < R; ++r) {
    const double* h = class_cells_.data() + r * K;
    Powers both{0, 0, 0};
    if constexpr (std::is_same_v<Power, Square>) {
      both = move_left(L_.data(), h, T.data(), static_cast<int>(K));
    } else {
      for (size_t k = 0; k < K; ++k) {
        L_[k] += h[k];
        both.weight += L_[k];
        both.left += power.at(L_[k]);
        both.right += power.at(T[k] - L_[k]);
      }
    }
    rows += cells_[r].rows;
    if (both.weight == before) continue;
    before = both.weight;
    value[g] = power.value(both.left, both.right, both.weight, W - both.weight);
    sums_.w[g] = both.weight - w;
    sums_.rows[g] = rows;
    sums_.rank[g++] = static_cast<uint32_t>(r);
  }
  sums_.size = static_cast<int>(g);
}

template <class Power>
void NodeSearch::fill_class_values(const Power& power, bool counted) {
  for (const bool missing_left : {true, false}) {
    if (missing_left && missing_.rows == 0) continue;
    if (counted && whole_ && std::is_same_v<Power, Square>)
      values_whole(missing_left, value_[missing_left]);
    else if (counted)
      values_counted(power, missing_left, value_[missing_left]);
    else
      values_sorted(power, missing_left, value_[missing_left]);
  }
}

bool NodeSearch::counts(const RankedColumn& column) const {
  const int64_t R = column.distinct(), m = count_;
  if (one_sum_) return R <= (whole_table(column) ? kFewRanks : m);
  if (whole_ && !entropy_) return R * static_cast<int64_t>(padded_classes()) <= kWholeCells * m;
  return R * static_cast<int64_t>(T_.size()) <= 4 * m;
}

/// The values of all boundaries of column f; false: it has none.
template <class Rank>
bool NodeSearch::fill_values(int f, const Rank* ranks) {
  const int distinct = ranks_[static_cast<size_t>(f)].distinct();
  const bool counted = counts(ranks_[static_cast<size_t>(f)]);
  if (counted && one_sum_) {
    count_one_sum(ranks, distinct);
  } else if (counted && whole_ && !entropy_) {
    count_whole(ranks, distinct);
  } else if (counted) {
    count_classes(ranks, distinct);
  } else {
    if (!sort_by_rank(f, ranks)) return false;
    collect_missing();
    sum_sorted();
  }
  if (one_sum_ || !counted)
    for (std::vector<double>& v : value_)
      if (v.size() < static_cast<size_t>(sums_.size)) v.resize(static_cast<size_t>(sums_.size));
  if (one_sum_) {
    one_sum_values(false, value_[0]);
    if (missing_.rows > 0) one_sum_values(true, value_[1]);
  } else if (entropy_) {
    fill_class_values(XLogX{xlogx_}, counted);
  } else {
    fill_class_values(Square{}, counted);
    if (counted && whole_) clear_whole();
  }
  if (sums_.size < (missing_.rows > 0 ? 1 : 2)) return false;
  boundaries_[0] = missing_.rows > 0 ? sums_.size : sums_.size - 1;  // all present | missing
  boundaries_[1] = missing_.rows > 0 ? sums_.size - 1 : 0;
  return true;
}

/// The first admissible boundary, missing left before missing right, whose gain is the greatest up to kTie.
NodeSearch::Choice NodeSearch::choose() const {
  const auto admissible = [&](int j, bool left) {
    if (p_.min_leaf == 1) return true;  // both sides of a boundary have rows
    const int rows = sums_.rows[static_cast<size_t>(j)] + (left ? missing_.rows : 0);
    return rows >= p_.min_leaf && count_ - rows >= p_.min_leaf;
  };
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  double best = kNone;
  for (const bool left : {false, true}) {
    const double* value = value_[left].data();
    if (p_.min_leaf == 1)
      for (int j = 0; j < boundaries_[left]; ++j) best = value[j] > best ? value[j] : best;
    else
      for (int j = 0; j < boundaries_[left]; ++j) best = value[j] > best && admissible(j, left) ? value[j] : best;
  }
  Choice choice;
  if (best == kNone) return choice;
  const double floor = best - tree::kTie * node_.impurity / scale_;
  for (int j = 0; j < boundaries_[0]; ++j)
    for (const bool left : {true, false}) {
      if (j >= boundaries_[left] || !(value_[left][static_cast<size_t>(j)] >= floor) || !admissible(j, left)) continue;
      choice.value = value_[left][static_cast<size_t>(j)];
      choice.place = j;
      choice.missing_left = left;
      return choice;
    }
  return choice;
}

template <class Rank>
NodeSplit NodeSearch::search_ranks(int f, const Rank* ranks) {
  NodeSplit split;
  if (!fill_values(f, ranks)) return split;
  const Choice choice = choose();
  if (choice.place < 0) return split;
  const size_t j = static_cast<size_t>(choice.place);
  const std::vector<double>& x = ranks_[static_cast<size_t>(f)].value;
  const double W_L = sums_.w[j] + (choice.missing_left ? missing_.w : 0);
  split.feature = f;
  split.gain = gain_of(choice.value);
  split.cut = sums_.rank[j];
  split.next = choice.place + 1 < sums_.size ? sums_.rank[j + 1] : split.cut + 1;
  split.threshold = choice.place + 1 < sums_.size ? tree::midpoint(x[split.cut], x[split.next]) : x[split.cut];
  split.default_left = missing_.rows > 0 ? choice.missing_left : W_L >= node_.total.W - W_L;
  return split;
}

NodeSplit NodeSearch::by_ranks(int f) {
  if (p_.columns[static_cast<size_t>(f)].categorical()) return by_levels(f);
  return ranks_[static_cast<size_t>(f)].with_ranks([&](const auto* ranks) { return search_ranks(f, ranks); });
}

NodeSplit NodeSearch::by_levels(int f) {
  const auto walk = [&](int, tree::Visit visit) {
    tree::walk_categorical(p_, node_, f, tree::level_sums(p_, node_, f, rows_, count_), visit);
  };
  return {tree::choose_split(node_, {f}, walk, nullptr), 0};
}

NodeSplit NodeSearch::textbook(int f) {
  if (p_.columns[static_cast<size_t>(f)].categorical()) return by_levels(f);
  const auto walk = [&](int, tree::Visit visit) {
    tree::walk_numeric(p_, node_, f, tree::sort_rows(p_, f, rows_, count_), visit);
  };
  NodeSplit split{tree::choose_split(node_, {f}, walk, nullptr), 0};
  if (split.feature >= 0) {  // the last rank that goes left
    const std::vector<double>& x = ranks_[static_cast<size_t>(f)].value;
    split.cut = static_cast<uint32_t>(std::upper_bound(x.begin(), x.end(), split.threshold) - x.begin()) - 1;
    split.next = split.cut + 1;
  }
  return split;
}

void take_better(NodeSplit& a, const NodeSplit& b, double impurity) {
  if (b.feature < 0) return;
  if (a.feature < 0 || b.gain > a.gain + tree::kTie * impurity) a = b;
}

}  // namespace assay::ensemble
