// ml/boosting/second_order.cpp: boosting by gradient and hessian.
// Notation   t: round;  k: output;  w*: a leaf's answer, gain.h eq. 1
// Method     1 gradients at F   2 rows and columns that the tree sees   3 grow a tree   4 its leaves' answers times eta   5 add
//            them to F
// Departures from the paper: F, g, h and the answers are float32, as in XGBoost, sums are doubles.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/grain.h"
#include "assay/ml/boosting/approximate.h"
#include "assay/ml/boosting/exact.h"
#include "assay/ml/boosting/histogram.h"
#include "assay/ml/boosting/rounds.h"
#include "assay/ml/boosting/sampling.h"

namespace assay::boosting {
namespace {

struct LeafStep {
  static constexpr const char* kind = "leaves";
  static constexpr const char* title = "the answer of each leaf, first and second order";
  static constexpr const char* source = "ml/boosting/second_order.cpp:answer_leaves";
  int t;
  std::vector<double> G, H, n, first, second;
  static void fields(const LeafStep& s, auto&& field) {
    field("t", s.t, "round");
    field("G", s.G, "sum of gradients of each leaf");
    field("H", s.H, "sum of hessians");
    field("n", s.n, "rows");
    field("first-order", s.first, "-G/n: mean negative gradient");
    field("second-order", s.second, "w* = -G/(H + lambda), which is used");
  }
};

constexpr Index kLeaves = 4;  ///< answered together

/// The finder of a tree method, with what it needs to live.
struct Search {
  std::unique_ptr<BinTable> table;
  std::unique_ptr<SplitFinder> finder;
};

Search make_search(const Training& training, const BoostData& data, const Regularization& r, const Context& ctx) {
  const GbdtParams& p = training.params;
  Search s;
  if (p.tree_method == TreeMethod::exact) {
    s.finder = std::make_unique<ExactFinder>(data, r, ctx.threads);
  } else if (p.tree_method == TreeMethod::approx) {
    s.finder = std::make_unique<ApproximateFinder>(data, p.max_bins, r, ctx.threads);
  } else {
    s.table = std::make_unique<BinTable>(data,
                                         quantile_cuts(data, training.rows, training.samples.weight, p.max_bins,
                                                       ctx.child("bins", 0).rng(), ctx.threads),
                                         p.bundle, ctx.threads);
    s.finder = std::make_unique<HistogramFinder>(data, *s.table, r, ctx.threads);
  }
  return s;
}

/// 4: w* from the rows' own gradients, since a finder's sums may be rounded.
void answer_leaves(const Training& training, const std::vector<Gradient>& gradients, const std::vector<int>& rows,
                   const std::vector<LeafRows>& leaves, const Regularization& r, int round, BoostTree& tree,
                   const Context& ctx) {
  const double eta = training.params.eta;
  const float shrink = static_cast<float>(eta);
  LeafStep step{round, {}, {}, {}, {}, {}};
  std::vector<Sums> sums(leaves.size());
  std::vector<double> w(leaves.size());
  parallel_for(threads_for_steps(ctx.threads, static_cast<Index>(rows.size())), static_cast<Index>(leaves.size()),
               kLeaves, [&](Index begin, Index end) {
                 for (size_t l = static_cast<size_t>(begin); l < static_cast<size_t>(end); ++l) {
                   const std::span<const int> own{rows.data() + leaves[l].begin, static_cast<size_t>(leaves[l].count)};
                   for (const int row : own) {
                     sums[l].G += static_cast<double>(gradients[static_cast<size_t>(row)].g);
                     sums[l].H += static_cast<double>(gradients[static_cast<size_t>(row)].h);
                   }
                   w[l] = training.objective.renews_leaves() ? training.objective.leaf_value(own, training.F)
                                                             : leaf_weight(sums[l], r);
                 }
               });
  for (size_t l = 0; l < leaves.size(); ++l) {
    const size_t at = static_cast<size_t>(leaves[l].node);
    tree.nodes.value[at] = static_cast<double>(static_cast<float>(w[l]) * shrink);
    tree.nodes.cover[at] = sums[l].H;
    if (!ctx.trace) continue;
    step.G.push_back(sums[l].G);
    step.H.push_back(sums[l].H);
    step.n.push_back(leaves[l].count);
    step.first.push_back(-sums[l].G / leaves[l].count);
    step.second.push_back(w[l]);
  }
  for (size_t i = tree.nodes.feature.size(); i-- > 0;)  // a child's number is greater than its parent's
    if (tree.nodes.feature[i] >= 0) {
      tree.nodes.value[i] *= eta;
      tree.nodes.cover[i] = tree.nodes.cover[static_cast<size_t>(tree.nodes.left[i])] +
                            tree.nodes.cover[static_cast<size_t>(tree.nodes.right[i])];
    }
  ctx.trace.step([&] { return step; });
}

/// 5: a leaf's rows are a range; where the tree did not see all of them, they walk down.
void add_tree(Training& training, const GbdtModel& model, const BoostTree& tree, const std::vector<int>& rows,
              const std::vector<LeafRows>& leaves, int k, int threads) {
  const size_t K = static_cast<size_t>(model.K());
  if (training.rows.empty() || rows.size() == training.rows.size()) {
    parallel_for(threads_for_steps(threads, static_cast<Index>(rows.size())), static_cast<Index>(leaves.size()),
                 kLeaves, [&](Index begin, Index end) {
                   for (size_t l = static_cast<size_t>(begin); l < static_cast<size_t>(end); ++l) {
                     const float w = static_cast<float>(tree.nodes.value[static_cast<size_t>(leaves[l].node)]);
                     for (int i = leaves[l].begin; i < leaves[l].begin + leaves[l].count; ++i)
                       training.F[static_cast<size_t>(rows[static_cast<size_t>(i)]) * K + static_cast<size_t>(k)] += w;
                   }
                 });
    return;
  }
  add_answers(tree.nodes, model.categorical, training.samples.cols(), training.rows, k, model.K(), training.F, threads);
}

}  // namespace

void boost_second_order(Training& training, GbdtModel& model, Watch& watch, const Context& ctx) {
  const GbdtParams& p = training.params;
  const Columns& X = training.samples.cols();
  const BoostData data{X, training.samples.columns};
  TreeRules rules{
      p.grow,           p.max_depth, p.max_leaves, {p.lambda, p.alpha, p.gamma, p.min_child_weight}, p.columns_by_level,
      p.columns_by_node};
  Search search = make_search(training, data, rules.regularization, ctx);
  std::vector<int> all_columns(static_cast<size_t>(X.cols()));
  std::iota(all_columns.begin(), all_columns.end(), 0);
  std::vector<Gradient> gradients;
  std::vector<LeafRows> leaves;
  std::vector<int> rows;
  const bool every = !p.goss_top && p.subsample >= 1 && static_cast<Index>(training.rows.size()) == X.rows();
  if (every) rows.swap(training.rows);  // one list is enough then
  for (int t = 0; t < p.trees; ++t) {
    ctx.check_cancelled();
    const Context round = ctx.child("round", static_cast<uint64_t>(t));
    training.objective.begin_round(training.F, ctx.threads);
    std::vector<BoostTree> trees;
    for (int k = 0; k < model.K(); ++k) {
      const Context own = model.K() > 1 ? round.child("class", static_cast<uint64_t>(k)) : round;
      training.objective.gradients(training.F, k, gradients, ctx.threads);
      if (every)
        std::iota(rows.begin(), rows.end(), 0);
      else
        rows = p.goss_top ? goss(training.rows, *p.goss_top, p.goss_other, gradients, own.child("rows", 0).rng())
                          : draw(training.rows, p.subsample, round.child("rows", 0).rng());
      const std::vector<int> columns = draw(all_columns, p.columns, own.child("columns", 0).rng());
      trees.push_back(grow_tree(data, gradients, rows, columns, rules, *search.finder, own, leaves));
      answer_leaves(training, gradients, rows, leaves, rules.regularization, t, trees.back(), own);
      add_tree(training, model, trees.back(), rows, leaves, k, ctx.threads);
    }
    for (BoostTree& tree : trees) model.trees.push_back(std::move(tree));
    if (watch.enough(training, t)) break;
  }
}

}  // namespace assay::boosting
