// Method     1 rank and sort the columns once   2 a round: grow on the weights   3 send all rows down the tree
#include "assay/ml/ensemble/boosted_tree.h"

#include <algorithm>
#include <numeric>

namespace assay::ensemble {

std::optional<BoostedTrees> BoostedTrees::make(const TreeParams& params, const Samples& x, const Target& target,
                                               int threads) {
  const bool plain = params.prune == Prune::none && !params.max_leaves && !params.ccp_alpha &&
                     (params.criterion == Criterion::automatic || params.criterion == Criterion::gini ||
                      params.criterion == Criterion::entropy);
  if (!plain || target.task() != Task::classification) return std::nullopt;
  BoostedTrees trees(params, x, target);
  trees.criterion_ = params.criterion == Criterion::entropy ? Criterion::entropy : Criterion::gini;
  trees.ranks_ = rank_columns(x.cols(), x.columns, threads);
  for (RankedColumn& column : trees.ranks_) column.sort_rows();
  for (const Column& column : x.columns) trees.categorical_.push_back(column.categorical());
  return trees;
}

TreeModel BoostedTrees::fit(const Vector& w, std::vector<int>& said, const Context& ctx) const {
  const Columns& X = x_->cols();
  Bag bag;
  bag.weight.assign(w.data(), w.data() + w.size());
  for (int i = 0; i < static_cast<int>(w.size()); ++i)
    if (w[i] > 0) bag.rows.push_back(i);
  const tree::Problem p{X,       x_->columns,       target_->K(), target_->code.data(),
                        nullptr, bag.weight.data(), criterion_,   params_.min_leaf};
  const GrowSettings settings{params_.max_depth, params_.min_leaf, params_.min_split, params_.min_gain,
                              static_cast<int>(x_->d())};
  const PackedTree grown = grow_packed(p, ranks_, bag, settings, ctx).tree;

  TreeModel model;
  model.task = Task::classification;
  model.criterion = criterion_;
  model.categorical = categorical_;
  model.nodes = unpack(grown, target_->K(), categorical_, criterion_ == Criterion::entropy);
  model.report.iterations = model.nodes.size();
  model.report.more = {{"leaves", model.nodes.leaves()}, {"depth", model.nodes.depth()}};
  std::vector<int> answer(static_cast<size_t>(grown.size()), 0);  // the class of each leaf
  for (int node = 0; node < grown.size(); ++node) {
    const double* share = model.nodes.value.data() + static_cast<Index>(node) * target_->K();
    answer[static_cast<size_t>(node)] = static_cast<int>(std::max_element(share, share + target_->K()) - share);
  }
  said.resize(static_cast<size_t>(X.rows()));
  for (Index i = 0; i < X.rows(); ++i) {
    int node = 0;
    while (!grown.leaf(node)) {
      const size_t f = grown.nodes[static_cast<size_t>(node)].feature;
      node = grown.child(node, X(i, static_cast<Index>(f)), categorical_[f]);
    }
    said[static_cast<size_t>(i)] = answer[static_cast<size_t>(node)];
  }
  return model;
}

}  // namespace assay::ensemble
