// ml/boosting/boost_tree.cpp
// Notation   rows_[begin, begin + count): rows of a node, ascending
// Method     1 best split of the root   2 take an open node   3 send its rows left and right   4 best split of each child that may
//            be split   5 gamma: take back what did not gain it   6 answers of the leaves
// Departures from the paper: see boost_tree.h
#include "assay/ml/boosting/boost_tree.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/text.h"
#include "assay/ml/boosting/partition_kernels.h"

namespace assay::boosting {
namespace {

constexpr double kLeastGain = 1e-6;  ///< of the score, that a split must add
constexpr Index kGrain = 1 << 15;    ///< rows sent left and right together
constexpr size_t kShown = 10;        ///< candidates in the trace
constexpr size_t kCurve = 512;       ///< points of a gain curve in the trace

struct SplitStep {
  static constexpr const char* kind = "split";
  static constexpr const char* title =
      "the split of greatest gain, 1/2 [G_L^2/(H_L+lambda) + G_R^2/(H_R+lambda) - G^2/(H+lambda)]";
  static constexpr const char* source = "ml/boosting/boost_tree.cpp:Grower";
  const GrowingNode& at;
  const std::vector<Column>& columns;
  std::vector<Offer> best;       ///< of all columns, greatest gain first
  std::vector<Offer> of_column;  ///< all of the chosen column
  std::string why;

  template <class Get>
  static std::vector<double> list(const std::vector<Offer>& offers, Get get) {
    std::vector<double> values;
    for (const Offer& o : offers) values.push_back(get(o));
    return values;
  }
  static void fields(const SplitStep& s, auto&& field) {
    const auto number = [](bool b) { return b ? 1.0 : 0.0; };
    field("node", s.at.id, "number of the node, root 0, depth first");
    field("depth", s.at.depth, "questions asked before this one");
    field("n", s.at.count, "training rows in the node");
    field("G", s.at.sums.G, "sum of their gradients");
    field("H", s.at.sums.H, "sum of their hessians");
    field("f", s.columns[static_cast<size_t>(s.at.best.feature)].name, "the column that is chosen");
    field("t", s.at.best.threshold, "threshold: x <= t goes left (columns without levels)");
    field("default", s.at.best.default_left ? "left" : "right", "where a missing cell goes");
    field("gain", s.at.best.gain, "what the split is worth");
    field("column of candidate", list(s.best, [](const Offer& o) { return double(o.feature); }),
          "the ten best candidates of the best columns, first the winner: number of the column");
    field("threshold of candidate", list(s.best, [](const Offer& o) { return o.threshold; }), "its threshold");
    field("missing left", list(s.best, [&](const Offer& o) { return number(o.missing_left); }),
          "1: missing cells go left");
    field("G_L", list(s.best, [](const Offer& o) { return o.left.G; }), "sum of gradients on the left");
    field("H_L", list(s.best, [](const Offer& o) { return o.left.H; }), "sum of hessians on the left");
    field("G_R", list(s.best, [](const Offer& o) { return o.right.G; }), "sum of gradients on the right");
    field("H_R", list(s.best, [](const Offer& o) { return o.right.H; }), "sum of hessians on the right");
    field("gain of candidate", list(s.best, [](const Offer& o) { return o.gain; }), "what it is worth");
    field("curve t", list(s.of_column, [](const Offer& o) { return o.threshold; }),
          "thresholds of the chosen column (its levels are counted where it has levels)");
    field("curve gain", list(s.of_column, [](const Offer& o) { return o.gain; }), "gain at each of them");
  }
};

bool goes_left(double x, const BoostSplit& split, bool categorical) {
  if (std::isnan(x)) return split.default_left;
  if (!categorical) return x <= split.threshold;
  return split.default_left != std::binary_search(split.against.begin(), split.against.end(), static_cast<int>(x));
}

class Grower {
 public:
  Grower(const BoostData& data, std::vector<int>& rows, const std::vector<int>& columns, const TreeRules& rules,
         SplitFinder& finder, const Context& ctx)
      : data_(data), rows_(rows), columns_(columns), rules_(rules), finder_(finder), ctx_(ctx) {
    side_.resize(static_cast<size_t>(data.X.rows()));
    tree_.nodes.outputs = 1;
  }

  BoostTree run(const std::vector<Gradient>& gradients, std::vector<LeafRows>& leaves) {
    finder_.begin_tree(gradients, rows_);
    std::vector<GrowingNode> open;
    if (GrowingNode first = root(); worth_it(first)) open.push_back(std::move(first));
    int leaf_count = 1;
    while (!open.empty()) {
      const size_t next = choose(open);
      GrowingNode node = std::move(open[next]);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(next));
      if (rules_.max_leaves && leaf_count >= *rules_.max_leaves) {
        finder_.close(node);
        continue;
      }
      auto [left, right] = split(node);
      ++leaf_count;
      if (worth_it(right)) open.push_back(std::move(right));
      if (worth_it(left)) open.push_back(std::move(left));
    }
    if (rules_.regularization.gamma > 0) prune();
    return number(leaves);
  }

 private:
  struct Place {
    int begin, count;
  };

  GrowingNode root() {
    GrowingNode node;
    node.count = static_cast<int>(rows_.size());
    node.sums = finder_.total();
    add(node, -1, false);
    if (!may_split(node)) return node;
    choose_columns(node);
    finder_.open(node);
    find({&node});
    return node;
  }

  size_t choose(const std::vector<GrowingNode>& open) const {
    const bool by_gain = rules_.growth == Growth::leaf;
    if (!by_gain && !rules_.max_leaves) return open.size() - 1;  // depth first: the least memory
    const auto before = [&](const GrowingNode& a, const GrowingNode& b) {
      if (by_gain && a.best.gain != b.best.gain) return a.best.gain > b.best.gain;
      if (!by_gain && a.depth != b.depth) return a.depth < b.depth;
      return a.id < b.id;
    };
    return static_cast<size_t>(std::min_element(open.begin(), open.end(), before) - open.begin());
  }

  bool may_split(const GrowingNode& node) const {
    return node.count >= 2 && !(rules_.max_depth && node.depth >= *rules_.max_depth) &&
           node.sums.H >= 2 * rules_.regularization.min_child_weight;
  }

  /// A node that is not worth a split is done with.
  bool worth_it(GrowingNode& node) {
    const BoostSplit& best = node.best;
    const Regularization& r = rules_.regularization;
    if (best.feature >= 0 && best.gain > kLeastGain * (score(best.left, r) + score(best.right, r))) return true;
    finder_.close(node);
    return false;
  }

  /// The tree's columns, fewer by level, fewer by node.
  void choose_columns(GrowingNode& node) {
    node.columns = columns_;
    if (rules_.columns_by_level < 1)
      node.columns =
          draw(node.columns, rules_.columns_by_level, ctx_.child("level", static_cast<uint64_t>(node.depth)).rng());
    if (rules_.columns_by_node < 1)
      node.columns =
          draw(node.columns, rules_.columns_by_node, ctx_.child("node", static_cast<uint64_t>(node.id)).rng());
  }

  int add(const GrowingNode& node, int parent, bool is_left) {
    TreeNodes& t = tree_.nodes;
    const int id = t.size();
    if (parent >= 0) (is_left ? t.left : t.right)[static_cast<size_t>(parent)] = id;
    t.feature.push_back(-1);
    t.threshold.push_back(0);
    t.left.push_back(-1);
    t.right.push_back(-1);
    t.default_left.push_back(false);
    t.value.push_back(leaf_weight(node.sums, rules_.regularization));
    t.cover.push_back(node.sums.H);
    t.rows.push_back(node.count);
    tree_.gain.push_back(0);
    against_.emplace_back();
    places_.push_back({node.begin, node.count});
    return id;
  }

  std::pair<GrowingNode, GrowingNode> split(GrowingNode& node) {
    ctx_.check_cancelled();
    record(node);
    trace(node);
    GrowingNode l, r;
    l.depth = r.depth = node.depth + 1;
    l.begin = node.begin;
    l.count = send_rows(node);
    r.begin = node.begin + l.count;
    r.count = node.count - l.count;
    l.sums = node.best.left;
    r.sums = node.best.right;
    l.id = add(l, node.id, true);
    r.id = add(r, node.id, false);
    std::vector<GrowingNode*> going;
    for (GrowingNode* child : {&l, &r})
      if (may_split(*child)) {
        choose_columns(*child);
        going.push_back(child);
      }
    finder_.divide(node, l, r, may_split(l) ? &l : nullptr, may_split(r) ? &r : nullptr, side_.data());
    if (!going.empty()) find(going);
    return {std::move(l), std::move(r)};
  }

  void find(const std::vector<GrowingNode*>& nodes) {
    finder_.find(nodes);
    for (GrowingNode* node : nodes)
      if (node->best.feature >= 0) node->best.gain = gain(node->best.left, node->best.right, rules_.regularization);
  }

  void record(const GrowingNode& node) {
    const size_t i = static_cast<size_t>(node.id);
    tree_.nodes.feature[i] = node.best.feature;
    tree_.nodes.threshold[i] = node.best.threshold;
    tree_.nodes.default_left[i] = node.best.default_left;
    tree_.gain[i] = node.best.gain;
    against_[i] = node.best.against;
  }

  /// Marks sides and divides the node's rows in place, keeping their order; returns how many went left.
  int send_rows(const GrowingNode& node) {
    const BoostSplit& split = node.best;
    const double* x = data_.X.col(split.feature).data();
    const bool categorical = data_.columns[static_cast<size_t>(split.feature)].categorical();
    int* rows = rows_.data() + node.begin;
    const Index chunks = (node.count + kGrain - 1) / kGrain;
    std::vector<int> left(static_cast<size_t>(chunks) + 1, 0);
    parallel_for(ctx_.threads, node.count, kGrain, [&](Index begin, Index end) {
      int here = 0;
      if (!categorical)
        here = mark_sides(x, rows + begin, static_cast<int>(end - begin), split.threshold, split.default_left,
                          side_.data());
      else
        for (Index i = begin; i < end; ++i)
          here += side_[static_cast<size_t>(rows[i])] = goes_left(x[rows[i]], split, true);
      left[static_cast<size_t>(begin / kGrain) + 1] = here;
    });
    std::partial_sum(left.begin(), left.end(), left.begin());
    spare_.resize(std::max(spare_.size(), static_cast<size_t>(node.count)));
    parallel_for(
        ctx_.threads, node.count, kGrain, [&](Index begin, Index end) {  // each part in place: lefts, and rights aside
          part_rows(rows + begin, static_cast<int>(end - begin), side_.data(), rows + begin, spare_.data() + begin);
        });
    const int all = left.back();
    for (Index c = 1; c < chunks; ++c) {
      const int to = left[static_cast<size_t>(c)], lefts = left[static_cast<size_t>(c) + 1] - to;
      std::copy_n(rows + c * kGrain, lefts, rows + to);
    }
    parallel_for(ctx_.threads, node.count, kGrain, [&](Index begin, Index end) {
      const size_t c = static_cast<size_t>(begin / kGrain);
      const int rights = static_cast<int>(end - begin) - (left[c + 1] - left[c]);
      std::copy_n(spare_.data() + begin, rights, rows + all + begin - left[c]);
    });
    return all;
  }

  void trace(const GrowingNode& node) {
    ctx_.trace.step([&] {
      std::vector<Offer> all;
      for (const int f : node.columns)
        for (Offer& offer : finder_.offers(node, f)) all.push_back(std::move(offer));
      std::vector<Offer> own;
      for (const Offer& o : all)
        if (o.feature == node.best.feature && o.missing_left == node.best.default_left) own.push_back(o);
      if (own.size() > kCurve) {
        std::vector<Offer> thinned;
        for (size_t i = 0; i < kCurve; ++i) thinned.push_back(own[i * own.size() / kCurve]);
        own = std::move(thinned);
      }
      std::stable_sort(all.begin(), all.end(), [](const Offer& a, const Offer& b) { return a.gain > b.gain; });
      std::string why = data_.columns[static_cast<size_t>(node.best.feature)].name + " gains most";
      for (const Offer& o : all)
        if (o.feature != node.best.feature) {
          why += "; the best of another column, " + data_.columns[static_cast<size_t>(o.feature)].name + ", gains " +
                 six_digits(o.gain);
          break;
        }
      if (all.size() > kShown) all.resize(kShown);
      return SplitStep{node, data_.columns, std::move(all), std::move(own), std::move(why)};
    });
  }

  /// A child's number is greater than its parent's, so one walk from the last node to the first is bottom up.
  void prune() {
    TreeNodes& t = tree_.nodes;
    for (size_t i = t.feature.size(); i-- > 0;) {
      if (t.feature[i] < 0 || tree_.gain[i] >= rules_.regularization.gamma) continue;
      if (!t.leaf(t.left[i]) || !t.leaf(t.right[i])) continue;
      t.feature[i] = t.left[i] = t.right[i] = -1;
      t.threshold[i] = tree_.gain[i] = 0;
      t.default_left[i] = false;
      against_[i].clear();
    }
  }

  /// Numbers the nodes that are left depth first, and lists the leaves with their rows.
  BoostTree number(std::vector<LeafRows>& leaves) {
    const TreeNodes& t = tree_.nodes;
    BoostTree out;
    out.nodes.outputs = 1;
    leaves.clear();
    struct Visit {
      int old, parent;
      bool is_left;
    };
    std::vector<Visit> open{{0, -1, false}};
    while (!open.empty()) {
      const Visit at = open.back();
      open.pop_back();
      const size_t i = static_cast<size_t>(at.old);
      const int id = out.nodes.size();
      if (at.parent >= 0) (at.is_left ? out.nodes.left : out.nodes.right)[static_cast<size_t>(at.parent)] = id;
      out.nodes.feature.push_back(t.feature[i]);
      out.nodes.threshold.push_back(t.threshold[i]);
      out.nodes.left.push_back(-1);
      out.nodes.right.push_back(-1);
      out.nodes.default_left.push_back(t.default_left[i]);
      out.nodes.value.push_back(t.value[i]);
      out.nodes.cover.push_back(t.cover[i]);
      out.nodes.rows.push_back(t.rows[i]);
      out.nodes.level.insert(out.nodes.level.end(), against_[i].begin(), against_[i].end());
      out.nodes.level_begin.push_back(static_cast<int>(out.nodes.level.size()));
      out.gain.push_back(tree_.gain[i]);
      if (t.feature[i] < 0) {
        leaves.push_back({id, places_[i].begin, places_[i].count});
        continue;
      }
      open.push_back({t.right[i], id, false});
      open.push_back({t.left[i], id, true});
    }
    return out;
  }

  const BoostData& data_;
  std::vector<int>& rows_;
  const std::vector<int>& columns_;
  const TreeRules& rules_;
  SplitFinder& finder_;
  const Context& ctx_;
  BoostTree tree_;
  std::vector<std::vector<int>> against_;  ///< levels of each node
  std::vector<Place> places_;              ///< rows of each node
  std::vector<uint8_t> side_;
  std::vector<int> spare_;
};

}  // namespace

BoostTree grow_tree(const BoostData& data, const std::vector<Gradient>& gradients, std::vector<int>& rows,
                    const std::vector<int>& columns, const TreeRules& rules, SplitFinder& finder, const Context& ctx,
                    std::vector<LeafRows>& leaves) {
  return Grower(data, rows, columns, rules, finder, ctx).run(gradients, leaves);
}

std::vector<int> draw(const std::vector<int>& items, double share, Rng rng) {
  if (share >= 1) return items;
  const size_t wanted =
      std::max<size_t>(1, static_cast<size_t>(std::llround(share * static_cast<double>(items.size()))));
  std::vector<int> drawn;
  drawn.reserve(wanted);
  for (size_t i = 0; i < items.size() && drawn.size() < wanted;
       ++i)  // [Vitter1984]'s method S: each in turn, by its chance
    if (rng.uniform() * static_cast<double>(items.size() - i) < static_cast<double>(wanted - drawn.size()))
      drawn.push_back(items[i]);
  return drawn;
}

}  // namespace assay::boosting
