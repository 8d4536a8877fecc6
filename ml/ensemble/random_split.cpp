// ml/ensemble/random_split.cpp: the splits of extremely randomised trees.
//
// Method     1 least and greatest cell of the node   2 a threshold drawn between them   3 sums of both sides, missing cells on
//            either   [Geurts2006, table 1: pick a random split]
// Departures from the paper: columns with levels: each level the node has goes left with probability 1/2, drawn again until both
//            sides have one; the paper draws a subset of the levels the node lacks as well. Missing cells are ours.
#include <cmath>
#include <limits>

#include "assay/ml/ensemble/node_search.h"

namespace assay::ensemble {
namespace {

void clear(tree::Sums& sums, int size) {
  sums.W = 0;
  sums.rows = 0;
  sums.s.assign(static_cast<size_t>(size), 0.0);
}

}  // namespace

/// Missing cells on the side where they gain more; no split where a side has too few rows. Rule and threshold are the
/// caller's.
NodeSplit NodeSearch::better_way(const tree::Sums& left, const tree::Sums& missing) {
  NodeSplit split;
  for (const bool to_left : {true, false}) {
    if (to_left && missing.rows == 0) continue;
    const int rows = left.rows + (to_left ? missing.rows : 0);
    if (rows < p_.min_leaf || count_ - rows < p_.min_leaf) continue;
    for (size_t k = 0; k < L_.size(); ++k) L_[k] = left.s[k] + (to_left ? missing.s[k] : 0);
    const double W_L = left.W + (to_left ? missing.W : 0), gain = tree::gain(p_, node_, L_.data(), W_L);
    if (split.feature >= 0 && gain <= split.gain) continue;
    split.feature = 0;
    split.gain = gain;
    split.default_left = missing.rows > 0 ? to_left : W_L >= node_.total.W - W_L;
  }
  return split;
}

NodeSplit NodeSearch::random_numeric(int f, Rng& rng) {
  const double* x = p_.X.col(f).data();
  double lo = std::numeric_limits<double>::infinity(), hi = -lo;
  int present = 0;
  if (x_.size() < static_cast<size_t>(count_)) x_.resize(static_cast<size_t>(count_));
  for (int i = 0; i < count_; ++i) {
    const double cell = x_[static_cast<size_t>(i)] = x[rows_[i]];
    lo = cell < lo ? cell : lo;
    hi = cell > hi ? cell : hi;
    present += cell == cell;
  }
  if (present == 0 || (lo == hi && present == count_)) return {};
  const double u = rng.uniform();
  double t = lo * (1 - u) + hi * u;
  if (!(t < hi)) t = lo;  // also where lo = hi: present | missing
  clear(left_, p_.sums());
  clear(away_, p_.sums());
  if (one_sum_ && present == count_) {
    double S = 0, W = 0;
    int rows = 0;
    for (size_t i = 0; i < static_cast<size_t>(count_); ++i) {
      const bool left = x_[i] <= t;
      S += left ? z_[i] : 0;
      W += left ? w_[i] : 0;
      rows += left;
    }
    const size_t last = p_.K > 0 ? static_cast<size_t>(classes_[1]) : 0;
    if (p_.K > 0) left_.s[static_cast<size_t>(classes_[0])] = W - S;
    left_.s[last] = S;
    left_.W = W;
    left_.rows = rows;
  } else {
    for (size_t i = 0; i < static_cast<size_t>(count_); ++i) {
      if (x_[i] > t) continue;
      tree::Sums& side = x_[i] == x_[i] ? left_ : away_;
      side.W += w_[i];
      side.s[p_.K > 0 ? static_cast<size_t>(classes_[static_cast<size_t>(code_[i])]) : 0] += p_.K > 0 ? w_[i] : z_[i];
      ++side.rows;
    }
  }
  NodeSplit split = better_way(left_, away_);
  if (split.feature < 0) return split;
  split.feature = f;
  split.threshold = t;
  return split;
}

NodeSplit NodeSearch::random_levels(int f, Rng& rng) {
  const tree::LevelSums levels = tree::level_sums(p_, node_, f, rows_, count_);
  const size_t m = levels.level.size();
  if (m == 0 || (m == 1 && levels.missing.rows == 0)) return {};
  std::vector<bool> to_left(m, true);
  for (size_t lefts = m; m > 1 && (lefts == 0 || lefts == m);) {
    lefts = 0;
    for (size_t l = 0; l < m; ++l) {
      to_left[l] = rng.next() >> 63;
      lefts += to_left[l];
    }
  }
  tree::Sums& left = left_;
  clear(left, p_.sums());
  for (size_t l = 0; l < m; ++l) {
    if (!to_left[l]) continue;
    left.W += levels.sums[l].W;
    left.rows += levels.sums[l].rows;
    for (size_t k = 0; k < left.s.size(); ++k) left.s[k] += levels.sums[l].s[k];
  }
  NodeSplit split = better_way(left, levels.missing);
  if (split.feature < 0) return split;
  split.feature = f;
  for (size_t l = 0; l < m; ++l)
    if (to_left[l] != split.default_left) split.against.push_back(levels.level[l]);
  return split;
}

NodeSplit NodeSearch::random(int f, Rng& rng) {
  return p_.columns[static_cast<size_t>(f)].categorical() ? random_levels(f, rng) : random_numeric(f, rng);
}

}  // namespace assay::ensemble
