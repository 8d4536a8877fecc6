// ml/neighbors/kd_partition.cpp
// Method     1 box   2 halve at the median of its widest coordinate   3 until few rows are left
#include "assay/ml/neighbors/kd_partition.h"

#include <algorithm>
#include <numeric>

namespace assay::neighbors {
namespace {

struct Key {
  double coordinate;
  int row;
  bool operator<(const Key& other) const {
    return coordinate < other.coordinate || (coordinate == other.coordinate && row < other.row);
  }
};

class Builder {
 public:
  Builder(const Matrix& X, int leaf) : X_(X), leaf_(leaf) {
    tree_.d = X.cols();
    tree_.rows.resize(static_cast<size_t>(X.rows()));
    std::iota(tree_.rows.begin(), tree_.rows.end(), 0);
    build(0, static_cast<int>(X.rows()));
  }
  KdPartition take() { return std::move(tree_); }

 private:
  /// Depth at most log2 n: every split halves.
  void build(int begin, int count) {
    const size_t id = tree_.nodes.size();
    tree_.nodes.push_back({-1, begin, count});
    const Eigen::Index widest = add_box(begin, count);
    if (count <= leaf_) return;
    const int half = count / 2;
    halve(widest, begin, count, half);
    build(begin, half);
    tree_.nodes[id].right = static_cast<int>(tree_.nodes.size());
    build(begin + half, count - half);
  }

  /// The `half` rows that come first by (coordinate, row) go to the front.
  void halve(Eigen::Index coordinate, int begin, int count, int half) {
    keys_.clear();
    for (int i = begin; i < begin + count; ++i) {
      const int row = tree_.rows[static_cast<size_t>(i)];
      keys_.push_back({X_(row, coordinate), row});
    }
    std::nth_element(keys_.begin(), keys_.begin() + half, keys_.end());
    for (int i = 0; i < count; ++i) tree_.rows[static_cast<size_t>(begin + i)] = keys_[static_cast<size_t>(i)].row;
  }

  /// Appends the box of some points; its widest coordinate.
  Eigen::Index add_box(int begin, int count) {
    const size_t at = tree_.boxes.size();
    const Eigen::Index d = tree_.d;
    tree_.boxes.resize(at + 2 * static_cast<size_t>(d));
    double *lo = tree_.boxes.data() + at, *hi = lo + d;
    std::copy_n(X_.row(tree_.rows[static_cast<size_t>(begin)]).data(), d, lo);
    std::copy_n(lo, d, hi);
    for (int i = begin; i < begin + count; ++i) {
      const double* x = X_.row(tree_.rows[static_cast<size_t>(i)]).data();
      for (Eigen::Index f = 0; f < d; ++f) {
        lo[f] = x[f] < lo[f] ? x[f] : lo[f];
        hi[f] = x[f] > hi[f] ? x[f] : hi[f];
      }
    }
    Eigen::Index widest = 0;
    for (Eigen::Index f = 1; f < d; ++f)
      if (hi[f] - lo[f] > hi[widest] - lo[widest]) widest = f;
    return widest;
  }

  const Matrix& X_;
  int leaf_;
  KdPartition tree_;
  std::vector<Key> keys_;
};

}  // namespace

KdPartition kd_partition(const Matrix& X, int leaf) { return Builder(X, leaf).take(); }

}  // namespace assay::neighbors
