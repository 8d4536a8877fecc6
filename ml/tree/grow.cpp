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
#include <cmath>
#include <numeric>

#include "assay/ml/tree/cut.h"
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
      : p_(p), params_(params), ctx_(ctx), textbook_(search == Search::textbook) {
    nodes_.outputs = p.sums();
    hold_nodes(rows.size());
    for (const int row : rows)
      if (p.w(row) > 0) rows_.push_back(row);
    if (!textbook_) {
      if (FastSearch::counts_classes(p)) counted_ = CountedColumns(p, rows_, ctx.threads);
      search_.emplace(p, counted_);
      if (SmallSearch::serves(p) && params.min_gain == 0 && !ctx.trace) small_.emplace(p, counted_);
      sort_columns();
    }
    side_.resize(static_cast<size_t>(p.X.rows()));
  }

  TreeNodes run() {
    if (params_.max_leaves)
      best_first();
    else
      depth_first();
    name_levels();
    return params_.max_leaves ? cut(nodes_, {}) : std::move(nodes_);
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
        finish(node, id, small_->all());
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

  /// Everything below a node of few rows.
  void finish(const Node& node, int id, const SmallSearch::Set& set) {
    const SmallSearch::Cut cut = small_->best(node.stats, set);
    if (cut.split.feature < 0) return;
    record(id, cut.split);
    const auto [left, right] = small_->divide(set, cut.left);
    for (const SmallSearch::Set* side : {&left, &right}) {
      Node child;
      child.depth = node.depth + 1;
      child.parent = id;
      child.is_left = side == &left;
      child.stats = node_stats(p_, small_->rows_of(*side).data(), side->count());
      child.final = is_leaf(child);
      const int child_id = add(child);
      if (!child.final) finish(child, child_id, *side);
    }
  }

  /// Memory for as many nodes as n rows can make.
  void hold_nodes(size_t n) {
    size_t leaves = n;
    if (params_.max_leaves) leaves = std::min(leaves, static_cast<size_t>(*params_.max_leaves));
    if (params_.max_depth && *params_.max_depth < 30) leaves = std::min(leaves, size_t{1} << *params_.max_depth);
    const auto hold = [&](auto&... all) { (all.reserve(2 * leaves), ...); };
    hold(nodes_.feature, nodes_.threshold, nodes_.left, nodes_.right, nodes_.default_left, nodes_.cover,
         nodes_.impurity, nodes_.rows, against_);
    nodes_.value.reserve(2 * leaves * static_cast<size_t>(nodes_.outputs));
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
    record(id, split);
    auto both = children(node, id, split);
    if (!both.first.final || !both.second.final) {
      count_tables(node, both.first, both.second);
      divide_rows(node, both.first, both.second);
    }
    return both;
  }

  void sort_columns() {
    lists_.resize(p_.columns.size());
    parallel_for(ctx_.threads, static_cast<Index>(lists_.size()), 1, [&](Index begin, Index end) {
      for (Index f = begin; f < end; ++f)
        if (!p_.columns[static_cast<size_t>(f)].categorical() && !counted_.has(static_cast<int>(f)))
          lists_[static_cast<size_t>(f)] = sort_column(p_.X.col(f).data(), rows_);
    });
  }

  Node root() {
    Node node;
    node.stats = node_stats(p_, rows_.data(), static_cast<int>(rows_.size()));
    node.final = is_leaf(node);
    total_weight_ = node.stats.total.W;
    if (!node.final && counted_.worth_keeping(node.count())) node.tables = tables_of(rows_);
    return node;
  }

  bool is_leaf(const Node& node) const {
    return node.stats.pure || node.count() < params_.min_split || node.count() / 2 < params_.min_leaf ||
           (params_.max_depth && node.depth >= *params_.max_depth);
  }

  int add(const Node& node) {
    const int id = nodes_.size();
    if (node.parent >= 0) (node.is_left ? nodes_.left : nodes_.right)[static_cast<size_t>(node.parent)] = id;
    nodes_.feature.push_back(-1);
    nodes_.threshold.push_back(0);
    nodes_.left.push_back(-1);
    nodes_.right.push_back(-1);
    nodes_.default_left.push_back(false);
    const Sums& total = node.stats.total;
    if (p_.K > 0)
      for (const double w : total.s) nodes_.value.push_back(w / total.W);
    else
      nodes_.value.push_back(node.stats.mean + total.s[0] / total.W);
    nodes_.cover.push_back(total.W);
    nodes_.impurity.push_back(node.stats.impurity);
    nodes_.rows.push_back(total.rows);
    against_.emplace_back();
    return id;
  }

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

  void record(int id, const Split& split) {
    const size_t i = static_cast<size_t>(id);
    nodes_.feature[i] = split.feature;
    nodes_.threshold[i] = split.threshold;
    nodes_.default_left[i] = split.default_left;
    against_[i] = split.against;
  }

  /// The levels of all nodes, one after another.
  void name_levels() {
    for (const std::vector<int>& levels : against_) {
      nodes_.level.insert(nodes_.level.end(), levels.begin(), levels.end());
      nodes_.level_begin.push_back(static_cast<int>(nodes_.level.size()));
    }
  }

  /// Marks the side of each row, and lists the rows of both in their order.
  template <class GoesLeft>
  void send_rows(const Node& node, const GoesLeft& goes_left) {
    const size_t n = static_cast<size_t>(node.count());
    const int* rows = rows_.data() + node.begin;
    left_rows_.resize(n);
    right_rows_.resize(n);
    int *to_left = left_rows_.data(), *to_right = right_rows_.data();
    for (size_t i = 0; i < n; ++i) {  // both writes, one of which counts: no branch to mispredict
      const int row = rows[i];
      const bool left = goes_left(row);
      side_[static_cast<size_t>(row)] = left;
      *to_left = *to_right = row;
      to_left += left;
      to_right += !left;
    }
    left_rows_.resize(static_cast<size_t>(to_left - left_rows_.data()));
    right_rows_.resize(static_cast<size_t>(to_right - right_rows_.data()));
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
    l.stats = node_stats(p_, left_rows_.data(), static_cast<int>(left_rows_.size()));
    r.stats = node_stats(p_, right_rows_.data(), static_cast<int>(right_rows_.size()));
    l.final = is_leaf(l);
    r.final = is_leaf(r);
    if (!l.final && !r.final) r.begin += l.count();
    return {std::move(l), std::move(r)};
  }

  std::vector<int> tables_of(const std::vector<int>& rows) const {
    std::vector<int> tables(counted_.cells(), 0);
    counted_.count_all(rows.data(), static_cast<int>(rows.size()), tables.data(), ctx_.threads);
    return tables;
  }

  /// Tables of the children that keep them: the smaller is counted, the larger is the parent less the smaller.
  void count_tables(Node& node, Node& left, Node& right) {
    if (node.tables.empty()) return;
    const bool left_smaller = left.count() <= right.count();
    Node &small = left_smaller ? left : right, &large = left_smaller ? right : left;
    const auto keeps = [&](const Node& n) { return !n.final && counted_.worth_keeping(n.count()); };
    if (!keeps(small) && !keeps(large)) return;
    std::vector<int> counted = tables_of(left_smaller ? left_rows_ : right_rows_);
    if (keeps(large)) {
      large.tables = std::move(node.tables);
      for (size_t j = 0; j < counted.size(); ++j) large.tables[j] -= counted[j];
    }
    if (keeps(small)) small.tables = std::move(counted);
  }

  /// Rows and lists of the children that go on; a final child needs none.
  void divide_rows(const Node& node, const Node& left, const Node& right) {
    const Keep keep = left.final ? Keep::right : right.final ? Keep::left : Keep::both;
    int* rows = rows_.data() + node.begin;
    if (keep != Keep::right) rows = std::copy(left_rows_.begin(), left_rows_.end(), rows);
    if (keep != Keep::left) std::copy(right_rows_.begin(), right_rows_.end(), rows);
    const Index d = static_cast<Index>(lists_.size());
    const auto divide_list = [&](Index f, std::vector<Entry>& spare) {
      std::vector<Entry>& list = lists_[static_cast<size_t>(f)];
      if (list.empty() || constant(list.data() + node.begin, node.count())) return;  // a constant part stays one
      divide(list.data() + node.begin, node.count(), side_.data(), keep, spare, [](const Entry& e) { return e.row; });
    };
    if (static_cast<Index>(node.count()) * d < kParallelCells) {
      for (Index f = 0; f < d; ++f) divide_list(f, spare_);
      return;
    }
    parallel_for(ctx_.threads, d, 1, [&](Index begin, Index end) {
      std::vector<Entry> spare;
      for (Index f = begin; f < end; ++f) divide_list(f, spare);
    });
  }

  static bool constant(const Entry* list, int count) { return list[0].rank == list[count - 1].rank; }

  static constexpr Index kParallelCells = 1 << 15;

  const Problem& p_;
  const TreeParams& params_;
  const Context& ctx_;
  bool textbook_;
  CountedColumns counted_;
  std::optional<FastSearch> search_;
  std::optional<SmallSearch> small_;
  TreeNodes nodes_;
  std::vector<std::vector<int>> against_;  ///< of each node's split
  double total_weight_ = 0;
  std::vector<int> rows_, left_rows_, right_rows_;
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
