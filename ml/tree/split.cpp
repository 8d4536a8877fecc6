// ml/tree/split.cpp
// Notation   S node, S_L and S_R its sides; W, W_L, W_R weights; L_k, T_k sums over S_L and S; G gain; I impurity
// Method     1 sums of the node   2 per column: walk the candidate splits   3 the greatest gain   4 the first split
//            that reaches it up to rounding
// Departures from the paper:
//   - Gains are computed from the distance between the sides, not from the difference of impurities:
//       Gini, squares   G = sum_k (L_k W - T_k W_L)^2 / (W_L W_R W^2)
//       entropy         G = sum over sides W_s/W sum_k p_sk log2(p_sk / p_k)
//     Both equal (1) of tree.h in exact arithmetic and do not cancel where G is small.
//   - Missing cells have a learned default way; CART's surrogate splits are not made.
//   - Subsets of levels: for values and for two classes the levels are ordered by mean or by the share of class 1, and
//     only prefixes are tried, which includes the best subset (theorem 4.5; with min-leaf above 1 it may miss it). For
//     more classes all subsets are tried up to kExhaustiveLevels levels; above, the prefixes of K orders, one by the
//     share of each class.
#include "assay/ml/tree/split.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "assay/ml/tree/ratio.h"

namespace assay::tree {
namespace {

double log2_ratio_term(double part, double ratio) { return part > 0 ? part * std::log2(ratio) : 0; }

double impurity_of_shares(Criterion criterion, const std::vector<double>& s, double W) {
  double sum = 0;
  for (double w : s) sum += entropic(criterion) ? -log2_ratio_term(w / W, w / W) : (w / W) * (w / W);
  return entropic(criterion) ? std::max(0.0, sum) : std::max(0.0, 1 - sum);
}

void class_stats(const Problem& p, const int* rows, int count, NodeStats& node) {
  node.mean = 0;
  node.total.W = 0;
  node.total.rows = count;
  node.total.s.assign(static_cast<size_t>(p.K), 0.0);
  if (p.weight) {
    for (int i = 0; i < count; ++i) {
      node.total.s[static_cast<size_t>(p.code[rows[i]])] += p.w(rows[i]);
      node.total.W += p.w(rows[i]);
    }
  } else {
    for (int i = 0; i < count; ++i) ++node.total.s[static_cast<size_t>(p.code[rows[i]])];
    node.total.W = count;
  }
  node.pure = std::count_if(node.total.s.begin(), node.total.s.end(), [](double w) { return w > 0; }) <= 1;
  node.impurity = node.pure ? 0 : impurity_of_shares(p.criterion, node.total.s, node.total.W);
}

void value_stats(const Problem& p, const int* rows, int count, NodeStats& node) {
  node.total.W = 0;
  node.total.rows = count;
  double sum = 0, lo = std::numeric_limits<double>::infinity(), hi = -lo;
  for (int i = 0; i < count; ++i) {
    const double y = p.y[rows[i]];
    node.total.W += p.w(rows[i]);
    sum += p.w(rows[i]) * y;
    lo = std::min(lo, y);
    hi = std::max(hi, y);
  }
  node.pure = lo == hi;
  node.mean = node.pure ? lo : sum / node.total.W;
  double rest = 0, squares = 0;  // of y - mean: what rounding left of the mean, and the spread
  for (int i = 0; i < count; ++i) {
    const double z = p.y[rows[i]] - node.mean;
    rest += p.w(rows[i]) * z;
    squares += p.w(rows[i]) * z * z;
  }
  node.total.s.assign(1, rest);
  const double shift = rest / node.total.W;
  node.impurity = node.pure ? 0 : std::max(0.0, squares / node.total.W - shift * shift);
}

/// Adds a row to sums s.
void add(const Problem& p, const NodeStats& node, int row, double* s, double& W) {
  if (p.K > 0)
    s[p.code[row]] += p.w(row);
  else
    s[0] += p.w(row) * (p.y[row] - node.mean);
  W += p.w(row);
}

void add(const Problem& p, const NodeStats& node, int row, Sums& sums) {
  add(p, node, row, sums.s.data(), sums.W);
  ++sums.rows;
}

Sums empty_sums(const Problem& p) {
  Sums sums;
  sums.s.assign(static_cast<size_t>(p.sums()), 0.0);
  return sums;
}

void add(Sums& to, const Sums& from) {
  to.W += from.W;
  to.rows += from.rows;
  for (size_t k = 0; k < to.s.size(); ++k) to.s[k] += from.s[k];
}

/// Visits the candidate with `left` on the left and the missing rows on either side; false: stop.
bool visit_both_ways(const Problem& p, const NodeStats& node, const Sums& left, const Sums& missing, int position,
                     function_ref<bool(const Candidate&)> visit) {
  const auto admissible = [&](int rows_left) {
    return rows_left >= p.min_leaf && node.total.rows - rows_left >= p.min_leaf;
  };
  if (missing.rows > 0 && admissible(left.rows + missing.rows)) {
    Sums both = left;
    add(both, missing);
    if (!visit({gain(p, node, both.s.data(), both.W), position, true, both.W})) return false;
  }
  if (!admissible(left.rows)) return true;
  return visit({gain(p, node, left.s.data(), left.W), position, false, left.W});
}

/// Where no row was missing, the larger child.
bool default_way(const NodeStats& node, bool any_missing, const Candidate& c) {
  return any_missing ? c.missing_left : c.W_L >= node.total.W - c.W_L;
}

/// Rows sorted by a numeric column, as two lists or as one with ranks.
struct TwoLists {
  const Problem& p;
  int f;
  const SortedRows& rows;
  int present() const { return static_cast<int>(rows.present.size()); }
  int missing() const { return static_cast<int>(rows.missing.size()); }
  int row(int i) const { return rows.present[static_cast<size_t>(i)]; }
  int missing_row(int i) const { return rows.missing[static_cast<size_t>(i)]; }
  bool equal(int i, int j) const { return p.cell(row(i), f) == p.cell(row(j), f); }
};
struct RankedList {
  const Entry* list;
  int present_rows, missing_rows;
  int present() const { return present_rows; }
  int missing() const { return missing_rows; }
  int row(int i) const { return static_cast<int>(list[i].row); }
  int missing_row(int i) const { return row(present_rows + i); }
  bool equal(int i, int j) const { return list[i].rank == list[j].rank; }
};

/// The split with its threshold halfway between the neighbouring values.
template <class Rows>
Split describe(const Problem& p, const NodeStats& node, int f, const Rows& rows, const Candidate& c) {
  Split split;
  split.feature = f;
  split.gain = c.gain;
  split.default_left = default_way(node, rows.missing() > 0, c);
  const double lo = p.cell(rows.row(c.position - 1), f);
  const bool last = c.position == rows.present();  // present | missing
  split.threshold = last ? lo : midpoint(lo, p.cell(rows.row(c.position), f));
  return split;
}

Split describe(const NodeStats& node, int f, const LevelSums& levels, const Candidate& c) {
  Split split;
  split.feature = f;
  split.gain = c.gain;
  split.default_left = default_way(node, levels.missing.rows > 0, c);
  const int m = static_cast<int>(levels.level.size());
  std::vector<bool> left(static_cast<size_t>(m), false);
  for (int j = 0; j < m; ++j) {
    if (levels.orders.empty())
      left[static_cast<size_t>(j)] = c.position >> j & 1;
    else if (j <= c.position % m)
      left[static_cast<size_t>(levels.orders[static_cast<size_t>(c.position / m)][static_cast<size_t>(j)])] = true;
  }
  for (int j = 0; j < m; ++j)
    if (left[static_cast<size_t>(j)] != split.default_left)
      split.against.push_back(levels.level[static_cast<size_t>(j)]);
  return split;
}

}  // namespace

double midpoint(double lo, double hi) {
  const double middle = lo / 2 + hi / 2;
  return middle >= lo && middle < hi ? middle : lo;
}

void node_stats(const Problem& p, const int* rows, int count, NodeStats& node) {
  p.K > 0 ? class_stats(p, rows, count, node) : value_stats(p, rows, count, node);
}

NodeStats node_stats(const Problem& p, const int* rows, int count) {
  NodeStats node;
  node_stats(p, rows, count, node);
  return node;
}

double gain(const Problem& p, const NodeStats& node, const double* L, double W_L) {
  const double W = node.total.W, W_R = W - W_L;
  const std::vector<double>& T = node.total.s;
  if (!(W_R > 0) || !(W_L > 0)) return 0;
  double sum = 0;
  if (entropic(p.criterion)) {
    for (size_t k = 0; k < T.size(); ++k) {
      if (!(T[k] > 0)) continue;
      const double share = T[k] / W, R = std::max(0.0, T[k] - L[k]);
      sum += W_L * log2_ratio_term(L[k] / W_L, L[k] / W_L / share) + W_R * log2_ratio_term(R / W_R, R / W_R / share);
    }
    return std::max(0.0, sum / W);
  }
  for (size_t k = 0; k < T.size(); ++k) {
    const double difference = L[k] * W - T[k] * W_L;
    sum += difference * difference;
  }
  return sum / (W_L * W_R) / (W * W);
}

SortedRows sort_rows(const Problem& p, int f, const int* rows, int count) {
  SortedRows sorted;
  for (int i = 0; i < count; ++i) (std::isnan(p.cell(rows[i], f)) ? sorted.missing : sorted.present).push_back(rows[i]);
  std::sort(sorted.present.begin(), sorted.present.end(), [&](int a, int b) {
    const double x = p.cell(a, f), z = p.cell(b, f);
    return x < z || (x == z && a < b);
  });
  return sorted;
}

namespace {

template <class Rows>
void walk_sorted(const Problem& p, const NodeStats& node, int f, const Rows& rows, Visit visit) {
  const auto visit_candidate = [&](const Candidate& c) {
    return visit(c, [&] { return describe(p, node, f, rows, c); });
  };
  Sums left = empty_sums(p), missing = empty_sums(p);
  for (int i = 0; i < rows.missing(); ++i) add(p, node, rows.missing_row(i), missing);
  for (int i = 0; i < rows.present(); ++i) {
    add(p, node, rows.row(i), left);
    const bool last = i + 1 == rows.present();
    if (!last && rows.equal(i, i + 1)) continue;
    if (last && missing.rows == 0) return;  // both sides must have rows
    if (!visit_both_ways(p, node, left, missing, i + 1, visit_candidate)) return;
  }
}

}  // namespace

void walk_numeric(const Problem& p, const NodeStats& node, int f, const SortedRows& rows, Visit visit) {
  walk_sorted(p, node, f, TwoLists{p, f, rows}, visit);
}

void walk_list(const Problem& p, const NodeStats& node, int f, const Entry* list, int count, Visit visit) {
  const Entry* end = std::partition_point(list, list + count, [](const Entry& e) { return e.rank != kMissing; });
  const int present = static_cast<int>(end - list);
  walk_sorted(p, node, f, RankedList{list, present, count - present}, visit);
}

LevelSums level_sums(const Problem& p, const NodeStats& node, int f, const int* rows, int count) {
  LevelSums out;
  out.missing = empty_sums(p);
  for (int i = 0; i < count; ++i)
    if (const double x = p.cell(rows[i], f); !std::isnan(x)) out.level.push_back(static_cast<int>(x));
  std::sort(out.level.begin(), out.level.end());
  out.level.erase(std::unique(out.level.begin(), out.level.end()), out.level.end());
  out.sums.assign(out.level.size(), empty_sums(p));
  const auto sums_of = [&](double x) -> Sums& {
    if (std::isnan(x)) return out.missing;
    return out.sums[static_cast<size_t>(std::lower_bound(out.level.begin(), out.level.end(), static_cast<int>(x)) -
                                        out.level.begin())];
  };
  for (int i = 0; i < count; ++i) add(p, node, rows[i], sums_of(p.cell(rows[i], f)));
  if (p.K > 2 && static_cast<int>(out.level.size()) <= kExhaustiveLevels) return out;
  for (int k = p.K == 2 ? 1 : 0; k < p.sums(); ++k) {
    std::vector<int> order(out.level.size());
    std::iota(order.begin(), order.end(), 0);
    const auto mean = [&](int j) {
      return out.sums[static_cast<size_t>(j)].s[static_cast<size_t>(k)] / out.sums[static_cast<size_t>(j)].W;
    };
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return mean(a) < mean(b); });
    out.orders.push_back(std::move(order));
  }
  return out;
}

namespace {

/// Subsets as bit masks without the last level; the full set (against the missing rows) has it.
void walk_masks(const Problem& p, const NodeStats& node, const LevelSums& levels,
                function_ref<bool(const Candidate&)> visit) {
  const int m = static_cast<int>(levels.level.size());
  for (int mask = 1; mask < 1 << m; ++mask) {
    const bool full = mask + 1 == 1 << m;
    if (mask >= 1 << (m - 1) && !(full && levels.missing.rows > 0)) continue;
    Sums left = empty_sums(p);
    for (int j = 0; j < m; ++j)
      if (mask >> j & 1) add(left, levels.sums[static_cast<size_t>(j)]);
    if (!visit_both_ways(p, node, left, levels.missing, mask, visit)) return;
  }
}

}  // namespace

void walk_categorical(const Problem& p, const NodeStats& node, int f, const LevelSums& levels, Visit visit) {
  const auto visit_candidate = [&](const Candidate& c) {
    return visit(c, [&] { return describe(node, f, levels, c); });
  };
  if (levels.orders.empty()) return walk_masks(p, node, levels, visit_candidate);
  const int m = static_cast<int>(levels.level.size());
  for (size_t o = 0; o < levels.orders.size(); ++o) {
    Sums left = empty_sums(p);
    for (int j = 0; j < m; ++j) {
      add(left, levels.sums[static_cast<size_t>(levels.orders[o][static_cast<size_t>(j)])]);
      if (j + 1 == m && levels.missing.rows == 0) break;
      if (!visit_both_ways(p, node, left, levels.missing, static_cast<int>(o) * m + j, visit_candidate)) return;
    }
  }
}

Split choose_split(const NodeStats& node, const std::vector<int>& features, Walk walk, std::vector<double>* gains) {
  std::vector<double> best(features.size(), -1.0);
  for (size_t j = 0; j < features.size(); ++j)
    walk(features[j], [&](const Candidate& c, function_ref<Split()>) {
      best[j] = std::max(best[j], c.gain);
      return true;
    });
  const double greatest = best.empty() ? -1 : *std::max_element(best.begin(), best.end());
  const double floor = std::max(0.0, greatest - kTie * node.impurity);
  Split chosen;
  for (size_t j = 0; j < features.size() && chosen.feature < 0; ++j) {
    if (best[j] < floor) continue;
    walk(features[j], [&](const Candidate& c, function_ref<Split()> make) {
      if (c.gain < floor) return true;
      chosen = make();
      return false;
    });
  }
  if (gains) *gains = std::move(best);
  return chosen;
}

Split best_split(const Problem& p, const NodeStats& node, const int* rows, int count, std::vector<double>* gains) {
  std::vector<int> features(p.columns.size());
  std::iota(features.begin(), features.end(), 0);
  const auto walk = [&](int f, Visit visit) {
    if (p.columns[static_cast<size_t>(f)].categorical())
      walk_categorical(p, node, f, level_sums(p, node, f, rows, count), visit);
    else
      walk_numeric(p, node, f, sort_rows(p, f, rows, count), visit);
  };
  if (p.criterion == Criterion::gain_ratio) return choose_by_ratio(node, features, walk, std::nullopt, gains);
  return choose_split(node, features, walk, gains);
}

}  // namespace assay::tree
