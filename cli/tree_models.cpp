#include "cli/tree_models.h"

#include "assay/ml/boosting/gbdt.h"
#include "assay/ml/ensemble/forest.h"

namespace assay::cli {
namespace {

template <class M>
const M* fitted(const Model& model) {
  const auto* of = dynamic_cast<const detail::ModelOf<M>*>(model.model.get());
  return of ? &of->inner() : nullptr;
}

SumOfTrees of_tree(const TreeModel& m) {
  SumOfTrees sum;
  sum.trees.push_back({m.nodes, 1, -1});
  sum.base.assign(static_cast<size_t>(m.nodes.outputs), 0.0);
  sum.categorical = m.categorical;
  sum.what = m.task == Task::classification ? "the share of" : "";
  return sum;
}

SumOfTrees of_forest(const ForestModel& m) {
  SumOfTrees sum;
  for (const ensemble::PackedTree& tree : m.trees)
    sum.trees.push_back({ensemble::unpack(tree, m.K, m.categorical), 1.0 / static_cast<double>(m.trees.size()), -1});
  sum.base.assign(static_cast<size_t>(std::max(1, m.K)), 0.0);
  sum.categorical = m.categorical;
  sum.what = m.task == Task::classification ? "the share of" : "";
  sum.weight = "weight";
  return sum;
}

SumOfTrees of_gbdt(const GbdtModel& m) {
  SumOfTrees sum;
  for (size_t t = 0; t < m.trees.size(); ++t)
    sum.trees.push_back({m.trees[t].nodes, 1, static_cast<int>(t % static_cast<size_t>(m.K()))});
  sum.base = m.base;
  sum.categorical = m.categorical;
  sum.what = "the margin of";
  sum.weight = "H";
  return sum;
}

}  // namespace

std::optional<SumOfTrees> sum_of_trees(const Model& model) {
  if (const auto* tree = fitted<TreeModel>(model)) return of_tree(*tree);
  if (const auto* forest = fitted<ForestModel>(model)) return of_forest(*forest);
  if (const auto* gbdt = fitted<GbdtModel>(model)) return of_gbdt(*gbdt);
  return std::nullopt;
}

void refuse_without_trees(const Model& model, const std::string& option) {
  throw UsageError(option + ": a model of " + std::string(model.learner->name()) + " is not made of trees",
                   "tree, forest and gbdt are");
}

}  // namespace assay::cli
