// ml/tree/tree_file.cpp: a tree in a model file. What is read is hostile until checked: the walk from root to leaf must
// end for every row, so a child's number is greater than its parent's, and each node but the root has one parent.
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/ml/tree/cut.h"

namespace assay {
namespace {

void require(const ArchiveReader& in, bool condition, size_t node, const char* rule) {
  if (!condition) in.fail("node " + std::to_string(node) + ": " + rule);
}

std::vector<int> sized(const ArchiveReader& in, const char* name, size_t size, int lo, int hi) {
  std::vector<int> values = in.integers(name, lo, hi);
  if (values.size() != size)
    in.fail(std::string(name) + " has " + std::to_string(values.size()) + " entries, " + std::to_string(size) +
            " expected");
  return values;
}

void check_links(const ArchiveReader& in, const TreeNodes& nodes) {
  const size_t size = nodes.feature.size();
  std::vector<bool> reached(size, false);
  reached[0] = true;
  for (size_t i = 0; i < size; ++i) {
    require(in, reached[i], i, "no node leads to it");
    if (nodes.feature[i] < 0) {
      require(in, nodes.left[i] == -1 && nodes.right[i] == -1, i, "a leaf has no children");
      continue;
    }
    for (const int child : {nodes.left[i], nodes.right[i]}) {
      require(in, child > static_cast<int>(i), i, "a child's number must be greater than its parent's");
      require(in, !reached[static_cast<size_t>(child)], static_cast<size_t>(child), "two nodes lead to it");
      reached[static_cast<size_t>(child)] = true;
    }
  }
}

void check_levels(const ArchiveReader& in, const TreeNodes& nodes, const std::vector<Column>& columns) {
  if (nodes.level_begin.front() != 0 || nodes.level_begin.back() != static_cast<int>(nodes.level.size()) ||
      !std::is_sorted(nodes.level_begin.begin(), nodes.level_begin.end()))
    in.fail("level-begin must rise from 0 to the number of levels");
  for (size_t i = 0; i < nodes.feature.size(); ++i) {
    const int begin = nodes.level_begin[i], end = nodes.level_begin[i + 1];
    const int f = nodes.feature[i];
    const int levels = f < 0 ? 0 : static_cast<int>(columns[static_cast<size_t>(f)].levels.size());
    require(in, levels > 0 || begin == end, i, "levels where the column has none");
    for (int j = begin; j < end; ++j) {
      require(in, nodes.level[static_cast<size_t>(j)] < levels, i, "a level its column does not have");
      require(in, j == begin || nodes.level[static_cast<size_t>(j)] > nodes.level[static_cast<size_t>(j) - 1], i,
              "levels must ascend");
    }
  }
}

void check_values(const ArchiveReader& in, const TreeNodes& nodes, Task task) {
  for (size_t i = 0; i < nodes.feature.size(); ++i) {
    require(in, nodes.cover[i] > 0, i, "cover must be positive");
    require(in, nodes.impurity[i] >= 0, i, "impurity must not be negative");
    if (task == Task::regression) continue;
    double sum = 0;
    for (int k = 0; k < nodes.outputs; ++k) {
      const double share = nodes.value[i * static_cast<size_t>(nodes.outputs) + static_cast<size_t>(k)];
      require(in, share >= 0 && share <= 1, i, "a class share must be in [0, 1]");
      sum += share;
    }
    require(in, std::abs(sum - 1) <= 1e-6, i, "class shares must sum to 1");
  }
}

}  // namespace

namespace tree {

std::vector<double> load_numbers(const ArchiveReader& in, const char* name, size_t size) {
  std::vector<double> values = in.numbers(name);
  if (values.size() != size)
    in.fail(std::string(name) + " has " + std::to_string(values.size()) + " entries, " + std::to_string(size) +
            " expected");
  return values;
}

void save_nodes(ArchiveWriter& out, const TreeNodes& nodes) {
  out.integers("feature", nodes.feature);
  out.numbers("threshold", nodes.threshold);
  out.integers("left", nodes.left);
  out.integers("right", nodes.right);
  out.integers("default-left", std::vector<int>(nodes.default_left.begin(), nodes.default_left.end()));
  out.integers("rows", nodes.rows);
  out.integers("level-begin", nodes.level_begin);
  out.integers("level", nodes.level);
}

TreeNodes load_nodes(const ArchiveReader& in, const std::vector<Column>& columns) {
  constexpr int kMost = std::numeric_limits<int>::max();
  TreeNodes nodes;
  nodes.feature = in.integers("feature", -1, static_cast<int>(columns.size()) - 1);
  const size_t size = nodes.feature.size();
  if (size == 0) in.fail("a tree has at least one node");
  nodes.left = sized(in, "left", size, -1, static_cast<int>(size) - 1);
  nodes.right = sized(in, "right", size, -1, static_cast<int>(size) - 1);
  check_links(in, nodes);
  nodes.threshold = load_numbers(in, "threshold", size);
  const std::vector<int> default_left = sized(in, "default-left", size, 0, 1);
  nodes.default_left.assign(default_left.begin(), default_left.end());
  nodes.rows = sized(in, "rows", size, 1, kMost);
  nodes.level_begin = sized(in, "level-begin", size + 1, 0, kMost);
  nodes.level = in.integers("level", 0, kMost);
  check_levels(in, nodes, columns);
  return nodes;
}

}  // namespace tree

namespace {

void save_cart(ArchiveWriter& out, const TreeNodes& nodes) {
  tree::save_nodes(out, nodes);
  out.numbers("value", nodes.value);
  out.numbers("cover", nodes.cover);
  out.numbers("impurity", nodes.impurity);
}

void save_pruning(ArchiveWriter out, const Pruning& p) {
  for (const auto& item : prune_names.items)
    if (item.second == p.method) out.text("method", item.first);
  out.number("alpha", p.alpha);
  out.flag("cross-validated", p.cross_validated);
  out.integer("held-rows", p.held_rows);
  out.number("held-before", p.held_before);
  out.number("held-after", p.held_after);
  std::vector<double> alpha, cost, held_out, standard_error;
  std::vector<int> leaves;
  for (const Pruning::Subtree& t : p.sequence) {
    alpha.push_back(t.alpha);
    leaves.push_back(t.leaves);
    cost.push_back(t.cost);
    held_out.push_back(t.held_out);
    standard_error.push_back(t.standard_error);
  }
  out.numbers("alphas", alpha);
  out.integers("leaves", leaves);
  out.numbers("costs", cost);
  out.numbers("held-out", held_out);
  out.numbers("standard-errors", standard_error);
  ArchiveWriter grown = out.object("grown");
  save_cart(grown, p.grown);
}

}  // namespace

void TreeModel::save(ArchiveWriter& out) const {
  for (const auto& item : tree_criterion_names.items)
    if (item.second == criterion) out.text("criterion", item.first);
  save_cart(out, nodes);
  if (pruning) save_pruning(out.object("pruning"), *pruning);
}

namespace {

TreeNodes load_cart(const ArchiveReader& in, const std::vector<Column>& columns, Task task, int outputs) {
  TreeNodes nodes = tree::load_nodes(in, columns);
  const size_t size = nodes.feature.size();
  nodes.outputs = outputs;
  nodes.value = tree::load_numbers(in, "value", size * static_cast<size_t>(outputs));
  nodes.cover = tree::load_numbers(in, "cover", size);
  nodes.impurity = tree::load_numbers(in, "impurity", size);
  check_values(in, nodes, task);
  return nodes;
}

Pruning load_pruning(const ArchiveReader& in, const std::vector<Column>& columns, const TreeModel& model) {
  constexpr int kMost = std::numeric_limits<int>::max();
  Pruning p;
  const std::string method = in.text("method");
  p.method = Prune::none;
  for (const auto& item : prune_names.items)
    if (method == item.first) p.method = item.second;
  if (p.method == Prune::none) in.fail("method must be cost-complexity or reduced-error");
  p.alpha = in.number("alpha");
  p.cross_validated = in.flag("cross-validated");
  p.held_rows = static_cast<int>(in.integer("held-rows", 0, kMost));
  p.held_before = in.number("held-before");
  p.held_after = in.number("held-after");
  const std::vector<double> alpha = in.numbers("alphas");
  const size_t size = alpha.size();
  if ((size == 0) != (p.method == Prune::reduced_error)) in.fail("alphas do not fit the method");
  if (!std::is_sorted(alpha.begin(), alpha.end())) in.fail("alphas must ascend");
  const std::vector<int> leaves = sized(in, "leaves", size, 1, kMost);
  const std::vector<double> cost = tree::load_numbers(in, "costs", size),
                            held_out = tree::load_numbers(in, "held-out", size),
                            standard_error = tree::load_numbers(in, "standard-errors", size);
  for (size_t k = 0; k < size; ++k)
    p.sequence.push_back({alpha[k], leaves[k], cost[k], held_out[k], standard_error[k]});
  p.grown = load_cart(in.object("grown"), columns, model.task, model.nodes.outputs);
  if (tree::kept_nodes(model.nodes, p.grown).empty()) in.fail("grown: the tree is not a part of it");
  return p;
}

}  // namespace

TreeModel TreeModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  TreeModel model;
  model.task = target.task();
  const bool classes = model.task == Task::classification;
  const std::string criterion = in.text("criterion");
  bool known = false;
  for (const auto& item : tree_criterion_names.items)
    if (criterion == item.first && item.second != Criterion::automatic) {
      model.criterion = item.second;
      known = classes == (item.second != Criterion::squared_error);
    }
  if (!known) in.fail("criterion does not fit the task");
  for (const Column& column : columns) model.categorical.push_back(column.categorical());

  model.nodes = load_cart(in, columns, model.task, classes ? target.K() : 1);
  if (in.has("pruning")) model.pruning = load_pruning(in.object("pruning"), columns, model);
  model.report.iterations = model.nodes.size();
  model.report.more = {{"leaves", model.nodes.leaves()}, {"depth", model.nodes.depth()}};
  return model;
}

}  // namespace assay
