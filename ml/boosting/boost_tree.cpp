// ml/boosting/boost_tree.cpp
// Notation   rows_[begin, begin + count): rows of a node, ascending
// Method     1 best split of the root   2 take an open node   3 send its rows left and right   4 best split of each child that may
//            be split   5 gamma: take back what did not gain it   6 answers of the leaves
// Departures from the paper: see boost_tree.h
#include "assay/ml/boosting/boost_tree.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>
#include <numeric>

#include "assay/core/grain.h"
#include "assay/core/text.h"
#include "assay/ml/boosting/partition_kernels.h"

namespace assay::boosting {
namespace {

constexpr double kLeastGain = 1e-6;  ///< of the score, that a split must add
constexpr Index kGrain = 1 << 14;    ///< rows sent left and right together
constexpr int kSubtrees = 8;    ///< with several threads: a node of this part of the rows, or less, is grown by one
constexpr size_t kShown = 10;   ///< candidates in the trace
constexpr size_t kCurve = 512;  ///< points of a gain curve in the trace

struct SplitStep {
  static constexpr const char* kind = "split";
  static constexpr const char* title = "the split of greatest gain, eq. (2) of gain.h";
  static constexpr const char* source = "ml/boosting/boost_tree.cpp:find";
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
    field("node", static_cast<long long>(s.at.number), "root 1, the children of node i are 2 i and 2 i + 1");
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
  }

  BoostTree run(const std::vector<Gradient>& gradients, std::vector<LeafRows>& leaves) {
    finder_.begin_tree(gradients, rows_);
    GrowingNode* root = make_root();
    std::vector<GrowingNode*> open;
    if (worth_it(*root)) open.push_back(root);
    const bool ordered = rules_.growth == Growth::leaf || rules_.max_leaves || ctx_.trace;
    if (ctx_.threads == 1 || ordered)
      grow(open);
    else
      grow_together(open);
    if (rules_.regularization.gamma > 0) prune();
    return number(*root, leaves);
  }

 private:
  /// The list of steps: until no node is open, choose one and split it.
  void grow(std::vector<GrowingNode*>& open) {
    std::vector<int> spare;
    int leaf_count = 1;
    while (!open.empty()) {
      GrowingNode* node = take(open);
      if (rules_.max_leaves && leaf_count >= *rules_.max_leaves) {
        finder_.close(*node);
        continue;
      }
      split(*node, spare);
      ++leaf_count;
      for (GrowingNode* child : {node->right, node->left})
        if (worth_it(*child)) open.push_back(child);
    }
  }

  /// Several threads: the largest nodes one by one, each by all threads; then every subtree by one thread. The tree is the same,
  /// since a node's split depends on its rows alone.
  void grow_together(std::vector<GrowingNode*>& open) {
    const int small = static_cast<int>(rows_.size()) / kSubtrees;
    std::vector<int> spare;
    const auto larger = [](const GrowingNode* a, const GrowingNode* b) { return a->count > b->count; };
    while (!open.empty() && open.front()->count > small) {
      GrowingNode* node = open.front();
      open.erase(open.begin());
      split(*node, spare);
      for (GrowingNode* child : {node->left, node->right})
        if (worth_it(*child)) open.insert(std::upper_bound(open.begin(), open.end(), child, larger), child);
    }
    parallel_for(threads_for_steps(ctx_.threads, static_cast<Index>(rows_.size())), static_cast<Index>(open.size()), 1,
                 [&](Index begin, Index end) {
                   for (Index i = begin; i < end; ++i) {
                     std::vector<GrowingNode*> own{open[static_cast<size_t>(i)]};
                     grow(own);
                   }
                 });
  }

  GrowingNode* make_node(uint64_t number, int depth, int begin, int count, const Sums& sums) {
    const std::lock_guard<std::mutex> lock(making_);
    GrowingNode& node = nodes_.emplace_back();
    node.number = number;
    node.depth = depth;
    node.begin = begin;
    node.count = count;
    node.sums = sums;
    return &node;
  }

  GrowingNode* make_root() {
    GrowingNode* root = make_node(1, 0, 0, static_cast<int>(rows_.size()), finder_.total());
    if (!may_split(*root)) return root;
    choose_columns(*root);
    finder_.open(*root);
    find({root});
    return root;
  }

  /// The open node that is next: the deepest (the least memory), or the greatest gain, or, up to max_leaves, the shallowest.
  GrowingNode* take(std::vector<GrowingNode*>& open) const {
    const bool by_gain = rules_.growth == Growth::leaf;
    auto next = open.end() - 1;
    if (by_gain || rules_.max_leaves)
      next = std::min_element(open.begin(), open.end(), [&](const GrowingNode* a, const GrowingNode* b) {
        if (by_gain && a->best.gain != b->best.gain) return a->best.gain > b->best.gain;
        if (!by_gain && a->depth != b->depth) return a->depth < b->depth;
        return a->number < b->number;
      });
    GrowingNode* node = *next;
    open.erase(next);
    return node;
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
      node.columns = draw(node.columns, rules_.columns_by_node, ctx_.child("node", node.number).rng());
  }

  void split(GrowingNode& node, std::vector<int>& spare) {
    ctx_.check_cancelled();
    trace(node);
    const int lefts = send_rows(node, spare);
    node.left = make_node(2 * node.number, node.depth + 1, node.begin, lefts, node.best.left);
    node.right =
        make_node(2 * node.number + 1, node.depth + 1, node.begin + lefts, node.count - lefts, node.best.right);
    std::vector<GrowingNode*> going;
    for (GrowingNode* child : {node.left, node.right})
      if (may_split(*child)) {
        choose_columns(*child);
        going.push_back(child);
      }
    finder_.divide(node, *node.left, *node.right, may_split(*node.left) ? node.left : nullptr,
                   may_split(*node.right) ? node.right : nullptr, side_.data());
    if (!going.empty()) find(going);
  }

  void find(const std::vector<GrowingNode*>& nodes) {
    finder_.find(nodes);
    for (GrowingNode* node : nodes)
      if (node->best.feature >= 0) node->best.gain = gain(node->best.left, node->best.right, rules_.regularization);
  }

  /// Marks sides and divides the node's rows in place, keeping their order; returns how many went left.
  int send_rows(const GrowingNode& node, std::vector<int>& spare) {
    const BoostSplit& split = node.best;
    const double* x = data_.X.col(split.feature).data();
    const bool categorical = data_.columns[static_cast<size_t>(split.feature)].categorical();
    int* rows = rows_.data() + node.begin;
    const Index chunks = (node.count + kGrain - 1) / kGrain;
    std::vector<int> left(static_cast<size_t>(chunks) + 1, 0);
    spare.resize(std::max(spare.size(), static_cast<size_t>(node.count)));
    parallel_for(ctx_.threads, node.count, kGrain,
                 [&](Index begin, Index end) {  // each part in place: lefts, and rights aside
                   const int count = static_cast<int>(end - begin);
                   int here = 0;
                   if (!categorical)
                     here = mark_sides(x, rows + begin, count, split.threshold, split.default_left, side_.data());
                   else
                     for (Index i = begin; i < end; ++i)
                       here += side_[static_cast<size_t>(rows[i])] = goes_left(x[rows[i]], split, true);
                   left[static_cast<size_t>(begin / kGrain) + 1] = here;
                   part_rows(rows + begin, count, side_.data(), rows + begin, spare.data() + begin);
                 });
    std::partial_sum(left.begin(), left.end(), left.begin());
    const int all = left.back();
    for (Index c = 1; c < chunks; ++c) {
      const int to = left[static_cast<size_t>(c)], lefts = left[static_cast<size_t>(c) + 1] - to;
      std::copy_n(rows + c * kGrain, lefts, rows + to);
    }
    parallel_for(ctx_.threads, node.count, kGrain, [&](Index begin, Index end) {
      const size_t c = static_cast<size_t>(begin / kGrain);
      const int rights = static_cast<int>(end - begin) - (left[c + 1] - left[c]);
      std::copy_n(spare.data() + begin, rights, rows + all + begin - left[c]);
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

  /// Children are made after their parents, so one walk from the last node to the first is bottom up.
  void prune() {
    const auto leaf = [](const GrowingNode* node) { return !node->left; };
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node)
      if (node->left && leaf(node->left) && leaf(node->right) && node->best.gain < rules_.regularization.gamma)
        node->left = node->right = nullptr;
  }

  /// A model keeps many trees: none of them should keep room that it does not use.
  static void reserve(BoostTree& tree, size_t nodes) {
    TreeNodes& n = tree.nodes;
    for (std::vector<int>* v : {&n.feature, &n.left, &n.right, &n.rows}) v->reserve(nodes);
    for (std::vector<double>* v : {&n.threshold, &n.value, &n.cover, &tree.gain}) v->reserve(nodes);
    n.default_left.reserve(nodes);
    n.level_begin.reserve(nodes + 1);
  }

  /// Numbers the nodes depth first, and lists the leaves with their rows.
  BoostTree number(const GrowingNode& root, std::vector<LeafRows>& leaves) const {
    BoostTree out;
    out.nodes.outputs = 1;
    reserve(out, nodes_.size());
    leaves.clear();
    struct Visit {
      const GrowingNode* node;
      int parent;
      bool is_left;
    };
    std::vector<Visit> open{{&root, -1, false}};
    while (!open.empty()) {
      const auto [node, parent, is_left] = open.back();
      open.pop_back();
      const int id = out.nodes.size();
      const bool leaf = !node->left;
      if (parent >= 0) (is_left ? out.nodes.left : out.nodes.right)[static_cast<size_t>(parent)] = id;
      out.nodes.feature.push_back(leaf ? -1 : node->best.feature);
      out.nodes.threshold.push_back(leaf ? 0 : node->best.threshold);
      out.nodes.left.push_back(-1);
      out.nodes.right.push_back(-1);
      out.nodes.default_left.push_back(!leaf && node->best.default_left);
      out.nodes.value.push_back(leaf_weight(node->sums, rules_.regularization));
      out.nodes.cover.push_back(node->sums.H);
      out.nodes.rows.push_back(node->count);
      if (!leaf) out.nodes.level.insert(out.nodes.level.end(), node->best.against.begin(), node->best.against.end());
      out.nodes.level_begin.push_back(static_cast<int>(out.nodes.level.size()));
      out.gain.push_back(leaf ? 0 : node->best.gain);
      if (leaf) {
        leaves.push_back({id, node->begin, node->count});
        continue;
      }
      open.push_back({node->right, id, false});
      open.push_back({node->left, id, true});
    }
    return out;
  }

  const BoostData& data_;
  std::vector<int>& rows_;
  const std::vector<int>& columns_;
  const TreeRules& rules_;
  SplitFinder& finder_;
  const Context& ctx_;
  std::deque<GrowingNode> nodes_;  ///< none of them moves
  std::mutex making_;
  std::vector<uint8_t> side_;
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
