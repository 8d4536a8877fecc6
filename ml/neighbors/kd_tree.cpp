// ml/neighbors/kd_tree.cpp
// Notation   q query; lo, hi: the tight box around a node's points; limit: reduced distance of the k-th nearest so far
// Method     build   1 box   2 halve at the median of the widest coordinate   3 until kBlock points are left
//            query   1 go to the child whose box is nearer   2 measure a leaf's points   3 visit the other child unless
//                    its box lies beyond the limit
// Departures from the paper: the bound is the distance to the tight box of the node, not to the cell of the partition
//            ([Friedman1977] test the cell, "bounds overlap ball"): tighter, and exact. A point's coordinates
//            differ from q's by at least the box's gaps, and rounding is monotone, so the computed distance to the box is
//            never above the computed distance to a point in it: nothing that belongs to the answer is cut off, not
//            even a tie.
#include <array>
#include <limits>
#include <numeric>

#include "assay/ml/neighbors/distance.h"
#include "assay/ml/neighbors/search.h"

namespace assay::neighbors {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct TreeNode {
  int right = -1;  ///< right child; the left one is the next node; -1: a leaf
  int begin = 0, count = 0;
  int block = 0;  ///< leaf: number of its block
};

template <class Metric>
class KdTree final : public Search {
 public:
  explicit KdTree(const Matrix& X) : d_(X.cols()), rows_(static_cast<size_t>(X.rows())) {
    std::iota(rows_.begin(), rows_.end(), 0);
    build(X, 0, static_cast<int>(X.rows()));
    keys_ = {};
  }

  void nearest(const Matrix& queries, Index begin, Index end, int k, Neighbor* out) const override {
    NearestList list(k);
    for (Index i = begin; i < end; ++i) {
      list.clear();
      query(queries.row(i).data(), list);
      out = std::copy(list.items().begin(), list.items().end(), out);
    }
  }

 private:
  /// Depth at most log2 n: every split halves.
  void build(const Matrix& X, int begin, int count) {
    const size_t id = nodes_.size();
    nodes_.push_back({-1, begin, count, 0});
    const Index widest = add_box(X, begin, count);
    if (count <= kBlock) {
      nodes_[id].block = add_block(X, begin, count);
      return;
    }
    const int half = count / 2;
    halve(X, widest, begin, count, half);
    build(X, begin, half);
    nodes_[id].right = static_cast<int>(nodes_.size());
    build(X, begin + half, count - half);
  }

  /// The `half` rows that come first by (coordinate, row) go to the front.
  void halve(const Matrix& X, Index coordinate, int begin, int count, int half) {
    keys_.clear();
    for (int i = begin; i < begin + count; ++i) {
      const int row = rows_[static_cast<size_t>(i)];
      keys_.push_back({X(row, coordinate), row});
    }
    std::nth_element(keys_.begin(), keys_.begin() + half, keys_.end(), before);
    for (int i = 0; i < count; ++i) rows_[static_cast<size_t>(begin + i)] = keys_[static_cast<size_t>(i)].row;
  }

  /// Appends the box of some points; its widest coordinate.
  Index add_box(const Matrix& X, int begin, int count) {
    const size_t at = boxes_.size();
    boxes_.resize(at + 2 * static_cast<size_t>(d_));
    double *lo = boxes_.data() + at, *hi = lo + d_;
    std::copy_n(X.row(rows_[static_cast<size_t>(begin)]).data(), d_, lo);
    std::copy_n(lo, d_, hi);
    for (int i = begin; i < begin + count; ++i) {
      const double* x = X.row(rows_[static_cast<size_t>(i)]).data();
      for (Index f = 0; f < d_; ++f) {
        lo[f] = x[f] < lo[f] ? x[f] : lo[f];
        hi[f] = x[f] > hi[f] ? x[f] : hi[f];
      }
    }
    Index widest = 0;
    for (Index f = 1; f < d_; ++f)
      if (hi[f] - lo[f] > hi[widest] - lo[widest]) widest = f;
    return widest;
  }

  /// Copies a leaf's points, coordinate by coordinate; places left over are infinitely far away.
  int add_block(const Matrix& X, int begin, int count) {
    const size_t at = blocks_.size();
    blocks_.resize(at + static_cast<size_t>(d_) * kBlock, kInfinity);
    for (Index f = 0; f < d_; ++f)
      for (int j = 0; j < count; ++j)
        blocks_[at + static_cast<size_t>(f * kBlock + j)] = X(rows_[static_cast<size_t>(begin + j)], f);
    return static_cast<int>(at / (static_cast<size_t>(d_) * kBlock));
  }

  double distance_to_box(const double* q, int node) const {
    const double *lo = boxes_.data() + 2 * static_cast<size_t>(node) * static_cast<size_t>(d_), *hi = lo + d_;
    double total = 0;
    for (Index f = 0; f < d_; ++f) {
      const double below = lo[f] - q[f], above = q[f] - hi[f];
      const double gap = below > above ? below : above;
      total = Metric::add(total, gap > 0 ? gap : 0);
    }
    return total;
  }

  void measure_leaf(const double* q, const TreeNode& leaf, NearestList& list) const {
    const BlockDistances distance = distances_to_block<Metric>(
        q, blocks_.data() + static_cast<size_t>(leaf.block) * static_cast<size_t>(d_) * kBlock, d_);
    if (!any_within(distance, list.limit())) return;
    for (int j = 0; j < leaf.count; ++j)
      if (distance[j] <= list.limit()) list.offer({distance[j], rows_[static_cast<size_t>(leaf.begin + j)]});
  }

  void query(const double* q, NearestList& list) const {
    struct Open {
      double bound;
      int node;
    };
    std::array<Open, 64> open;  // one a level
    int waiting = 0;
    open[0] = {0, 0};
    for (waiting = 1; waiting > 0;) {
      const Open next = open[static_cast<size_t>(--waiting)];
      if (next.bound > list.limit()) continue;
      int node = next.node;
      while (nodes_[static_cast<size_t>(node)].right >= 0) {
        int nearer = node + 1, farther = nodes_[static_cast<size_t>(node)].right;
        double near_bound = distance_to_box(q, nearer), far_bound = distance_to_box(q, farther);
        if (far_bound < near_bound) {
          std::swap(nearer, farther);
          std::swap(near_bound, far_bound);
        }
        if (far_bound <= list.limit()) open[static_cast<size_t>(waiting++)] = {far_bound, farther};
        node = nearer;
      }
      measure_leaf(q, nodes_[static_cast<size_t>(node)], list);
    }
  }

  Index d_;
  std::vector<int> rows_;  ///< row numbers, leaf after leaf
  std::vector<TreeNode> nodes_;
  std::vector<double> boxes_;   ///< lo and hi of each node
  std::vector<double> blocks_;  ///< points of each leaf
  std::vector<Neighbor> keys_;  ///< while building: a coordinate and its row
};

}  // namespace

std::unique_ptr<Search> kd_tree_search(std::shared_ptr<const Matrix> X, Distance distance) {
  return with_metric(
      distance, [&](auto metric) -> std::unique_ptr<Search> { return std::make_unique<KdTree<decltype(metric)>>(*X); });
}

}  // namespace assay::neighbors
