// ml/neighbors/kd_partition.cpp
// Method     1 look at some rows: the coordinate in which they spread most, their median in it   2 the rows below the
//            median go left, the others right   3 until few rows are left, which are halved exactly, at multiples of `leaf`
//            4 boxes, from the leaves upwards
// Departures from the paper: [Friedman1977] take the exact spread and median. Those of kSampled rows cost as little at the
//            root as near the leaves, and every row is moved once a level without a branch. Where the sample misleads
//            (a side with less than an eighth of the rows), the rows are halved exactly: so the depth stays below
//            log n / log (8/7). Few rows are ranked by comparing all pairs, a register at a time: sooner than a selection with its
//            unforeseeable branches.
#include "assay/ml/neighbors/kd_partition.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "assay/core/simd.h"

namespace assay::neighbors {
namespace {

using Eigen::Index;

constexpr int kSampled = 32;
constexpr int kFew = 128;  // rows that are halved exactly
constexpr int kLanes = kSimdBytes / sizeof(double);
using Reals = SimdAnywhere<double>;
using Counts = Simd<int64_t>;

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
    Index best = 0;
    double most = -1;
    for (Index f = 0; f < X_.cols(); ++f) {
      const double* const x = X_.data() + f;
      const Index d = X_.cols();
      double low[kLanes], high[kLanes];
      for (double& l : low) l = x[rows[0] * d];
      for (double& h : high) h = x[rows[0] * d];
      int i = 0;
      for (; i + kLanes * step <= count; i += kLanes * step)
        for (int l = 0; l < kLanes; ++l) {
          const double value = x[rows[i + l * step] * d];
          low[l] = value < low[l] ? value : low[l];
          high[l] = value > high[l] ? value : high[l];
        }
      for (; i < count; i += step) {
        const double value = x[rows[i] * d];
        low[0] = std::min(low[0], value);
        high[0] = std::max(high[0], value);
      }
      const double spread = *std::max_element(high, high + kLanes) - *std::min_element(low, low + kLanes);
      if (spread > most) {
        most = spread;
        best = f;
      }
    }
    return best;
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

  /// The rows with the least coordinates go to the front, in their order where they are few: half of them, or of the leaves.
  int halve(int begin, int count) {
    int* const rows = tree_.rows.data() + begin;
    const Index f = widest(rows, count, 1);
    if (count > kFew) {
      keys_.clear();
      for (int i = 0; i < count; ++i) keys_.push_back({X_(rows[i], f), rows[i]});
      std::nth_element(keys_.begin(), keys_.begin() + count / 2, keys_.end());
      for (int i = 0; i < count; ++i) rows[i] = keys_[static_cast<size_t>(i)].row;
      return count / 2;
    }
    const int half = (count + leaf_ - 1) / leaf_ / 2 * leaf_;
    std::array<double, kFew> x;
    std::array<int, kFew> own;
    for (int i = 0; i < count; ++i) {
      own[static_cast<size_t>(i)] = rows[i];
      x[static_cast<size_t>(i)] = X_(rows[i], f);
    }
    std::fill(x.begin() + count, x.begin() + (count + kLanes - 1) / kLanes * kLanes, 0.0);
    int left = 0, right = half;
    for (int i = 0; i < count; i += kLanes) {
      const Counts before = ranks(x.data(), count, i);
      for (int l = 0; l < std::min(kLanes, count - i); ++l) {
        const int goes_left = before[l] < half;
        rows[goes_left * left + (1 - goes_left) * right] = own[static_cast<size_t>(i + l)];  // without a branch
        left += goes_left;
        right += 1 - goes_left;
      }
    }
    return half;
  }

  /// How many of some numbers come before the numbers first, first + 1, ... by (number, place): of so few, all pairs are
  /// compared sooner than sorted. A comparison that holds is -1.
  static Counts ranks(const double* x, int count, int first) {
    const Reals own = simd_at(x + first);
    Counts before{}, place;
    for (int l = 0; l < kLanes; ++l) place[l] = l;
    for (int j = 0; j < first; ++j) before -= x[j] <= own;
    for (int j = first; j < std::min(count, first + kLanes); ++j)
      before -= (x[j] < own) | ((x[j] == own) & (j - first < place));
    for (int j = first + kLanes; j < count; ++j) before -= x[j] < own;
    return before;
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
};

}  // namespace

KdPartition kd_partition(const Matrix& X, int leaf) { return Builder(X, leaf).take(); }

}  // namespace assay::neighbors
