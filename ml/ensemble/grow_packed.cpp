// Notation   as node_search.h; rows_[begin, begin + count): the rows of a node, ascending
// Method     1 take a node and sum it up   2 leaf?   3 draw columns and search each   4 divide the rows, those out of the bag,
//            too   5 push the children
// Departures from the paper: a node stops early by the parameters; where none of the drawn columns can split it, further
//            ones are drawn (as scikit-learn).
#include "assay/ml/ensemble/grow_packed.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace assay::ensemble {
namespace {

constexpr double kPure = 1e-9;  ///< relative: a split that gains so nearly I(S) leaves both sides pure

struct Open {
  int begin, count, depth;
  uint32_t node;
  int out_begin, out_count;  ///< its rows out of the bag
};

class Grower {
 public:
  Grower(const tree::Problem& p, const std::vector<RankedColumn>& ranks, const Bag& bag, const GrowSettings& settings,
         const Context& ctx)
      : p_(p),
        ranks_(ranks),
        settings_(settings),
        ctx_(ctx),
        rng_(ctx.rng()),
        search_(p, ranks),
        rows_(bag.rows),
        out_(bag.out) {
    columns_.resize(p.columns.size());
    std::iota(columns_.begin(), columns_.end(), 0);
    spare_.resize(std::max(rows_.size(), out_.size()));
    grown_.out.reserve(out_.size());
    grown_.decrease.assign(p.columns.size(), 0.0);
  }

  GrownTree run() {
    hold(2 * rows_.size());
    std::vector<Open> open{{0, static_cast<int>(rows_.size()), 0, add_node(), 0, static_cast<int>(out_.size())}};
    while (!open.empty()) {
      const Open at = open.back();
      open.pop_back();
      if ((++visited_ & 1023) == 0) ctx_.check_cancelled();
      search_.begin(rows_.data() + at.begin, at.count);
      const tree::NodeStats& node = search_.node();
      if (at.node == 0) total_weight_ = node.total.W;
      grown_.tree.cover[at.node] = node.total.W;
      if (is_leaf(at)) {
        make_leaf(at);
        continue;
      }
      const NodeSplit split = best_split();
      if (split.feature < 0 || node.total.W / total_weight_ * split.gain < settings_.min_gain) {
        make_leaf(at);
        continue;
      }
      grown_.decrease[static_cast<size_t>(split.feature)] += node.total.W * split.gain;
      const uint32_t left = record(at.node, split);
      const auto [count, out] = divide(at, split);
      open.push_back(
          {at.begin + count, at.count - count, at.depth + 1, left + 1, at.out_begin + out, at.out_count - out});
      open.push_back({at.begin, count, at.depth + 1, left, at.out_begin, out});
    }
    if (grown_.tree.nodes.size() < rows_.size()) hold(0);
    return std::move(grown_);
  }

 private:
  /// Memory for so many nodes; 0: for those that there are.
  void hold(size_t nodes) {
    PackedTree& t = grown_.tree;
    const auto each = [&](auto& v) { nodes > 0 ? v.reserve(nodes) : v.shrink_to_fit(); };
    each(t.nodes);
    each(t.answer);
    each(t.cover);
  }
  uint32_t add_node() {
    PackedTree& t = grown_.tree;
    t.nodes.emplace_back();
    t.answer.push_back(-1);
    t.cover.push_back(0);
    return static_cast<uint32_t>(t.nodes.size() - 1);
  }

  bool is_leaf(const Open& at) const {
    return search_.node().pure || at.count < settings_.min_split || at.count / 2 < settings_.min_leaf ||
           (settings_.max_depth && at.depth >= *settings_.max_depth);
  }

  void make_leaf(const Open& at) {
    const uint32_t id = at.node;
    for (int i = 0; i < at.out_count; ++i) grown_.out.push_back({out_[static_cast<size_t>(at.out_begin + i)], id});
    PackedTree& t = grown_.tree;
    const tree::NodeStats& node = search_.node();
    t.nodes[id] = {std::numeric_limits<double>::infinity(), id, 0, 1};
    if (p_.K == 0) {
      t.answer[id] = static_cast<int>(t.values.size());
      t.values.push_back(node.mean + node.total.s[0] / node.total.W);
    } else if (node.pure) {
      t.answer[id] =
          static_cast<int>(std::max_element(node.total.s.begin(), node.total.s.end()) - node.total.s.begin());
    } else {
      t.answer[id] = p_.K + static_cast<int>(t.values.size()) / p_.K;
      for (const double w : node.total.s) t.values.push_back(w / node.total.W);
    }
  }

  NodeSplit search(int f) {
    switch (settings_.search) {
      case SplitSearch::textbook:
        return search_.textbook(f);
      case SplitSearch::random:
        return search_.random(f, rng_);
      default:
        return search_.by_ranks(f);
    }
  }

  /// Draws columns without replacement; the order of columns_ is left as the draws made it. Of equal gains the column drawn
  /// first wins (near the leaves many separate the rows; the trees must differ there too). All columns: in their order.
  NodeSplit best_split() {
    NodeSplit best;
    const size_t d = columns_.size(), wanted = static_cast<size_t>(settings_.columns);
    for (size_t j = 0; j < d; ++j) {
      if (j >= wanted && best.feature >= 0) break;
      if (wanted < d || settings_.search == SplitSearch::random)
        std::swap(columns_[j], columns_[j + rng_.below(d - j)]);
      take_better(best, search(columns_[j]), search_.node().impurity);
      if (best.feature >= 0 && best.gain >= (1 - kPure) * search_.node().impurity) break;  // no other gains more
    }
    return best;
  }

  uint32_t record(uint32_t id, const NodeSplit& split) {
    const uint32_t left = add_node();
    add_node();
    PackedTree& t = grown_.tree;
    PackedNode& node = t.nodes[id];
    node.child = left;
    node.feature = static_cast<uint32_t>(split.feature) & 0x7fffffffu;
    node.default_left = split.default_left;
    node.threshold = split.threshold;
    if (p_.columns[static_cast<size_t>(split.feature)].categorical()) {
      node.threshold = static_cast<double>(t.set_begin.size() - 1);
      t.level.insert(t.level.end(), split.against.begin(), split.against.end());
      t.set_begin.push_back(static_cast<int>(t.level.size()));
    }
    return left;
  }

  /// Left rows first, both in their order; the number of left rows.
  template <class GoesLeft>
  int divide_by(int* rows, int count, const GoesLeft& goes_left) {
    int kept = 0, others = 0;
    for (int i = 0; i < count; ++i) {
      const int row = rows[i];
      const int left = goes_left(row);
      rows[kept] = row;
      spare_[static_cast<size_t>(others)] = row;
      kept += left;
      others += 1 - left;
    }
    std::copy_n(spare_.begin(), others, rows + kept);
    return kept;
  }

  struct Divided {
    int rows, out;
  };
  /// The bag, and the rows out of it.
  Divided divide(const Open& at, const NodeSplit& split) {
    const size_t f = static_cast<size_t>(split.feature);
    const double* x = p_.X.col(split.feature).data();
    int *rows = rows_.data() + at.begin, *out = out_.data() + at.out_begin;
    if (p_.columns[f].categorical()) {
      const int id = static_cast<int>(at.node), left = static_cast<int>(grown_.tree.nodes[at.node].child);
      const auto goes_left = [&](int row) { return grown_.tree.child(id, x[row], true) == left; };
      return {divide_by(rows, at.count, goes_left), divide_by(out, at.out_count, goes_left)};
    }
    const double t = split.threshold;
    const bool otherwise = split.default_left;
    if (settings_.search == SplitSearch::random) {
      const auto by_cell = [=](int row) { return (x[row] <= t) | ((x[row] != x[row]) & otherwise); };
      return {divide_by(rows, at.count, by_cell), divide_by(out, at.out_count, by_cell)};
    }
    return ranks_[f].with_ranks([&](const auto* ranks) -> Divided {
      const uint32_t none = static_cast<uint32_t>(ranks_[f].distinct()), cut = last_left_rank(split);
      if (!ranks_[f].missing) {
        const auto by_rank = [=](int row) { return ranks[row] <= cut; };
        return {divide_by(rows, at.count, by_rank), divide_by(out, at.out_count, by_rank)};
      }
      const auto by_rank = [=](int row) { return ranks[row] == none ? otherwise : ranks[row] <= cut; };
      return {divide_by(rows, at.count, by_rank), divide_by(out, at.out_count, by_rank)};
    });
  }

  /// Rows out of the bag may have ranks between the two of the node that the threshold parts.
  uint32_t last_left_rank(const NodeSplit& split) const {
    const std::vector<double>& x = ranks_[static_cast<size_t>(split.feature)].value;
    const auto first = x.begin() + split.cut + 1, last = x.begin() + std::max(split.cut + 1, split.next);
    return static_cast<uint32_t>(std::upper_bound(first, last, split.threshold) - x.begin()) - 1;
  }

  const tree::Problem& p_;
  const std::vector<RankedColumn>& ranks_;
  const GrowSettings& settings_;
  const Context& ctx_;
  Rng rng_;
  NodeSearch search_;
  std::vector<int> rows_, out_, spare_, columns_;
  GrownTree grown_;
  double total_weight_ = 0;
  int visited_ = 0;
};

}  // namespace

GrownTree grow_packed(const tree::Problem& p, const std::vector<RankedColumn>& ranks, const Bag& bag,
                      const GrowSettings& settings, const Context& ctx) {
  return Grower(p, ranks, bag, settings, ctx).run();
}

}  // namespace assay::ensemble
