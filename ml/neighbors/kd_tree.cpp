// ml/neighbors/kd_tree.cpp
// Notation   q query; lo, hi: the tight box around a node's points; limit: reduced distance of the k-th nearest so far
// Method     build   kd_partition.h, then the points of each leaf as a block
//            query   1 go to the child whose box is nearer   2 measure a leaf's points   3 visit the other child unless
//                    its box lies beyond the limit
// Departures from the paper: the bound is the distance to the tight box of the node, not to the cell of the partition
//            ([Friedman1977] test the cell, "bounds overlap ball"): tighter, and exact. A point's coordinates
//            differ from q's by at least the box's gaps, and rounding is monotone, so the computed distance to the box is
//            never above the computed distance to a point in it: nothing that belongs to the answer is cut off, not
//            even a tie.
#include <array>
#include <limits>

#include "assay/ml/neighbors/distance.h"
#include "assay/ml/neighbors/kd_partition.h"
#include "assay/ml/neighbors/search.h"

namespace assay::neighbors {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Index kTreeRows = 512, kTreeColumns = 40;  // outside brute force is never slower by much
constexpr Index kAsked = 24;

template <class Metric>
class KdTree final : public Search {
 public:
  explicit KdTree(const Matrix& X) : d_(X.cols()), tree_(kd_partition(X, kBlock)) {
    size_t leaves = 0;
    for (const KdPartition::Node& node : tree_.nodes) leaves += node.leaf();
    block_.reserve(tree_.nodes.size());
    blocks_.reserve(leaves * static_cast<size_t>(d_) * kBlock);
    for (const KdPartition::Node& node : tree_.nodes) {
      block_.push_back(node.leaf() ? static_cast<int>(blocks_.size() / static_cast<size_t>(d_ * kBlock)) : -1);
      if (node.leaf()) add_block(X, node);
    }
  }

  void nearest(const Matrix& queries, Index begin, Index end, int k, Neighbor* out) const override {
    NearestList list(k);
    for (Index i = begin; i < end; ++i) {
      list.clear();
      query(queries.row(i).data(), list);
      out = std::copy(list.items().begin(), list.items().end(), out);
    }
  }

  /// Leaves that some rows of X visit, a row.
  double leaves_visited(const Matrix& X, int k) const {
    NearestList list(k);
    const Index count = std::min(kAsked, X.rows());
    long leaves = 0;
    for (Index i = 0; i < count; ++i) {
      list.clear();
      leaves += query(X.row(i * X.rows() / count).data(), list);
    }
    return static_cast<double>(leaves) / static_cast<double>(count);
  }

 private:
  /// Copies a leaf's points, coordinate by coordinate; places left over are infinitely far away.
  void add_block(const Matrix& X, const KdPartition::Node& leaf) {
    const size_t at = blocks_.size();
    blocks_.resize(at + static_cast<size_t>(d_) * kBlock, kInfinity);
    for (Index f = 0; f < d_; ++f)
      for (int j = 0; j < leaf.count; ++j)
        blocks_[at + static_cast<size_t>(f * kBlock + j)] = X(tree_.rows[static_cast<size_t>(leaf.begin + j)], f);
  }

  double distance_to_box(const double* q, int node) const {
    const double *lo = tree_.low(static_cast<size_t>(node)), *hi = lo + d_;
    double total = 0;
    for (Index f = 0; f < d_; ++f) {
      const double below = lo[f] - q[f], above = q[f] - hi[f];
      const double gap = below > above ? below : above;
      total = Metric{}.add(total, gap > 0 ? gap : 0);
    }
    return total;
  }

  void measure_leaf(const double* q, size_t node, NearestList& list) const {
    const KdPartition::Node& leaf = tree_.nodes[node];
    const BlockDistances distance = distances_to_block(
        Metric{}, q, blocks_.data() + static_cast<size_t>(block_[node]) * static_cast<size_t>(d_) * kBlock, d_);
    if (!any_within(distance, list.limit())) return;
    for (int j = 0; j < leaf.count; ++j)
      if (distance[j] <= list.limit()) list.offer({distance[j], tree_.rows[static_cast<size_t>(leaf.begin + j)]});
  }

  /// How many leaves were measured.
  long query(const double* q, NearestList& list) const {
    long leaves = 0;
    struct Open {
      double bound;
      int node;
    };
    std::array<Open, KdPartition::kDeepest + 1> open;  // one a level
    int waiting = 0;
    open[0] = {0, 0};
    for (waiting = 1; waiting > 0;) {
      const Open next = open[static_cast<size_t>(--waiting)];
      if (next.bound > list.limit()) continue;
      int node = next.node;
      while (!tree_.nodes[static_cast<size_t>(node)].leaf()) {
        int nearer = node + 1, farther = tree_.nodes[static_cast<size_t>(node)].right;
        double near_bound = distance_to_box(q, nearer), far_bound = distance_to_box(q, farther);
        if (far_bound < near_bound) {
          std::swap(nearer, farther);
          std::swap(near_bound, far_bound);
        }
        if (far_bound <= list.limit()) open[static_cast<size_t>(waiting++)] = {far_bound, farther};
        node = nearer;
      }
      measure_leaf(q, static_cast<size_t>(node), list);
      ++leaves;
    }
    return leaves;
  }

  Index d_;
  KdPartition tree_;
  std::vector<int> block_;      ///< of each node: number of a leaf's block
  std::vector<double> blocks_;  ///< points of each leaf
};

/// Nanoseconds a query, measured on Sapphire Rapids; only their ratio matters.
double tree_cost(double leaves, Index d) { return leaves * (25 + 4 * static_cast<double>(d)); }
double brute_cost(Distance distance, Index n, Index d) {
  const bool product = distance == Distance::euclidean || distance == Distance::cosine;
  return static_cast<double>(n) *
         (product ? 0.4 + 0.025 * static_cast<double>(d) : 0.1 + 0.12 * static_cast<double>(d));
}

/// Calls f with an empty pointer to the kind of tree that fits; nothing for Minkowski.
template <class F>
std::unique_ptr<Search> with_tree(Measure measure, F&& f) {
  return with_metric(measure, [&](auto metric) -> std::unique_ptr<Search> {
    using Metric = decltype(metric);
    if constexpr (std::is_same_v<Metric, Minkowski>)
      return nullptr;
    else
      return f(std::unique_ptr<KdTree<Metric>>());
  });
}

}  // namespace

std::unique_ptr<Search> kd_tree_search(std::shared_ptr<const Matrix> X, Measure measure) {
  return with_tree(measure, [&](auto tree) -> std::unique_ptr<Search> {
    return std::make_unique<typename decltype(tree)::element_type>(*X);
  });
}

std::unique_ptr<Search> chosen_search(std::shared_ptr<const Matrix> X, Measure measure, int k, Algorithm& used) {
  const bool worth = X->rows() >= kTreeRows && X->cols() <= kTreeColumns;
  const bool possible = measure.distance != Distance::minkowski;
  const Algorithm wanted = used;
  used = Algorithm::brute;
  if (wanted == Algorithm::brute || !possible || (wanted == Algorithm::automatic && !worth))
    return brute_search(std::move(X), measure);
  std::unique_ptr<Search> tree = with_tree(measure, [&](auto empty) -> std::unique_ptr<Search> {
    auto made = std::make_unique<typename decltype(empty)::element_type>(*X);
    if (wanted == Algorithm::kd_tree ||
        tree_cost(made->leaves_visited(*X, k), X->cols()) < brute_cost(measure.distance, X->rows(), X->cols()))
      return made;
    return nullptr;
  });
  if (!tree) return brute_search(std::move(X), measure);
  used = Algorithm::kd_tree;
  return tree;
}

}  // namespace assay::neighbors
