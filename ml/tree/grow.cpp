// ml/tree/grow.cpp
// Notation   as split.cpp; rows_[begin, begin + count) are the rows of a node, ascending; every sorted list has the
//            node's entries at the same places
// Method     1 take a node   2 leaf? (pure, too deep, too few rows)   3 best split   4 send its rows left and right
//            5 divide the lists for the children that go on, and their tables of counts (counted.h)
//            With max-leaves the node taken is the one whose split lowers the tree's impurity most (W G), until there are
//            as many leaves; equal ones: the one made first. The nodes are numbered anew at the end, depth first.
// Departures from the paper: growing may be stopped early by the parameters; [Breiman1984] grow to the end and prune
// (prune.h). Growing best first is not theirs: [Friedman2000] use it for trees of a given size.
#include "assay/ml/tree/grow.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "assay/core/grain.h"
#include "assay/ml/tree/cut.h"
#include "assay/ml/tree/node_list.h"
#include "assay/ml/tree/search.h"
#include "assay/ml/tree/small_search.h"

namespace assay::tree {
namespace {

struct Node {
  int begin = 0, depth = 0, parent = -1;
  bool is_left = false, final = false;
  NodeStats stats;
  std::vector<int> tables;  ///< counts of the counted columns, where they are kept
  int count() const { return stats.total.rows; }
};

/// A node whose best split is known, waiting for its turn.
struct Waiting {
  Node node;
  int id = 0;
  Split split;
  std::vector<double> gains;
  double decrease() const { return node.stats.total.W * split.gain; }
  friend bool operator<(const Waiting& a, const Waiting& b) {  // the greatest is taken first
    return a.decrease() != b.decrease() ? a.decrease() < b.decrease() : a.id > b.id;
  }
};

struct SplitStep {
  static constexpr const char* kind = "split";
  static constexpr const char* title = "choose the split of greatest gain G (1)";
  static constexpr const char* source = "ml/tree/split.cpp:choose_split";
  int node, depth;
  const Node& at;
  const Split& split;
  const std::vector<double>& gains;
  const std::vector<Column>& columns;
  std::string why;
  static void fields(const SplitStep& s, auto&& field) {
    field("node", s.node, "number of the node, in the order they are made; root 0");
    field("depth", s.depth, "questions asked before this one");
    field("n", s.at.count(), "training rows in the node");
    field("W", s.at.stats.total.W, "their weight");
    field("I(S)", s.at.stats.impurity, "impurity of the node");
    field("G_f", s.gains, "best gain of each column; -1: it cannot split the node");
    field("f", s.columns[static_cast<size_t>(s.split.feature)].name, "the column that is chosen");
    field("t", s.split.threshold, "threshold: x <= t goes left (columns without levels)");
    field("against", std::vector<double>(s.split.against.begin(), s.split.against.end()),
          "levels that do not go the default way");
    field("default", s.split.default_left ? "left" : "right", "where a missing cell goes");
    field("G", s.split.gain, "gain: I(S) - W_L/W I(S_L) - W_R/W I(S_R)");
    if (s.split.ratio > 0) field("G/H", s.split.ratio, "gain ratio: G / (- sum over sides W_s/W log2 W_s/W)");
  }
};

class Grower {
 public:
  Grower(const Problem& p, const std::vector<int>& rows, const TreeParams& params, const Context& ctx, Search search)
      : p_(p),
        params_(params),
        ctx_(ctx),
        textbook_(search == Search::textbook),
        nodes_(p, greatest_leaves(params, rows.size())) {
    for (const int row : rows)
      if (p.w(row) > 0) rows_.push_back(row);
    if (!textbook_) {
      if (p.K == 0 || FastSearch::counts_classes(p)) counted_ = CountedColumns(p, rows_, ctx.threads);
      search_.emplace(p, counted_);
      if (SmallSearch::serves(p) && params.min_gain == 0 && !ctx.trace) small_.emplace(p, counted_);
      sort_columns();
    }
    side_.resize(static_cast<size_t>(p.X.rows()));
    left_rows_.resize(rows_.size());
    right_rows_.resize(rows_.size());
  }

  TreeNodes run() {
    if (params_.max_leaves)
      best_first();
    else
      depth_first();
    TreeNodes nodes = nodes_.take();
    if (params_.max_leaves) return cut(nodes, {});
    return nodes;
  }

 private:
  void depth_first() {
    std::vector<Node> open{root()};
    while (!open.empty()) {
      ctx_.check_cancelled();
      Node node = std::move(open.back());
      open.pop_back();
      const int id = add(node);
      if (node.final) continue;
      if (small_ && node.count() <= SmallSearch::kRows && begin_small(node)) {
        finish(node.stats, node.depth, id, small_->all(), 0);
        continue;
      }
      std::vector<double> gains;
      const Split split = best_split(node, gains);
      if (!worth_it(node, split)) continue;
      auto [left, right] = take(node, id, split, gains);
      open.push_back(std::move(right));
      open.push_back(std::move(left));
    }
  }

  bool begin_small(const Node& node) { return small_->begin(rows_.data() + node.begin, node.count(), lists_of(node)); }

  /// Everything below a node of few rows; `level` counts from the first of them.
  void finish(const NodeStats& stats, int depth, int id, const SmallSearch::Set& set, size_t level) {
    const SmallSearch::Cut cut = small_->best(stats, set);
    if (cut.f < 0) return;
    if (cut.below >= 0)
      nodes_.record(id, cut.f, cut.default_left, cut.below, cut.above);
    else
      nodes_.record(id,
                    {.feature = cut.f, .threshold = cut.threshold, .default_left = cut.default_left, .against = {}});
    auto& [left, right] = small_stats_[level];
    small_->stats(cut.left, left);
    small_->stats(set.rows & ~cut.left, right);
    const bool left_final = is_leaf(left, depth + 1), right_final = is_leaf(right, depth + 1);
    std::pair<SmallSearch::Set, SmallSearch::Set> sides;
    if (!left_final || !right_final)
      sides = small_->divide(set, cut.left, left_final ? Keep::right : right_final ? Keep::left : Keep::both);
    const int left_id = nodes_.add(left, id, true);
    if (!left_final) finish(left, depth + 1, left_id, sides.first, level + 1);
    const int right_id = nodes_.add(right, id, false);
    if (!right_final) finish(right, depth + 1, right_id, sides.second, level + 1);
  }

  static size_t greatest_leaves(const TreeParams& params, size_t n) {
    size_t leaves = n;
    if (params.max_leaves) leaves = std::min(leaves, static_cast<size_t>(*params.max_leaves));
    if (params.max_depth && *params.max_depth < 30) leaves = std::min(leaves, size_t{1} << *params.max_depth);
    return leaves;
  }

  void best_first() {
    std::vector<Waiting> open;  // a heap
    consider(root(), open);
    for (int leaves = 1; leaves < *params_.max_leaves && !open.empty(); ++leaves) {
      ctx_.check_cancelled();
      std::pop_heap(open.begin(), open.end());
      Waiting best = std::move(open.back());
      open.pop_back();
      auto [left, right] = take(best.node, best.id, best.split, best.gains);
      consider(std::move(left), open);
      consider(std::move(right), open);
    }
  }

  void consider(Node node, std::vector<Waiting>& open) {
    Waiting w{std::move(node), 0, {}, {}};
    w.id = add(w.node);
    if (w.node.final) return;
    w.split = best_split(w.node, w.gains);
    if (!worth_it(w.node, w.split)) return;
    open.push_back(std::move(w));
    std::push_heap(open.begin(), open.end());
  }

  /// Makes the split.
  std::pair<Node, Node> take(Node& node, int id, const Split& split, const std::vector<double>& gains) {
    ctx_.trace.step([&] { return SplitStep{id, node.depth, node, split, gains, p_.columns, why(split, gains)}; });
    nodes_.record(id, split);
    auto both = children(node, id, split);
    if (!both.first.final || !both.second.final) {
      count_tables(node, both.first, both.second);
      divide_rows(node, split, both.first, both.second);
    }
    return both;
  }

  void sort_columns() {
    lists_.resize(p_.columns.size());
    parallel_for(ctx_.threads, static_cast<Index>(lists_.size()), grain_of(p_.X.rows()), [&](Index begin, Index end) {
      for (Index f = begin; f < end; ++f)
        if (!p_.columns[static_cast<size_t>(f)].categorical() && !counted_.has(static_cast<int>(f)))
          lists_[static_cast<size_t>(f)] = sort_column(p_.X.col(f).data(), rows_);
    });
  }

  Node root() {
    Node node;
    node.stats = node_stats(p_, rows_.data(), static_cast<int>(rows_.size()));
    node.final = is_leaf(node.stats, node.depth);
    total_weight_ = node.stats.total.W;
    if (!node.final && counted_.worth_keeping(node.count())) node.tables = tables_of(rows_, node.count());
    return node;
  }

  bool is_leaf(const NodeStats& node, int depth) const {
    return node.pure || node.total.rows < params_.min_split || node.total.rows / 2 < params_.min_leaf ||
           (params_.max_depth && depth >= *params_.max_depth);
  }

  int add(const Node& node) { return nodes_.add(node.stats, node.parent, node.is_left); }

  /// `gains` is filled where somebody watches.
  Split best_split(const Node& node, std::vector<double>& gains) {
    const int* rows = rows_.data() + node.begin;
    std::vector<double>* wanted = ctx_.trace ? &gains : nullptr;
    if (textbook_) return tree::best_split(p_, node.stats, rows, node.count(), wanted);
    return search_->best_split(node.stats, lists_of(node), node.tables.empty() ? nullptr : node.tables.data(), rows,
                               node.count(), ctx_.threads, wanted);
  }

  const std::vector<const Entry*>& lists_of(const Node& node) {
    node_lists_.assign(lists_.size(), nullptr);
    for (size_t f = 0; f < lists_.size(); ++f)
      if (!lists_[f].empty()) node_lists_[f] = lists_[f].data() + node.begin;
    return node_lists_;
  }

  std::string why(const Split& split, const std::vector<double>& gains) const {
    double second = -1;
    size_t runner_up = 0;
    for (size_t f = 0; f < gains.size(); ++f)
      if (static_cast<int>(f) != split.feature && gains[f] > second) {
        second = gains[f];
        runner_up = f;
      }
    const std::string name = p_.columns[static_cast<size_t>(split.feature)].name;
    if (second < 0) return name + " is the only column that can split this node";
    if (p_.criterion == Criterion::gain_ratio)
      return name + " has the greatest gain ratio among the columns whose gain is at least the average";
    if (second >= split.gain - kTie)
      return name + " gains as much as " + p_.columns[runner_up].name + " and comes first";
    return name + " gains most; " + p_.columns[runner_up].name + " is next";
  }

  bool worth_it(const Node& node, const Split& split) const {
    return split.feature >= 0 && node.stats.total.W / total_weight_ * split.gain >= params_.min_gain;
  }

  /// Marks the side of each row, and lists the rows of both in their order.
  template <class GoesLeft>
  void send_rows(const Node& node, const GoesLeft& goes_left) {
    const int n = node.count();
    const int* rows = rows_.data() + node.begin;
    int *to_left = left_rows_.data(), *to_right = right_rows_.data();
    for (int i = 0; i < n; ++i) {  // both writes, one of which counts: no branch to mispredict
      const int row = rows[i];
      const bool left = goes_left(row);
      side_[static_cast<size_t>(row)] = left;
      *to_left = *to_right = row;
      to_left += left;
      to_right += !left;
    }
    n_left_ = static_cast<int>(to_left - left_rows_.data());
  }

  void send_rows(const Node& node, const Split& split) {
    const double* x = p_.X.col(split.feature).data();
    const double t = split.threshold;
    if (p_.columns[static_cast<size_t>(split.feature)].categorical())
      send_rows(node, [&](int row) {
        if (std::isnan(x[row])) return split.default_left;
        const int level = static_cast<int>(x[row]);
        return split.default_left != std::binary_search(split.against.begin(), split.against.end(), level);
      });
    else if (counted_.has(split.feature))
      send_counted(node, split);
    else if (split.default_left)
      send_rows(node, [x, t](int row) { return !(x[row] > t); });  // a missing cell too
    else
      send_rows(node, [x, t](int row) { return x[row] <= t; });
  }

  void send_counted(const Node& node, const Split& split) {
    const uint8_t* rank = counted_.ranks(split.feature);
    const int cut = counted_.ranks_left(split.feature, split.threshold), missing = counted_.distinct(split.feature);
    if (split.default_left && counted_.missing(split.feature))
      send_rows(node, [=](int row) { return (rank[row] < cut) | (rank[row] == missing); });
    else
      send_rows(node, [=](int row) { return rank[row] < cut; });
  }

  /// Sends the rows and sums the children up, in the order of the rows.
  std::pair<Node, Node> children(const Node& node, int id, const Split& split) {
    send_rows(node, split);
    Node l, r;
    l.begin = r.begin = node.begin;
    l.depth = r.depth = node.depth + 1;
    l.parent = r.parent = id;
    l.is_left = true;
    node_stats(p_, left_rows_.data(), n_left_, l.stats);
    node_stats(p_, right_rows_.data(), node.count() - n_left_, r.stats);
    l.final = is_leaf(l.stats, l.depth);
    r.final = is_leaf(r.stats, r.depth);
    if (!l.final && !r.final) r.begin += l.count();
    return {std::move(l), std::move(r)};
  }

  std::vector<int> tables_of(const std::vector<int>& rows, int count) const {
    std::vector<int> tables(counted_.cells(), 0);
    counted_.count_all(rows.data(), count, tables.data(), ctx_.threads);
    return tables;
  }

  /// Tables of the children that keep them: the smaller is counted, the larger is the parent less the smaller.
  void count_tables(Node& node, Node& left, Node& right) {
    if (node.tables.empty()) return;
    const bool left_smaller = left.count() <= right.count();
    Node &small = left_smaller ? left : right, &large = left_smaller ? right : left;
    const auto keeps = [&](const Node& n) { return !n.final && counted_.worth_keeping(n.count()); };
    if (!keeps(small) && !keeps(large)) return;
    std::vector<int> counted = tables_of(left_smaller ? left_rows_ : right_rows_, small.count());
    if (keeps(large)) {
      large.tables = std::move(node.tables);
      for (size_t j = 0; j < counted.size(); ++j) large.tables[j] -= counted[j];
    }
    if (keeps(small)) small.tables = std::move(counted);
  }

  /// Rows and lists of the children that go on; a final child needs none.
  void divide_rows(const Node& node, const Split& split, const Node& left, const Node& right) {
    const Keep keep = left.final ? Keep::right : right.final ? Keep::left : Keep::both;
    int* rows = rows_.data() + node.begin;
    if (keep != Keep::right) rows = std::copy_n(left_rows_.begin(), n_left_, rows);
    if (keep != Keep::left) std::copy_n(right_rows_.begin(), node.count() - n_left_, rows);
    const Index d = static_cast<Index>(lists_.size());
    const auto divide_list = [&](Index f, std::vector<Entry>& spare) {
      std::vector<Entry>& list = lists_[static_cast<size_t>(f)];
      if (list.empty() || constant(list.data() + node.begin, node.count())) return;  // a constant part stays one
      if (f == split.feature && keep != Keep::right &&
          list[static_cast<size_t>(node.begin + node.count() - 1)].rank != kMissing)
        return;  // it is in two parts already
      divide(list.data() + node.begin, node.count(), side_.data(), keep, spare, [](const Entry& e) { return e.row; });
    };
    if (static_cast<Index>(node.count()) * d < kParallelSteps) {
      for (Index f = 0; f < d; ++f) divide_list(f, spare_);
      return;
    }
    parallel_for(ctx_.threads, d, 1, [&](Index begin, Index end) {
      std::vector<Entry> spare;
      for (Index f = begin; f < end; ++f) divide_list(f, spare);
    });
  }

  static bool constant(const Entry* list, int count) { return list[0].rank == list[count - 1].rank; }

  const Problem& p_;
  const TreeParams& params_;
  const Context& ctx_;
  bool textbook_;
  CountedColumns counted_;
  std::optional<FastSearch> search_;
  std::optional<SmallSearch> small_;
  NodeList nodes_;
  std::vector<std::array<NodeStats, 2>> small_stats_ = std::vector<std::array<NodeStats, 2>>(SmallSearch::kRows);
  double total_weight_ = 0;
  std::vector<int> rows_, left_rows_, right_rows_;
  int n_left_ = 0;                         ///< rows in left_rows_; the node's others are in right_rows_
  std::vector<std::vector<Entry>> lists_;  ///< of numeric columns; empty for the others
  std::vector<const Entry*> node_lists_;
  std::vector<Entry> spare_;
  std::vector<uint8_t> side_;
};

}  // namespace

TreeNodes grow(const Problem& p, const TreeParams& params, const Context& ctx, Search search) {
  std::vector<int> rows(static_cast<size_t>(p.X.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  return Grower(p, rows, params, ctx, search).run();
}

TreeNodes grow_on(const std::vector<int>& rows, const Problem& p, const TreeParams& params, const Context& ctx) {
  return Grower(p, rows, params, ctx, Search::presorted).run();
}

}  // namespace assay::tree
