#include "cli/tree_figure.h"

#include <algorithm>
#include <queue>

#include "assay/core/text.h"
#include "assay/ml/tree/cut.h"
#include "assay/ml/tree/words.h"

namespace assay::cli {
namespace {

constexpr int kMostBoxes = 61, kMostPruned = 400;  // nodes shown

/// Which inner nodes show their children: from the root on, the heaviest first, those that remain before those cut away.
std::vector<bool> opened(const TreeNodes& nodes, const std::vector<bool>& kept) {
  std::vector<bool> open(nodes.feature.size(), false);
  const auto is_kept = [&](int i) { return kept.empty() || kept[static_cast<size_t>(i)]; };
  struct Item {
    double cover;
    int node;
    bool operator<(const Item& o) const { return cover != o.cover ? cover < o.cover : node > o.node; }
  };
  std::priority_queue<Item> boxes, pruned;
  int shown_boxes = 1, shown_pruned = 0;
  const auto enter = [&](int i) {
    const size_t at = static_cast<size_t>(i);
    if (nodes.leaf(i)) return;
    (is_kept(nodes.left[at]) ? boxes : pruned).push({nodes.cover[at], i});
  };
  enter(0);
  while (!boxes.empty() || !pruned.empty()) {
    auto& from = boxes.empty() ? pruned : boxes;
    int& shown = boxes.empty() ? shown_pruned : shown_boxes;
    const Item item = from.top();
    from.pop();
    if (shown + 2 > (&from == &boxes ? kMostBoxes : kMostPruned)) continue;
    shown += 2;
    open[static_cast<size_t>(item.node)] = true;
    enter(nodes.left[static_cast<size_t>(item.node)]);
    enter(nodes.right[static_cast<size_t>(item.node)]);
  }
  return open;
}

/// Inner nodes of each branch, its root included.
std::vector<int> inner_nodes(const TreeNodes& nodes) {
  std::vector<int> count(nodes.feature.size(), 0);
  for (size_t i = count.size(); i-- > 0;)
    if (nodes.feature[i] >= 0)
      count[i] = 1 + count[static_cast<size_t>(nodes.left[i])] + count[static_cast<size_t>(nodes.right[i])];
  return count;
}

/// What a row that ends here is told.
std::string answer(const TreeNodes& nodes, size_t i, const Target& target) {
  const double* value = nodes.value.data() + i * static_cast<size_t>(nodes.outputs);
  if (nodes.outputs == 1) return six_digits(value[0]);
  return target.classes[static_cast<size_t>(std::max_element(value, value + nodes.outputs) - value)];
}

}  // namespace

report::TreePicture tree_boxes(const TreeNodes& nodes, const std::vector<bool>& kept,
                               const std::vector<Column>& columns, const Target& target, const std::string& weight) {
  const std::vector<bool> open = opened(nodes, kept);
  const std::vector<int> inner = inner_nodes(nodes);
  report::TreePicture picture;
  picture.classes = nodes.outputs > 1 ? target.classes : std::vector<std::string>{};
  struct Item {
    int node, parent;
    bool is_left;
  };
  std::vector<Item> stack{{0, -1, false}};
  std::vector<int> node_of;  // a box's node
  while (!stack.empty()) {
    const Item item = stack.back();
    stack.pop_back();
    const size_t i = static_cast<size_t>(item.node);
    const int id = static_cast<int>(picture.nodes.size());
    report::TreePicture::Node box;
    if (item.parent >= 0) {
      const int above = node_of[static_cast<size_t>(item.parent)];
      const Column& asked = columns[static_cast<size_t>(nodes.feature[static_cast<size_t>(above)])];
      box.way = tree::way_words(nodes, above, asked, item.is_left);
      (item.is_left ? picture.nodes[static_cast<size_t>(item.parent)].left
                    : picture.nodes[static_cast<size_t>(item.parent)].right) = id;
    }
    box.pruned = !kept.empty() && !kept[i];
    const bool asks = inner[i] > 0 && (box.pruned || kept.empty() || kept[static_cast<size_t>(nodes.left[i])]);
    box.text = asks ? columns[static_cast<size_t>(nodes.feature[i])].name : answer(nodes, i, target);
    box.answers = !asks;
    box.note = weight.empty() ? tree::rows_words(nodes.rows[i]) : weight + " " + six_digits(nodes.cover[i]);
    box.share = nodes.cover[i] / nodes.cover[0];
    box.value = nodes.value[i * static_cast<size_t>(nodes.outputs)];
    if (nodes.outputs > 1)
      box.shares.assign(
          nodes.value.begin() + static_cast<std::ptrdiff_t>(i * static_cast<size_t>(nodes.outputs)),
          nodes.value.begin() + static_cast<std::ptrdiff_t>((i + 1) * static_cast<size_t>(nodes.outputs)));
    if (asks && !open[i]) {
      box.hidden = inner[i];
      box.note += ", " + std::to_string(box.hidden) + " more question" + (box.hidden == 1 ? "" : "s");
    }
    picture.nodes.push_back(std::move(box));
    node_of.push_back(item.node);
    if (!open[i]) continue;
    stack.push_back({nodes.right[i], id, false});
    stack.push_back({nodes.left[i], id, true});
  }
  return picture;
}

report::TreePicture tree_figure(const Model& model, int number, const std::string& option) {
  const std::optional<SumOfTrees> sum = sum_of_trees(model);
  if (!sum) refuse_without_trees(model, option);
  const size_t trees = sum->trees.size();
  if (static_cast<size_t>(number) > trees)
    throw UsageError("--tree " + std::to_string(number) + ": the model has " + std::to_string(trees) +
                     (trees == 1 ? " tree" : " trees"));
  const SumOfTrees::Part& part = sum->trees[static_cast<size_t>(number) - 1];
  const auto* alone = dynamic_cast<const detail::ModelOf<TreeModel>*>(model.model.get());
  const Pruning* pruning = alone && alone->inner().pruning ? &*alone->inner().pruning : nullptr;
  const TreeNodes& whole = pruning ? pruning->grown : part.nodes;
  report::TreePicture picture = tree_boxes(whole, pruning ? tree::kept_nodes(part.nodes, whole) : std::vector<bool>{},
                                           model.pipeline.output_columns(), model.target, sum->weight);
  const auto leaves = [](int n) { return std::to_string(n) + (n == 1 ? " leaf" : " leaves"); };
  picture.title = std::string(model.learner->name()) + " of '" + model.target.name + "'";
  if (trees > 1) picture.title += ", tree " + std::to_string(number) + " of " + std::to_string(trees);
  if (part.output >= 0 && sum->base.size() > 1)
    picture.title += ", for '" + model.target.classes[static_cast<size_t>(part.output)] + "'";
  picture.subtitle = leaves(part.nodes.leaves()) + ", depth " + std::to_string(part.nodes.depth());
  if (pruning) picture.subtitle += "; grey: cut away by pruning, " + leaves(whole.leaves()) + " before";
  const bool all = std::none_of(picture.nodes.begin(), picture.nodes.end(), [](const auto& n) { return n.hidden > 0; });
  if (!all) picture.subtitle += "; only the heaviest branches are drawn to the end";
  return picture;
}

}  // namespace assay::cli
