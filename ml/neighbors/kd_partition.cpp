// ml/neighbors/kd_partition.cpp
// Method     1 look at some rows: the coordinate in which they spread most, their median in it   2 the rows below the
//            median go left, the others right   3 until few rows are left, which are halved exactly, at multiples of `leaf`
//            4 boxes, from the leaves upwards
// Departures from the paper: [Friedman1977] take the exact spread and median. Those of kSampled rows cost as little at the
//            root as near the leaves, and every row is moved once a level without a branch. Where the sample misleads
//            (a side with less than an eighth of the rows), the rows are halved exactly: so the depth stays below
//            log n / log (8/7).
#include "assay/ml/neighbors/kd_partition.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace assay::neighbors {
namespace {

using Eigen::Index;

constexpr int kSampled = 32;
constexpr int kFew = 128;  // rows that are halved exactly

struct Key {
  double coordinate;
  int row;
  bool operator<(const Key& other) const {
    return coordinate < other.coordinate || (coordinate == other.coordinate && row < other.row);
  }
};

class Builder {
 public:
  Builder(const Matrix& X, int leaf) : X_(X), leaf_(leaf), low_(X.cols()), high_(X.cols()) {
    tree_.d = X.cols();
    tree_.rows.resize(static_cast<size_t>(X.rows()));
    std::iota(tree_.rows.begin(), tree_.rows.end(), 0);
    other_.resize(tree_.rows.size());
    build(0, static_cast<int>(X.rows()));
    other_ = {};
    add_boxes();
  }
  KdPartition take() { return std::move(tree_); }

 private:
  void build(int begin, int count) {
    const size_t id = tree_.nodes.size();
    tree_.nodes.push_back({-1, begin, count});
    if (count <= leaf_) return;
    int left = count > kFew ? part_by_sample(begin, count) : 0;
    if (left < count / 8 || count - left < count / 8 || left == 0) left = halve(begin, count);
    build(begin, left);
    tree_.nodes[id].right = static_cast<int>(tree_.nodes.size());
    build(begin + left, count - left);
  }

  /// The coordinate in which every `step`-th of some rows spread most.
  Index widest(const int* rows, int count, int step) {
    low_ = high_ = X_.row(rows[0]);
    for (int i = step; i < count; i += step) {
      low_ = low_.min(X_.row(rows[i]).array());
      high_ = high_.max(X_.row(rows[i]).array());
    }
    Index f = 0;
    (high_ - low_).maxCoeff(&f);
    return f;
  }

  /// Steps 1 and 2: how many went left.
  int part_by_sample(int begin, int count) {
    int* const rows = tree_.rows.data() + begin;
    const int step = count / kSampled;
    const Index f = widest(rows, count, step);
    std::array<double, kSampled> sample;
    for (int i = 0; i < kSampled; ++i) sample[static_cast<size_t>(i)] = X_(rows[i * step], f);
    std::nth_element(sample.begin(), sample.begin() + kSampled / 2, sample.end());
    const double median = sample[kSampled / 2];
    const double* const x = X_.data() + f;
    const Index d = X_.cols();
    int* const right = other_.data();
    int left = 0, moved = 0;
    for (int i = 0; i < count; ++i) {
      const int row = rows[i];
      const bool below = x[row * d] < median;
      rows[left] = row;
      right[moved] = row;
      left += below;
      moved += !below;
    }
    std::copy_n(right, moved, rows + left);
    return left;
  }

  /// The rows that come first by (coordinate, row) go to the front: half of them, or of the leaves.
  int halve(int begin, int count) {
    int* const rows = tree_.rows.data() + begin;
    const Index f = widest(rows, count, 1);
    const int leaves = (count + leaf_ - 1) / leaf_;
    const int half = count <= kFew ? leaves / 2 * leaf_ : count / 2;
    keys_.clear();
    for (int i = 0; i < count; ++i) keys_.push_back({X_(rows[i], f), rows[i]});
    std::nth_element(keys_.begin(), keys_.begin() + half, keys_.end());
    for (int i = 0; i < count; ++i) rows[i] = keys_[static_cast<size_t>(i)].row;
    return half;
  }

  /// Step 4. Children stand behind their parents.
  void add_boxes() {
    const Index d = tree_.d;
    tree_.boxes.resize(2 * tree_.nodes.size() * static_cast<size_t>(d));
    for (size_t id = tree_.nodes.size(); id-- > 0;) {
      const KdPartition::Node& node = tree_.nodes[id];
      double *lo = tree_.boxes.data() + 2 * id * static_cast<size_t>(d), *hi = lo + d;
      if (node.leaf()) {
        std::copy_n(X_.row(tree_.rows[static_cast<size_t>(node.begin)]).data(), d, lo);
        std::copy_n(lo, d, hi);
        for (int i = node.begin + 1; i < node.begin + node.count; ++i) {
          const double* x = X_.row(tree_.rows[static_cast<size_t>(i)]).data();
          for (Index f = 0; f < d; ++f) {
            lo[f] = x[f] < lo[f] ? x[f] : lo[f];
            hi[f] = x[f] > hi[f] ? x[f] : hi[f];
          }
        }
        continue;
      }
      const double *low_a = tree_.low(id + 1), *low_b = tree_.low(static_cast<size_t>(node.right));
      const double *high_a = low_a + d, *high_b = low_b + d;
      for (Index f = 0; f < d; ++f) {
        lo[f] = std::min(low_a[f], low_b[f]);
        hi[f] = std::max(high_a[f], high_b[f]);
      }
    }
  }

  const Matrix& X_;
  int leaf_;
  KdPartition tree_;
  std::vector<int> other_;  ///< rows on their way right
  std::vector<Key> keys_;
  Eigen::Array<double, 1, Eigen::Dynamic> low_, high_;
};

}  // namespace

KdPartition kd_partition(const Matrix& X, int leaf) { return Builder(X, leaf).take(); }

}  // namespace assay::neighbors
