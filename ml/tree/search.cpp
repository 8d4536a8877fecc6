// ml/tree/search.cpp
// Notation   as split.cpp; m present rows of the list, n rows of the node; A = sum_k f(L_k), B = sum_k f(R_k)
// Method     per column, from its sorted list
//   linear   two classes, or values: one sum L.  G = c (L W - T W_L)^2 / (W_L W_R W^2), c = 2 for two classes
//   counts   classes without weights: moving a row of class k changes f(L_k) and f(R_k) alone, so A and B are kept as
//            whole numbers, exactly:
//              Gini     f(x) = x^2:        G = (A/W_L + B/W_R)/W - sum T_k^2/W^2
//              entropy  f(x) = x log2 x:   G = (A + B - f(W_L) - f(W_R) + f(W) - sum f(T_k))/W,   f rounded to 2^-s
//            In columns of few values (counted.h) L, or A and B, come from sums or counts, rank by rank.
//   none     weighted classes beyond the linear case: the textbook walk itself
// Bound      With u = 2^-53: linear without weights rounds only after an exact difference (relative error below 8u);
//            with weights the two walks may sum other classes, each within n u W: 8 n u in G. Values: sums L in another
//            order, within n u W sqrt(I), and (L W - T W_L)^2 is at most I W_L W_R W^2: 2 n u sqrt(n) I in G. Gini: below 8u. Entropy: 2K + 3 roundings of 2^-s/2, and u log2 n from the
//            table. `slack` is above all of these and above kTie, so the finalists include every split that the
//            textbook may choose.
// Small nodes No split gains more than I(S), and up to kSmallNode rows rounding moves a gain by less than kTie/2 I(S). So
//            the first split that leaves both sides pure, by the rule of ties, is the textbook's, and nothing else needs
//            to be looked at (unless an earlier one comes within kNear without reaching it): the common case near the
//            leaves.
#include "assay/ml/tree/search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "assay/core/grain.h"
#include "assay/ml/tree/ratio.h"

namespace assay::tree {
namespace {

constexpr int kBlock = 256;  ///< boundaries evaluated together, in the innermost cache
constexpr int kSmallNode = 64;
constexpr double kNear = 1e-9;  ///< relative: far above kTie

/// Boundaries of a list that the counts filter has met and not yet evaluated.
struct Block {
  alignas(64) std::array<double, kBlock + 4> a, b, W_L;
  int size = 0;
};

/// Greatest value(j) for j < size, in eight lanes.
template <class Value>
double greatest_of(int size, const Value& value) {
  constexpr int kLanes = 8;
  std::array<double, kLanes> best;
  best.fill(-1);
  int j = 0;
  for (; j + kLanes <= size; j += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) {
      const double v = value(j + lane);
      best[static_cast<size_t>(lane)] = v > best[static_cast<size_t>(lane)] ? v : best[static_cast<size_t>(lane)];
    }
  for (; j < size; ++j) best[0] = std::max(best[0], value(j));
  return *std::max_element(best.begin(), best.end());
}

struct Square {
  int64_t at(int64_t x) const { return x * x; }
  int64_t step_up(int64_t x) const { return 2 * x + 1; }  ///< f(x + 1) - f(x)
  static constexpr bool kEntropy = false;
};

struct XLogX {
  const int64_t* f;
  int64_t at(int64_t x) const { return f[x]; }
  int64_t step_up(int64_t x) const { return f[x + 1] - f[x]; }
  static constexpr bool kEntropy = true;
};

/// Room for the rows of each class on both sides: on the stack unless there are very many classes.
class ClassRows {
 public:
  explicit ClassRows(const std::vector<int64_t>& node) : K_(node.size()) {
    if (2 * K_ > few_.size()) many_.resize(2 * K_);
    std::fill_n(left(), K_, 0);
    std::copy(node.begin(), node.end(), right());
  }
  int64_t* left() { return many_.empty() ? few_.data() : many_.data(); }
  int64_t* right() { return left() + K_; }

 private:
  size_t K_;
  std::array<int64_t, 64> few_;
  std::vector<int64_t> many_;
};

}  // namespace

bool FastSearch::counts_classes(const Problem& p) { return p.K > 0 && !p.weight && p.X.rows() < 1 << 26; }

FastSearch::FastSearch(const Problem& p, const CountedColumns& counted) : p_(p), counted_(counted) {
  const size_t n = static_cast<size_t>(p.X.rows());
  const bool one_sum = p.K == 0 || (p.K == 2 && p.criterion == Criterion::gini && !counted.any());
  filter_ = one_sum ? Filter::linear : p.weight ? Filter::none : Filter::counts;
  if (filter_ == Filter::linear && p.K == 2 && !p.weight) {
    second_class_.resize(n);
    for (size_t i = 0; i < n; ++i) second_class_[i] = static_cast<uint8_t>(p.code[i]);
  } else if (filter_ == Filter::linear) {
    z_.resize(n);
    if (p.K == 2)
      for (size_t i = 0; i < n; ++i) z_[i] = p.code[i] == 1 ? p.weight[i] : 0;
  } else if (filter_ == Filter::counts && entropic(p.criterion)) {
    xlogx_.resize(n + 1);
    const double greatest = static_cast<double>(n) * std::log2(static_cast<double>(n) + 1) + 1;
    shift_ = 60 - static_cast<int>(std::ceil(std::log2(greatest)));
    for (size_t x = 1; x <= n; ++x)
      xlogx_[x] = std::llround(std::ldexp(static_cast<double>(x) * std::log2(static_cast<double>(x)), shift_));
  }
}

double FastSearch::slack(const NodeStats& node) const {
  constexpr double u = 0x1p-53;
  const double summing = p_.weight && p_.K > 0 ? 16 * u * node.total.rows : 128 * u;
  const double table = xlogx_.empty() ? 0 : (2 * p_.K + 3) * std::ldexp(1.0, -shift_) / node.total.W;
  const double n = node.total.rows, values = 4 * u * n * std::sqrt(n) * node.impurity;
  return 1e-9 * node.impurity + (p_.K > 0 ? summing + table : values);
}

template <class Power>
double FastSearch::counts_filter(const Entry* list, int present, int count, bool missing_left,
                                 const Power& power) const {
  ClassRows class_rows(class_rows_);
  int64_t *L = class_rows.left(), *R = class_rows.right();
  int64_t A = 0, B = power_sum_;
  const auto move_left = [&](uint32_t row) {
    const size_t k = static_cast<size_t>(p_.code[row]);
    A += power.step_up(L[k]++);
    B -= power.step_up(--R[k]);
  };
  const int missing = missing_left ? count - present : 0;
  for (int i = 0; i < missing; ++i) move_left(list[present + i].row);
  Block block;
  double best = -1;
  const auto evaluate = [&] {
    const double n = count;
    const double *a = block.a.data(), *b = block.b.data(), *w = block.W_L.data();
    if constexpr (Power::kEntropy)
      best = std::max(best, greatest_of(block.size, [&](int j) { return a[j]; }));
    else
      best = std::max(best, greatest_of(block.size, [&](int j) { return a[j] / w[j] + b[j] / (n - w[j]); }));
    block.size = 0;
  };
  const int first = p_.min_leaf - missing, last = count - p_.min_leaf - missing;
  const int end = present == count || missing_left ? present - 1 : present;
  for (int i = 0; i < end; ++i) {
    move_left(list[i].row);
    const size_t j = static_cast<size_t>(block.size);
    const int n_left = i + 1 + missing;
    if constexpr (Power::kEntropy) {  // the sum of four is a difference of large numbers: exact here, rounded once
      const int64_t rise = A + B - power.at(n_left) - power.at(count - n_left) + power.at(count) - power_sum_;
      block.a[j] = static_cast<double>(std::max<int64_t>(rise, 0));
    } else {
      block.a[j] = static_cast<double>(A);
      block.b[j] = static_cast<double>(B);
      block.W_L[j] = n_left;
    }
    block.size += (list[i].rank != list[i + 1].rank) & (i + 1 >= first) & (i + 1 <= last);
    if (block.size == kBlock) evaluate();
  }
  evaluate();
  return gain_of_power_sums(best, count);
}

/// G from the greatest A/W_L + B/W_R (Gini), or from the greatest A + B - f(W_L) - f(W_R) + f(W) - sum f(T_k).
double FastSearch::gain_of_power_sums(double best, int count) const {
  if (best < 0) return best;
  const double n = count;
  if (entropic(p_.criterion)) return std::ldexp(best, -shift_) / n;
  return std::max(0.0, best / n - static_cast<double>(power_sum_) / (n * n));
}

double FastSearch::filtered_gain(const NodeStats& node, const Entry* list, int count) const {
  int present = count;
  if (list[count - 1].rank == kMissing)
    present = static_cast<int>(
        std::partition_point(list, list + count, [](const Entry& e) { return e.rank != kMissing; }) - list);
  if (present == 0 || (present == count && list[0].rank == list[count - 1].rank)) return -1;  // constant
  double best = -1;
  for (const bool missing_left : {true, false}) {
    if (missing_left && present == count) continue;
    double g = 0;
    if (filter_ == Filter::linear)
      g = linear_filter(node, list, present, count, missing_left);
    else if (entropic(p_.criterion))
      g = counts_filter(list, present, count, missing_left, XLogX{xlogx_.data()});
    else
      g = counts_filter(list, present, count, missing_left, Square{});
    best = std::max(best, g);
  }
  return best;
}

namespace {

/// The first split of column f that comes near I(S), if it reaches it up to rounding; feature -1 otherwise, and `open` is
/// false where one comes near.
Split perfect_split(const NodeStats& node, int f, Walk walk, bool& open) {
  Split split;
  walk(f, [&](const Candidate& c, function_ref<Split()> make) {
    if (c.gain < node.impurity * (1 - kNear)) return true;
    if (c.gain >= node.impurity * (1 - kTie / 2)) split = make();
    open = false;
    return false;
  });
  return split;
}

}  // namespace

void FastSearch::prepare(const NodeStats& node, const int* tables, const int* rows, int count) {
  if (p_.K == 0)
    for (int i = 0; i < count; ++i) z_[static_cast<size_t>(rows[i])] = p_.w(rows[i]) * (p_.y[rows[i]] - node.mean);
  if (filter_ != Filter::counts) return;
  class_rows_.assign(node.total.s.begin(), node.total.s.end());
  power_sum_ = 0;
  if (counted_.any() && tables) {
    padded_rows_.assign(static_cast<size_t>(counted_.padded()), 0.0);
    std::copy(class_rows_.begin(), class_rows_.end(), padded_rows_.begin());
  } else if (counted_.any()) {
    name_classes(rows, count);
  }
  for (const int64_t x : class_rows_) power_sum_ += xlogx_.empty() ? Square{}.at(x) : XLogX{xlogx_.data()}.at(x);
}

/// The columns that the filter shows to lie below the average gain are not walked. Where one is too near the average to
/// tell, all are.
Split FastSearch::best_by_ratio(const NodeStats& node, const std::vector<double>& filtered, Walk walk) const {
  std::vector<int> splitting, competing;
  double average = 0;
  for (size_t f = 0; f < filtered.size(); ++f)
    if (filtered[f] >= 0) {
      splitting.push_back(static_cast<int>(f));
      average += filtered[f];
    }
  if (splitting.empty()) return {};
  average /= static_cast<double>(splitting.size());
  const double unsure = 3 * slack(node);
  for (const int f : splitting) {
    const double above = filtered[static_cast<size_t>(f)] - average;
    if (std::abs(above) <= unsure) return choose_by_ratio(node, splitting, walk, std::nullopt, nullptr);
    if (above > 0) competing.push_back(f);
  }
  return choose_by_ratio(node, competing, walk, average, nullptr);
}

Split FastSearch::best_split(const NodeStats& node, const std::vector<const Entry*>& lists, const int* tables,
                             const int* rows, int count, int threads, std::vector<double>* gains) {
  const int d = static_cast<int>(lists.size());
  std::vector<Entry> list;
  int sorted_by = -1;  // a column is walked twice as a rule
  const auto walk = [&](int f, Visit visit) {
    const Entry* of_column = lists[static_cast<size_t>(f)];
    if (!of_column && !counted_.has(f))
      return walk_categorical(p_, node, f, level_sums(p_, node, f, rows, count), visit);
    if (of_column) return walk_list(p_, node, f, of_column, count, visit);
    if (sorted_by != f) counted_.sort(f, rows, count, list);
    sorted_by = f;
    walk_list(p_, node, f, list.data(), count, visit);
  };
  std::vector<int> finalists(static_cast<size_t>(d));
  std::iota(finalists.begin(), finalists.end(), 0);
  const bool by_ratio = p_.criterion == Criterion::gain_ratio;
  if (gains)
    return by_ratio ? choose_by_ratio(node, finalists, walk, std::nullopt, gains)
                    : choose_split(node, finalists, walk, gains);

  prepare(node, tables, rows, count);
  const auto filter = [&](int f, std::vector<Entry>& spare) {
    const Entry* of_column = lists[static_cast<size_t>(f)];
    if (counted_.has(f) && p_.K == 0) return summed_gain(node, f, rows, count);
    if (counted_.has(f)) return counted_gain(node, f, tables, rows, count, spare);
    if (of_column && filter_ != Filter::none) return filtered_gain(node, of_column, count);
    double g = -1;
    const auto greatest = [&](const Candidate& c, function_ref<Split()>) {
      g = std::max(g, c.gain);
      return true;
    };
    if (of_column)
      walk_list(p_, node, f, of_column, count, greatest);
    else
      walk_categorical(p_, node, f, level_sums(p_, node, f, rows, count), greatest);
    return g;
  };
  std::vector<double> filtered(static_cast<size_t>(d), -1.0);
  if (count <= kSmallNode && !by_ratio) {
    bool open = true;  // no column so far comes near I(S)
    std::vector<Entry> spare;
    for (int f = 0; f < d; ++f) {
      filtered[static_cast<size_t>(f)] = filter(f, spare);
      if (!open || filtered[static_cast<size_t>(f)] < node.impurity * (1 - kNear) - slack(node)) continue;
      if (Split split = perfect_split(node, f, walk, open); split.feature >= 0) return split;
    }
  } else {
    parallel_for(threads_for_steps(threads, static_cast<Index>(count) * d), d, 1, [&](Index begin, Index end) {
      std::vector<Entry> spare;
      for (Index f = begin; f < end; ++f) filtered[static_cast<size_t>(f)] = filter(static_cast<int>(f), spare);
    });
  }
  if (by_ratio) return best_by_ratio(node, filtered, walk);
  const double floor = *std::max_element(filtered.begin(), filtered.end()) - 2 * slack(node);
  finalists.clear();
  for (int f = 0; f < d; ++f)
    if (filtered[static_cast<size_t>(f)] >= std::max(0.0, floor)) finalists.push_back(f);
  if (p_.K == 0 && finalists.size() == 1) {
    const int f = finalists[0];
    if (counted_.has(f) && sorted_by != f) counted_.sort(sorted_by = f, rows, count, list);
    const Entry* only = counted_.has(f) ? list.data() : lists[static_cast<size_t>(f)];
    if (only && only[count - 1].rank != kMissing) return linear_split(node, f, only, count);
  }
  return choose_split(node, finalists, walk, nullptr);
}

}  // namespace assay::tree
