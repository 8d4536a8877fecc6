// ml/tree/tree.cpp: fitting and predicting; growing is in grow.cpp, one split in split.cpp.
// Method     1 check the table   2 choose the criterion   3 grow and prune   4 predict: walk from the root to a leaf
// Departures from the paper: see split.cpp, ratio.cpp, grow.cpp and prune*.cpp.
#include "assay/ml/tree/tree.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/tree/prune.h"

namespace assay {
namespace {

constexpr Index kRows = 1024;  ///< rows predicted together

Criterion criterion_for(Task task, Criterion wanted) {
  const bool classes = task == Task::classification;
  if (wanted == Criterion::automatic) return classes ? Criterion::gini : Criterion::squared_error;
  if (classes != (wanted != Criterion::squared_error))
    throw ParameterError(std::string("parameter 'criterion' must be ") +
                         (classes ? "gini, entropy or gain-ratio for a target of classes, got squared-error"
                                  : "squared-error for a target of numbers, got gini, entropy or gain-ratio"));
  return wanted;
}

/// The class of greatest share; equal shares: the lowest.
int greatest(const double* share, int K) { return static_cast<int>(std::max_element(share, share + K) - share); }

}  // namespace

namespace tree {

void check_cells(const Samples& samples, const char* who) {
  const Columns& X = samples.cols();
  for (Index f = 0; f < samples.d(); ++f) {
    const Column& column = samples.columns[static_cast<size_t>(f)];
    const double levels = static_cast<double>(column.levels.size());
    for (Index i = 0; i < X.rows(); ++i) {
      const double x = X(i, f);
      if (std::isnan(x)) continue;
      const bool fine = column.categorical() ? x >= 0 && x < levels && x == std::floor(x) : std::isfinite(x);
      if (!fine)
        throw DataError(std::string(who) + ": column " + quoted(column.name) + ", row " + std::to_string(i + 1) + ": " +
                        shortest(x) +
                        (column.categorical() ? " is not the code of a level" : " is not a finite number"));
    }
  }
}

}  // namespace tree

int TreeNodes::child(int node, double x, bool categorical) const {
  const size_t i = static_cast<size_t>(node);
  bool to_left = default_left[i];
  if (!std::isnan(x)) {
    if (categorical)
      to_left = to_left != std::binary_search(level.begin() + level_begin[i], level.begin() + level_begin[i + 1],
                                              static_cast<int>(x));
    else
      to_left = x <= threshold[i];
  }
  return to_left ? left[i] : right[i];
}

int TreeNodes::leaf_of(const Columns& X, Index i, const std::vector<bool>& categorical) const {
  int node = 0;
  while (!leaf(node)) {
    const int f = feature[static_cast<size_t>(node)];
    node = child(node, X(i, f), categorical[static_cast<size_t>(f)]);
  }
  return node;
}

double TreeNodes::decrease(int node) const {
  const size_t i = static_cast<size_t>(node), l = static_cast<size_t>(left[i]), r = static_cast<size_t>(right[i]);
  return std::max(0.0, cover[i] * impurity[i] - cover[l] * impurity[l] - cover[r] * impurity[r]);
}

int TreeNodes::depth() const {
  std::vector<int> depth_of(feature.size(), 0);
  int deepest = 0;
  for (size_t i = 0; i < feature.size(); ++i) {
    deepest = std::max(deepest, depth_of[i]);
    if (feature[i] < 0) continue;
    depth_of[static_cast<size_t>(left[i])] = depth_of[static_cast<size_t>(right[i])] = depth_of[i] + 1;
  }
  return deepest;
}

int TreeNodes::leaves() const { return static_cast<int>(std::count(feature.begin(), feature.end(), -1)); }

TreeModel Tree::fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx) {
  check_fit_input(samples, target, info.traits.min_classes);
  tree::check_cells(samples, "tree");
  TreeModel model;
  model.task = target.task();
  model.criterion = criterion_for(model.task, params.criterion);
  for (const Column& column : samples.columns) model.categorical.push_back(column.categorical());
  const tree::Problem problem{samples.cols(),      samples.columns,
                              target.K(),          target.code.data(),
                              target.value.data(), samples.weight.size() ? samples.weight.data() : nullptr,
                              model.criterion,     params.min_leaf};
  model.nodes = tree::grow_and_prune(problem, params, samples, target, ctx, model.pruning);
  model.report.iterations = model.nodes.size();
  model.report.more = {{"leaves", model.nodes.leaves()}, {"depth", model.nodes.depth()}};
  if (model.pruning) {
    model.report.more.push_back({"grown_leaves", model.pruning->grown.leaves()});
    if (model.pruning->method == Prune::cost_complexity) model.report.more.push_back({"alpha", model.pruning->alpha});
  }
  for (int i = 0; i < model.nodes.size(); ++i)
    if (model.nodes.leaf(i))
      model.report.objective += model.nodes.cover[static_cast<size_t>(i)] / model.nodes.cover[0] *
                                model.nodes.impurity[static_cast<size_t>(i)];
  return model;
}

std::vector<int> TreeModel::apply(const Samples& samples, const Context& ctx) const {
  const Columns& X = samples.cols();
  std::vector<int> leaf(static_cast<size_t>(X.rows()));
  parallel_for(ctx.threads, X.rows(), kRows, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) leaf[static_cast<size_t>(i)] = nodes.leaf_of(X, i, categorical);
  });
  return leaf;
}

Vector TreeModel::predict(const Samples& samples, const Context& ctx) const {
  const std::vector<int> leaf = apply(samples, ctx);
  Vector answer(static_cast<Index>(leaf.size()));
  for (size_t i = 0; i < leaf.size(); ++i) {
    const double* value = nodes.value.data() + static_cast<size_t>(leaf[i]) * static_cast<size_t>(nodes.outputs);
    answer[static_cast<Index>(i)] = task == Task::classification ? greatest(value, nodes.outputs) : value[0];
  }
  return answer;
}

Matrix TreeModel::predict_proba(const Samples& samples, const Context& ctx) const {
  const std::vector<int> leaf = apply(samples, ctx);
  Matrix proba(static_cast<Index>(leaf.size()), nodes.outputs);
  for (size_t i = 0; i < leaf.size(); ++i)
    std::copy_n(nodes.value.data() + static_cast<size_t>(leaf[i]) * static_cast<size_t>(nodes.outputs), nodes.outputs,
                proba.data() + static_cast<Index>(i) * nodes.outputs);
  return proba;
}

std::vector<double> TreeModel::importance() const {
  std::vector<double> decrease(categorical.size(), 0.0);
  for (int i = 0; i < nodes.size(); ++i)
    if (!nodes.leaf(i)) decrease[static_cast<size_t>(nodes.feature[static_cast<size_t>(i)])] += nodes.decrease(i);
  double total = 0;
  for (const double x : decrease) total += x;
  if (total > 0)
    for (double& x : decrease) x /= total;
  return decrease;
}

}  // namespace assay
