// ml/boosting/gbdt_file.cpp: boosted trees in a model file, and in words. What is read is hostile until checked.
#include <algorithm>
#include <cmath>

#include "assay/core/text.h"
#include "assay/ml/boosting/gbdt.h"

namespace assay {
namespace {

constexpr size_t kMostTrees = 10'000'000;

boosting::BoostTree load_tree(const ArchiveReader& in, const std::vector<Column>& columns) {
  boosting::BoostTree tree;
  tree.nodes = tree::load_nodes(in, columns);
  tree.nodes.outputs = 1;
  const size_t size = tree.nodes.feature.size();
  tree.nodes.value = tree::load_numbers(in, "value", size);
  tree.nodes.cover = tree::load_numbers(in, "cover", size);
  tree.gain = tree::load_numbers(in, "gain", size);
  for (size_t i = 0; i < size; ++i)
    if (tree.nodes.cover[i] < 0 || tree.gain[i] < 0)
      in.fail("node " + std::to_string(i) + ": cover and gain must not be negative");
  return tree;
}

std::string name_of(BoostLoss loss) {
  for (const auto& item : boost_loss_names.items)
    if (item.second == loss) return item.first;
  return "?";
}

Explanation::Curves loss_curves(const GbdtModel& model) {
  Explanation::Curves curves;
  curves.title = "Loss after each round";
  curves.says = "Beyond the least loss aside, trees learn rows by heart.";
  curves.x_name = "rounds";
  const auto curve = [&](const char* name, const std::vector<double>& losses) {
    Explanation::Curve c{name, {}};
    for (size_t t = 0; t < losses.size(); ++t) c.points.emplace_back(static_cast<double>(t + 1), losses[t]);
    curves.curves.push_back(std::move(c));
  };
  curve("training", model.train_loss);
  curve("kept aside", model.valid_loss);
  curves.cursor = static_cast<double>(model.trees.size()) / model.K();
  return curves;
}

}  // namespace

void GbdtModel::save(ArchiveWriter& out) const {
  out.text("objective", name_of(loss));
  out.numbers("base", base);
  out.numbers("train-loss", train_loss);
  out.numbers("valid-loss", valid_loss);
  for (const boosting::BoostTree& tree : trees) {
    ArchiveWriter node = out.append("trees");
    tree::save_nodes(node, tree.nodes);
    node.numbers("value", tree.nodes.value);
    node.numbers("cover", tree.nodes.cover);
    node.numbers("gain", tree.gain);
  }
}

GbdtModel GbdtModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  GbdtModel model;
  model.task = target.task();
  const std::string objective = in.text("objective");
  model.loss = BoostLoss::automatic;
  for (const auto& item : boost_loss_names.items)
    if (objective == item.first) model.loss = item.second;
  const bool for_classes = model.loss == BoostLoss::logistic || model.loss == BoostLoss::multinomial;
  if (model.loss == BoostLoss::automatic || for_classes != (model.task == Task::classification) ||
      (model.loss == BoostLoss::logistic && target.K() != 2))
    in.fail("objective does not fit the task");
  for (const Column& column : columns) model.categorical.push_back(column.categorical());
  model.base =
      tree::load_numbers(in, "base", model.loss == BoostLoss::multinomial ? static_cast<size_t>(target.K()) : 1);
  model.train_loss = in.numbers("train-loss");
  model.valid_loss = in.numbers("valid-loss");
  if (!model.valid_loss.empty() && model.valid_loss.size() != model.train_loss.size())
    in.fail("train-loss and valid-loss must have the same length");
  const std::vector<ArchiveReader> trees = in.objects("trees");
  if (trees.empty() || trees.size() > kMostTrees || trees.size() % model.base.size() != 0)
    in.fail("the number of trees must be a multiple of the number of outputs");
  for (const ArchiveReader& tree : trees) model.trees.push_back(load_tree(tree, columns));
  model.report.iterations = static_cast<long>(model.trees.size() / model.base.size());
  return model;
}

Explanation GbdtModel::explain(const std::vector<Column>& columns, const Target&) const {
  Explanation e;
  size_t leaves = 0;
  for (const boosting::BoostTree& t : trees) leaves += static_cast<size_t>(t.nodes.leaves());
  const size_t rounds = trees.size() / base.size();
  e.sentences.push_back(
      std::to_string(rounds) + (rounds == 1 ? " round" : " rounds") + " of boosting on the " + name_of(loss) +
      " loss: " + std::to_string(trees.size()) + (trees.size() == 1 ? " tree" : " trees") + " with " +
      six_digits(static_cast<double>(leaves) / static_cast<double>(trees.size())) + " leaves on average.");
  const std::vector<double> share = importance();
  const size_t first = static_cast<size_t>(std::max_element(share.begin(), share.end()) - share.begin());
  if (!share.empty() && share[first] > 0)
    e.sentences.push_back(columns[first].name + " accounts for " + six_digits(100 * share[first]) +
                          " % of what the splits gained.");
  else
    e.sentences.push_back("No split was worth making, so every row gets the same answer.");
  e.importance_name = "share of the splits' gain";
  e.importance = share;
  if (!valid_loss.empty()) e.curves.push_back(loss_curves(*this));
  return e;
}

}  // namespace assay
