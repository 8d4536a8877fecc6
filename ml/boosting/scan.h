// ml/boosting/scan.h: the walk over the boundaries of one column, whatever its finder calls a bucket: a value (exact), the values
// between two quantiles (approximate), a bin (histogram).
//
// A boundary is the set of buckets to its left; the missing rows join either side. With missing rows there is one candidate more:
// all present rows against the missing ones.
#pragma once
#include <array>
#include <vector>

#include "assay/ml/boosting/boost_tree.h"
#include "assay/ml/boosting/gain_kernels.h"

namespace assay::boosting {

/// The best boundary so far: `position` is the caller's word for it.
struct Boundary {
  float key = -1;
  int position = -1;
  bool missing_left = false;
  Sums left;  ///< with the missing rows, where they go left
};

/// Takes boundaries in ascending order and keeps the first of greatest key.
class BoundaryScan {
 public:
  BoundaryScan(Sums total, Sums missing, bool any_missing, const Regularization& r)
      : total_(total), missing_(missing), any_missing_(any_missing), r_(r) {}

  void add(const Sums& left, int position) {
    G_[filled_] = left.G;
    H_[filled_] = left.H;
    position_[filled_] = position;
    if (++filled_ == kBlock) flush();
  }
  const Boundary& best() {
    flush();
    return best_;
  }

 private:
  static constexpr size_t kBlock = 256;

  void flush() {
    if (filled_ == 0) return;
    try_side({}, false);
    if (any_missing_) try_side(missing_, true);
    filled_ = 0;
  }
  void try_side(Sums extra, bool missing_left) {
    candidate_keys(static_cast<int>(filled_), G_.data(), H_.data(), extra, total_, r_, key_.data());
    for (size_t i = 0; i < filled_; ++i) {
      if (!(key_[i] > best_.key)) {
        if (!(key_[i] == best_.key && missing_left != best_.missing_left && position_[i] < best_.position)) continue;
      }
      best_ = {key_[i], position_[i], missing_left, Sums{G_[i], H_[i]} + extra};
    }
  }

  Sums total_, missing_;
  bool any_missing_;
  const Regularization& r_;
  Boundary best_;
  size_t filled_ = 0;
  std::array<double, kBlock> G_, H_;
  std::array<int, kBlock> position_;
  std::array<float, kBlock> key_;
};

/// A column's rows of a node by bucket: what the readable form of every finder makes.
struct Buckets {
  std::vector<Sums> sums;     ///< of each, ascending; of each level that the node has
  std::vector<double> upper;  ///< numeric: the threshold above each bucket
  std::vector<int> level;     ///< categorical: the level of each
  Sums missing;
  bool any_missing = false;
};

/// The candidates of a numeric column, one after the other; the textbook form of BoundaryScan.
std::vector<Offer> walk_boundaries(const Buckets& b, int f, Sums total, const Regularization& r);
/// The best of a categorical column: its levels in the order of G/H.
BoostSplit best_subset(const Buckets& b, int f, Sums total, const Regularization& r);
std::vector<Offer> walk_subsets(const Buckets& b, int f, Sums total, const Regularization& r);

/// The split of a numeric column that a boundary stands for.
BoostSplit numeric_split(int f, const Boundary& best, double threshold, Sums total, bool any_missing);

/// Columns are tried in ascending order; a later one must be better.
inline bool better(const BoostSplit& a, const BoostSplit& than) {
  return a.feature >= 0 && (than.feature < 0 || a.key > than.key);
}

}  // namespace assay::boosting
