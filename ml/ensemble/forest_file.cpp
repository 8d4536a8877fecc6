// ml/ensemble/forest_file.cpp: a forest in a model file, and in words.
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/text.h"
#include "assay/ml/ensemble/forest.h"

namespace assay {
namespace {

constexpr size_t kShownColumns = 30;  ///< with intervals
constexpr double kNormal975 = 1.959963984540054;

std::vector<double> one_a_column(const ArchiveReader& in, const char* name, size_t d) {
  std::vector<double> values = in.numbers(name);
  if (values.size() != d) in.fail(std::string(name) + " needs one number a column");
  return values;
}

const char* importance_name(ForestImportance kind, Task task) {
  if (kind == ForestImportance::impurity) return "mean decrease of impurity";
  return task == Task::classification ? "loss of accuracy when shuffled" : "rise of squared error when shuffled";
}

}  // namespace

void ForestModel::save(ArchiveWriter& out) const {
  for (const auto& item : criterion_names.items)
    if (item.second == criterion) out.text("criterion", item.first);
  for (const auto& item : forest_importance_names.items)
    if (item.second == importance_kind) out.text("importance-kind", item.first);
  out.numbers("importance", importance);
  out.numbers("importance-error", importance_error);
  out.integer("oob-rows", oob.rows);
  out.number("oob-error", oob.error);
  std::vector<int> places;
  std::vector<double> errors;
  for (const auto& [t, e] : oob.curve) {
    places.push_back(t);
    errors.push_back(e);
  }
  out.integers("oob-trees", places);
  out.numbers("oob-errors", errors);
  for (const ensemble::PackedTree& tree : trees) ensemble::save_tree(tree, out.append("trees"));
}

ForestModel ForestModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  constexpr int kMost = std::numeric_limits<int>::max();
  ForestModel model;
  model.task = target.task();
  model.K = target.K();
  const std::string criterion = in.text("criterion"), kind = in.text("importance-kind");
  bool known = false, known_kind = false;
  for (const auto& item : criterion_names.items)
    if (criterion == item.first && item.second != Criterion::automatic) {
      model.criterion = item.second;
      known = (model.K > 0) == (item.second != Criterion::squared_error);
    }
  if (!known) in.fail("criterion does not fit the task");
  for (const auto& item : forest_importance_names.items)
    if (kind == item.first) {
      model.importance_kind = item.second;
      known_kind = true;
    }
  if (!known_kind) in.fail("importance-kind must be impurity or permutation");
  for (const Column& column : columns) model.categorical.push_back(column.categorical());
  model.importance = one_a_column(in, "importance", columns.size());
  model.importance_error = one_a_column(in, "importance-error", columns.size());
  model.oob.rows = static_cast<int>(in.integer("oob-rows", 0, kMost));
  model.oob.error = in.number("oob-error");
  const std::vector<int> places = in.integers("oob-trees", 1, kMost);
  const std::vector<double> errors = in.numbers("oob-errors");
  if (places.size() != errors.size()) in.fail("oob-trees and oob-errors must be equally long");
  for (size_t i = 0; i < places.size(); ++i) model.oob.curve.emplace_back(places[i], errors[i]);
  for (const ArchiveReader& tree : in.objects("trees"))
    model.trees.push_back(ensemble::load_tree(tree, columns, model.K));
  if (model.trees.empty()) in.fail("a forest has at least one tree");
  return model;
}

Explanation ForestModel::explain(const std::vector<Column>& columns, const Target&) const {
  Explanation e;
  double leaves = 0;
  for (const ensemble::PackedTree& t : trees) leaves += t.leaves();
  const double T = static_cast<double>(trees.size());
  e.sentences.push_back("The mean of " + std::to_string(trees.size()) + (T == 1 ? " tree" : " trees") + " with " +
                        six_digits(leaves / T) + " leaves on average.");
  if (oob.rows > 0)
    e.sentences.push_back("Out of bag, on " + std::to_string(oob.rows) +
                          " rows, each answered by the trees that have not drawn it: " +
                          (task == Task::classification ? "error " + six_digits(oob.error)
                                                        : "rmse " + six_digits(std::sqrt(std::max(0.0, oob.error)))) +
                          ".");
  e.importance_name = importance_name(importance_kind, task);
  e.importance = importance;

  std::vector<size_t> order(columns.size());
  for (size_t f = 0; f < order.size(); ++f) order[f] = f;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return importance[a] > importance[b]; });
  order.resize(std::min(order.size(), kShownColumns));
  Explanation::Table table{"importance over the trees, with 95 % intervals", {"feature", "mean", "low", "high"}, {}};
  for (const size_t f : order) {
    const double half = kNormal975 * importance_error[f];
    table.rows.push_back({columns[f].name, importance[f], importance[f] - half, importance[f] + half});
  }
  if (trees.size() > 1) e.tables.push_back(std::move(table));
  if (oob.curve.size() > 1) {
    Explanation::Curve curve{task == Task::classification ? "out-of-bag error" : "out-of-bag mean squared error", {}};
    for (const auto& [t, error] : oob.curve) curve.points.emplace_back(t, error);
    e.curves.push_back({"out-of-bag error against the number of trees",
                        "It falls and levels off: more trees do no harm.",
                        "trees",
                        {std::move(curve)},
                        T});
  }
  return e;
}

}  // namespace assay
