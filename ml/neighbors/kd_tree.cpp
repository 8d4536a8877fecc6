// ml/neighbors/kd_tree.cpp
// Notation   q query; lo, hi: the tight box around a part's points; limit: reduced distance of the k-th nearest so far; child: a
//            part inside a node, a smaller node or a leaf
// Method     build   kd_partition.h; each node takes as its children all largest parts with a sixteenth of its leaves, so that
//                    few levels are left; boxes of children, and points of leaves, side by side in sixteens
//            query   1 measure the boxes of a node's children; those within the limit wait, the nearest on top   2 go to the one
//                    on top: a node, back to 1; a leaf, measure its points   3 skip what the limit has left behind
// Departures from the paper: [Friedman1977] walk a binary tree, where a query waits for every comparison; sixteen boxes at once cost
//            little more than two. The bound is the distance to the tight box of the part, not to the cell of the partition
//            ("bounds overlap ball"): tighter, and exact. A point's coordinates differ from q's by at least the box's gaps, and
//            rounding is monotone, so the computed distance to the box is never above the computed distance to a point in
//            it: nothing that belongs to the answer is cut off, not even a tie.
#include <array>
#include <bit>
#include <limits>

#include "assay/ml/neighbors/distance.h"
#include "assay/ml/neighbors/kd_partition.h"
#include "assay/ml/neighbors/search.h"

namespace assay::neighbors {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Index kTreeRows = 512, kTreeColumns = 40;  // outside brute force is never slower by much
constexpr Index kAsked = 24;
constexpr int kLeaf = 3 * kBlock;  // points
constexpr Index kWorthOrder = 64;
constexpr double kGuess =
    2;  // a query's limit at first, over the last one's at the end; where too small, once more without
constexpr size_t kLevels = 8;  // of nodes: each has a sixteenth of the leaves of the one above

// Boxes or points that are measured together.
constexpr unsigned first_lanes(int count) { return (1U << count) - 1; }

template <class Metric>
class KdTree final : public Search {
 public:
  explicit KdTree(const Matrix& X) : d_(X.cols()), tree_(kd_partition(X, kLeaf)) {
    leaves_.assign(tree_.nodes.size(), 1);  // children stand behind their parents
    for (size_t node = tree_.nodes.size(); node-- > 0;)
      if (const int right = tree_.nodes[node].right; right >= 0)
        leaves_[node] = leaves_[node + 1] + leaves_[static_cast<size_t>(right)];
    points_.reserve(static_cast<size_t>(leaves_[0]) * static_cast<size_t>(d_) * kLeaf);
    rows_.reserve(static_cast<size_t>(leaves_[0]) * kLeaf);
    int unit = 1;
    while (unit < leaves_[0]) unit *= kBlock;
    root_ = add_child(X, 0, unit);
    leaves_ = {};
    tree_ = {};
  }

  /// Queries near each other are asked one after the other: they visit the same leaves, within about the same distance.
  void nearest(const Matrix& queries, Index begin, Index end, int k, Neighbor* out) const override {
    NearestList list(k);
    OpenParts open(1 + kLevels * widest_);
    const auto ask = [&](Index i) {
      const double guess = list.full() ? kGuess * list.limit() : kInfinity;
      list.clear(guess);
      query(queries.row(begin + i).data(), list, open);
      if (!list.full()) {
        list.clear();
        query(queries.row(begin + i).data(), list, open);
      }
      std::copy(list.items().begin(), list.items().end(), out + i * k);
    };
    if (end - begin < kWorthOrder) {
      for (Index i = 0; i < end - begin; ++i) ask(i);
    } else {
      const Matrix some = queries.middleRows(begin, end - begin);
      for (const int i : kd_partition(some, kBlock).rows) ask(i);
    }
  }

  Index asked_at_once() const override { return 4096; }

  /// Leaves that some rows of X visit, a row.
  double leaves_visited(const Matrix& X, int k) const {
    NearestList list(k);
    OpenParts open(1 + kLevels * widest_);
    const Index count = std::min(kAsked, X.rows());
    long leaves = 0;
    for (Index i = 0; i < count; ++i) {
      list.clear();
      leaves += query(X.row(i * X.rows() / count).data(), list, open);
    }
    return static_cast<double>(leaves) / static_cast<double>(count);
  }

 private:
  struct Node {
    int first = 0, blocks = 0;  // of boxes
  };
  struct Open {
    double bound;
    int child;
  };
  /// The parts that wait: those of a node by falling bound.
  struct OpenParts {
    std::vector<Open> item;
    size_t count = 0;
    explicit OpenParts(size_t most) : item(most) {}
    void insert(size_t below, Open part) {
      size_t at = count++;
      for (; at > below && item[at - 1].bound < part.bound; --at) item[at] = item[at - 1];
      item[at] = part;
    }
  };

  /// The part below a node of the partition, of up to `unit` leaves: a leaf's number, or ~ a node's.
  int add_child(const Matrix& X, size_t part, int unit) {
    const KdPartition::Node& here = tree_.nodes[part];
    if (here.leaf()) return add_leaf(X, here);
    unit /= kBlock;
    while (unit >= leaves_[part]) unit /= kBlock;
    std::vector<size_t> parts;
    collect(part, unit, parts);
    widest_ = std::max(widest_, parts.size());
    const auto node = nodes_.size();
    const auto first = children_.size() / kBlock, blocks = (parts.size() + kBlock - 1) / kBlock;
    nodes_.push_back({static_cast<int>(first), static_cast<int>(blocks)});
    children_.resize((first + blocks) * kBlock);
    lanes_.resize(first + blocks, 0);
    boxes_.resize((first + blocks) * box_size(), 0.0);
    for (size_t c = 0; c < parts.size(); ++c) {
      const size_t block = first + c / kBlock, lane = c % kBlock;
      double* boxes = boxes_.data() + block * box_size() + lane;
      for (Index f = 0; f < d_; ++f) {
        boxes[f * kBlock] = tree_.low(parts[c])[f];
        boxes[(d_ + f) * kBlock] = tree_.high(parts[c])[f];
      }
      ++lanes_[block];
      const int child = add_child(X, parts[c], unit);
      children_[block * kBlock + lane] = child;
    }
    return ~static_cast<int>(node);
  }
  void collect(size_t part, int unit, std::vector<size_t>& parts) const {
    if (leaves_[part] <= unit) {
      parts.push_back(part);
      return;
    }
    collect(part + 1, unit, parts);
    collect(static_cast<size_t>(tree_.nodes[part].right), unit, parts);
  }
  /// Copies a leaf's points, block by block, coordinate by coordinate.
  int add_leaf(const Matrix& X, const KdPartition::Node& part) {
    const size_t number = filled_.size(), at = points_.size();
    points_.resize(at + static_cast<size_t>(d_) * kLeaf, 0.0);
    rows_.resize((number + 1) * kLeaf);
    std::copy_n(tree_.rows.begin() + part.begin, part.count,
                rows_.begin() + static_cast<std::ptrdiff_t>(number * kLeaf));
    filled_.push_back(part.count);
    for (int j = 0; j < part.count; ++j) {
      const double* x = X.row(tree_.rows[static_cast<size_t>(part.begin + j)]).data();
      double* out = points_.data() + at + static_cast<size_t>(j / kBlock * d_ * kBlock + j % kBlock);
      for (Index f = 0; f < d_; ++f) out[f * kBlock] = x[f];
    }
    return static_cast<int>(number);
  }
  size_t box_size() const { return 2 * static_cast<size_t>(d_) * kBlock; }

  BlockDistances distances_to_boxes(const double* q, const double* boxes) const {
    BlockDistances total = BlockDistances::Zero();
    for (Index f = 0; f < d_; ++f) {
      const Eigen::Map<const BlockDistances> lo(boxes + f * kBlock), hi(boxes + (d_ + f) * kBlock);
      Metric{}.add(total, (lo - q[f]).max(q[f] - hi).max(0.0));
    }
    return total;
  }

  void measure_leaf(const double* q, size_t number, NearestList& list) const {
    const double* points = points_.data() + number * static_cast<size_t>(d_) * kLeaf;
    const int* rows = rows_.data() + number * kLeaf;
    for (int left = filled_[number]; left > 0; left -= kBlock, rows += kBlock, points += d_ * kBlock) {
      const BlockDistances distance = distances_to_block(Metric{}, q, points, d_);
      for (unsigned near = within(distance, list.limit()) & first_lanes(std::min(left, kBlock)); near != 0;
           near &= near - 1) {
        const int j = std::countr_zero(near);
        list.offer({distance.data()[j], rows[j]});
      }
    }
  }

  /// Step 1.
  void open_node(const double* q, const Node& node, double limit, OpenParts& open) const {
    const size_t below = open.count;
    for (int b = node.first; b < node.first + node.blocks; ++b) {
      const auto block = static_cast<size_t>(b);
      const BlockDistances bound = distances_to_boxes(q, boxes_.data() + block * box_size());
      const int* children = children_.data() + block * kBlock;
      for (unsigned near = within(bound, limit) & first_lanes(lanes_[block]); near != 0; near &= near - 1) {
        const int j = std::countr_zero(near);
        open.insert(below, {bound.data()[j], children[j]});
      }
    }
  }

  /// How many leaves were measured.
  long query(const double* q, NearestList& list, OpenParts& open) const {
    long leaves = 0;
    open.count = 0;
    open.insert(0, {0, root_});
    while (open.count > 0) {
      const Open next = open.item[--open.count];
      if (next.bound > list.limit()) continue;
      if (next.child < 0) {
        open_node(q, nodes_[static_cast<size_t>(~next.child)], list.limit(), open);
      } else {
        measure_leaf(q, static_cast<size_t>(next.child), list);
        ++leaves;
      }
    }
    return leaves;
  }

  Index d_;
  KdPartition tree_;         ///< while building, as the next
  std::vector<int> leaves_;  ///< below each part
  int root_ = 0;
  size_t widest_ = 0;  ///< most children of a node
  std::vector<Node> nodes_;
  std::vector<int> children_;   ///< of each block of boxes
  std::vector<int> lanes_;      ///< of each block of boxes, how many
  std::vector<double> boxes_;   ///< low corners, coordinate by coordinate, then high ones
  std::vector<double> points_;  ///< of each leaf, coordinate by coordinate
  std::vector<int> rows_;       ///< their numbers
  std::vector<int> filled_;     ///< of each leaf, how many
};

/// Nanoseconds a query, measured with AVX-512; only their ratio matters.
double tree_cost(double leaves, Index d) { return leaves * (110 + 2.5 * static_cast<double>(d)); }
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
