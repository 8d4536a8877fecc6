// ml/tree/tree_explain.cpp: a tree in words: its questions as indented lines, and what each column contributed.
#include <algorithm>
#include <cmath>

#include "assay/core/text.h"
#include "assay/ml/tree/words.h"

namespace assay {
namespace {

constexpr size_t kRuleLines = 200;  ///< of a large tree only the first ones, depth first
constexpr int kIndent = 40;         ///< levels of indentation shown

constexpr size_t kNamedLevels = 1;  ///< of the default way; more of them are told by what they are not

/// The levels of inner node i that do not go the default way, or all the others.
std::vector<std::string> level_names(const TreeNodes& nodes, size_t i, const Column& column, bool against) {
  const auto begin = nodes.level.begin() + nodes.level_begin[i], end = nodes.level.begin() + nodes.level_begin[i + 1];
  std::vector<std::string> names;
  for (size_t l = 0; l < column.levels.size(); ++l)
    if (std::binary_search(begin, end, static_cast<int>(l)) == against) names.push_back(column.levels[l]);
  return names;
}

}  // namespace

namespace tree {

std::string way_words(const TreeNodes& nodes, int node, const Column& column, bool to_left) {
  const size_t i = static_cast<size_t>(node);
  const bool with_default = to_left == nodes.default_left[i];
  const std::string missing = with_default ? " or missing" : "";
  if (!column.categorical()) return (to_left ? "<= " : "> ") + six_digits(nodes.threshold[i]) + missing;
  std::vector<std::string> names = level_names(nodes, i, column, !with_default);
  const bool negated = with_default && (names.size() > kNamedLevels || names.empty());
  if (negated) names = level_names(nodes, i, column, true);
  return (negated ? "not in {" : "in {") + join(names, ", ") + "}" + missing;
}

std::string rows_words(int rows) { return std::to_string(rows) + (rows == 1 ? " row" : " rows"); }

}  // namespace tree

namespace {

/// The question of inner node i as it reads on the way to its left (right) child.
std::string condition(const TreeNodes& nodes, int node, const Column& column, bool to_left) {
  return column.name + " " + tree::way_words(nodes, node, column, to_left);
}

std::string answer(const TreeModel& model, size_t i, const Target& target) {
  const TreeNodes& nodes = model.nodes;
  const double* value = nodes.value.data() + i * static_cast<size_t>(nodes.outputs);
  if (model.task == Task::regression) return six_digits(value[0]) + "  (" + tree::rows_words(nodes.rows[i]) + ")";
  const auto k = std::max_element(value, value + nodes.outputs) - value;
  return target.classes[static_cast<size_t>(k)] + "  (" + tree::rows_words(nodes.rows[i]) + ", share " +
         six_digits(value[k]) + ")";
}

std::vector<std::string> rules(const TreeModel& model, const std::vector<Column>& columns, const Target& target) {
  const TreeNodes& nodes = model.nodes;
  struct Line {
    int node, depth;
    std::string text;
  };
  std::vector<std::string> lines;
  if (nodes.leaf(0)) return {"always -> " + answer(model, 0, target)};
  std::vector<Line> open;
  const auto push_children = [&](int node, int depth) {
    const size_t i = static_cast<size_t>(node);
    const Column& column = columns[static_cast<size_t>(nodes.feature[i])];
    open.push_back({nodes.right[i], depth, condition(nodes, node, column, false)});
    open.push_back({nodes.left[i], depth, condition(nodes, node, column, true)});
  };
  push_children(0, 0);
  while (!open.empty() && lines.size() < kRuleLines) {
    const Line line = std::move(open.back());
    open.pop_back();
    const bool leaf = nodes.leaf(line.node);
    lines.push_back(std::string(static_cast<size_t>(2 * std::min(line.depth, kIndent)), ' ') + line.text +
                    (leaf ? " -> " + answer(model, static_cast<size_t>(line.node), target) : ""));
    if (!leaf) push_children(line.node, line.depth + 1);
  }
  const size_t all = nodes.feature.size() - 1;
  if (lines.size() < all)
    lines.push_back("... " + std::to_string(all - lines.size()) + " further lines; --max-depth makes a smaller tree");
  return lines;
}

constexpr size_t kShownTrees = 20;  ///< of a longer sequence every so many-th

/// A table row at most every `every`, and the chosen one.
Explanation::Table sequence_table(const Pruning& p, int leaves) {
  Explanation::Table table{
      "The nested sequence: the best subtree from each alpha on (of " + std::to_string(p.sequence.size()) + ")",
      {"alpha", "leaves", "training cost"},
      {}};
  if (p.cross_validated) table.header.insert(table.header.end(), {"held out", "std. error"});
  table.header.push_back("");
  const size_t every = std::max<size_t>(1, (p.sequence.size() + kShownTrees - 1) / kShownTrees);
  for (size_t k = 0; k < p.sequence.size(); ++k) {
    const Pruning::Subtree& t = p.sequence[k];
    const bool chosen = t.leaves == leaves;
    if (k % every != 0 && !chosen && k + 1 != p.sequence.size()) continue;
    std::vector<std::variant<std::string, double>> row{t.alpha, static_cast<double>(t.leaves), t.cost};
    if (p.cross_validated) row.insert(row.end(), {t.held_out, t.standard_error});
    row.push_back(std::string(chosen ? "chosen" : ""));
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// Costs and leaves over log10 alpha; trees for alpha 0 have no place there. Each in a panel of its own: for classes the
/// training cost is an impurity and the held-out one a share of errors.
void add_curves(const Pruning& p, Task task, Explanation& e) {
  Explanation::Curve training{"training cost", {}}, held_out{"held-out error", {}}, leaves{"log10 of its leaves", {}};
  if (task == Task::regression) held_out.name = "held-out mean squared error";
  for (const Pruning::Subtree& t : p.sequence) {
    if (!(t.alpha > 0)) continue;
    const double x = std::log10(t.alpha);
    training.points.emplace_back(x, t.cost);
    leaves.points.emplace_back(x, std::log10(t.leaves));
    held_out.points.emplace_back(x, t.held_out);
    held_out.spread.push_back(t.standard_error);
  }
  if (training.points.empty()) return;
  const double least = training.points.front().first;
  const double cursor = p.alpha > 0 ? std::max(least, std::log10(p.alpha)) : least;
  const auto add = [&](Explanation::Curve curve, const char* says) {
    const std::string title = curve.name;
    e.curves.push_back({title, says, "log10 alpha", {std::move(curve)}, cursor});
  };
  if (p.cross_validated)
    add(std::move(held_out), "of trees grown without a fold, on that fold; bars: one standard error");
  add(std::move(training), "R(T) of the best subtree on the rows it was grown on");
  add(std::move(leaves), "from left to right the weakest links go");
}

void explain_pruning(const Pruning& p, Task task, int leaves, Explanation& e) {
  const std::string sizes = "pruned from " + std::to_string(p.grown.leaves()) + " leaves to " + std::to_string(leaves);
  if (p.method == Prune::reduced_error) {
    e.sentences.push_back("It was " + sizes + " on " + tree::rows_words(p.held_rows) +
                          " held out, where its cost went from " + six_digits(p.held_before) + " to " +
                          six_digits(p.held_after) + ".");
    return;
  }
  e.sentences.push_back("It was " + sizes + " at alpha " + six_digits(p.alpha) +
                        (p.cross_validated ? ", chosen by cross-validation." : "."));
  e.tables.push_back(sequence_table(p, leaves));
  add_curves(p, task, e);
}

}  // namespace

Explanation TreeModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e;
  const int leaves = nodes.leaves(), depth = nodes.depth();
  e.sentences.push_back("A tree of " + std::to_string(leaves) + (leaves == 1 ? " leaf" : " leaves") + " and depth " +
                        std::to_string(depth) + ", grown on " + tree::rows_words(nodes.rows[0]) + ".");
  if (leaves == 1) {
    e.sentences.push_back("No split was made, so every row gets the same answer.");
  } else {
    const std::vector<double> share = importance();
    const size_t first = static_cast<size_t>(std::max_element(share.begin(), share.end()) - share.begin());
    const size_t root = static_cast<size_t>(nodes.feature[0]);
    e.sentences.push_back("It asks first about " + columns[root].name + "; " + columns[first].name + " accounts for " +
                          six_digits(100 * share[first]) + " % of the decrease of impurity.");
    e.importance_name = "mean decrease of impurity";
    e.importance = share;
  }
  if (pruning) explain_pruning(*pruning, task, leaves, e);
  e.rules = rules(*this, columns, target);
  return e;
}

}  // namespace assay
