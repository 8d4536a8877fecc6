// ml/boosting/gbdt.h: gradient boosted trees.
//
//   F(x) = F_0 + eta sum_t f_t(x): in every round one tree f_t (one a class, for more than two) lowers the loss
//
//     sum_i s_i l(y_i, F(x_i)) + sum_t (gamma leaves(f_t) + 1/2 lambda |w|^2 + alpha |w|_1)                            (1)
//
//   by its second-order approximation at the present F (order second: [Chen2016], XGBoost's way), or by fitting the negative
//   gradient with a least-squares tree whose leaves are then set to lower the loss most (order first: [Friedman2001]).
//
// Shapes     X: n x d by columns, NaN missing, levels as codes;  F: n x 1, or n x K for K > 2 classes
// Search     tree-method exact: every boundary between two values;  approx: quantiles weighted by hessians, anew for every tree;
//            hist: one byte a cell, binned once;  all three choose among their candidates by the same gain (gain.h)
// Rounds     with `early-stopping` the loss on rows kept aside (--valid, --holdout, or a tenth of the rows) is watched, and the
//            model ends at the round where it was least
// Weights    approximate: a row of weight two is two rows up to the rounding of float32 sums
// Cost       hist: O(n d) a level, 1 byte a cell and about 40 a row beside the table;  exact: O(n d) a level, 16 bytes a cell
// Errors     ParameterError (ranges; an objective of the other task), DataError (an infinite cell; a negative count)
// See        [Chen2016]; [Ke2017]; [Friedman2001]; [Friedman2002]; objective.h, boost_tree.h; trace kinds "round", "residuals",
//            "leaves", "split"
#pragma once
#include <optional>

#include "assay/ml/boosting/boost_tree.h"
#include "assay/ml/learner.h"

namespace assay {

enum class BoostOrder { second, first };
inline constexpr EnumNames<BoostOrder, 2> boost_order_names{
    {{"second", BoostOrder::second}, {"first", BoostOrder::first}}};

enum class TreeMethod { hist, exact, approx };
inline constexpr EnumNames<TreeMethod, 3> tree_method_names{
    {{"hist", TreeMethod::hist}, {"exact", TreeMethod::exact}, {"approx", TreeMethod::approx}}};

inline constexpr EnumNames<boosting::Growth, 2> growth_names{
    {{"depth", boosting::Growth::depth}, {"leaf", boosting::Growth::leaf}}};

struct GbdtParams {
  BoostLoss objective = BoostLoss::automatic;
  BoostOrder order = BoostOrder::second;
  TreeMethod tree_method = TreeMethod::hist;
  int trees = 100;
  double eta = 0.3;
  std::optional<int> max_depth = 6, max_leaves;
  boosting::Growth grow = boosting::Growth::depth;
  double lambda = 1, alpha = 0, gamma = 0, min_child_weight = 1;
  int min_leaf = 1;
  double subsample = 1, columns = 1, columns_by_level = 1, columns_by_node = 1;
  std::optional<double> goss_top;
  double goss_other = 0.1;
  bool bundle = true;
  int max_bins = 255;
  double quantile = 0.5, huber_share = 0.9;
  std::optional<double> base_score;
  std::optional<int> early_stopping;

  static void fields(auto& p, auto&& field) {
    field("objective", p.objective, boost_loss_names,
          "the loss; auto: squared for values, logistic for two classes, multinomial for more", {"loss"});
    field("order", p.order, boost_order_names,
          "second: gradient and hessian (XGBoost); first: Friedman's gradient boosting");
    field("tree-method", p.tree_method, tree_method_names,
          "how splits are searched for: by bins made once, by every value, by quantiles made anew for each tree");
    field("trees", p.trees, between(1, 100000), "rounds T; one tree a round, or one a class",
          {"n-estimators", "rounds", "num-boost-round", "max-iter"});
    field("learning-rate", p.eta, fraction, "eta: share of a tree's answers that is added", {"eta"});
    field("max-depth", p.max_depth, at_least(1),
          "greatest number of questions from the root to a leaf; none: no limit");
    field("max-leaves", p.max_leaves, at_least(2), "most leaves of a tree; none: no limit",
          {"num-leaves", "max-leaf-nodes"});
    field("grow", p.grow, growth_names, "depth: every node down to max-depth; leaf: always the node of greatest gain",
          {"grow-policy", "growth"});
    field("lambda", p.lambda, non_negative, "L2 penalty of the leaves' answers", {"reg-lambda", "l2-regularization"});
    field("alpha", p.alpha, non_negative, "L1 penalty of the leaves' answers", {"reg-alpha"});
    field("gamma", p.gamma, non_negative, "a split must gain at least this, eq. 7; half of XGBoost's gamma",
          {"min-split-loss"});
    field("min-child-weight", p.min_child_weight, non_negative, "least sum of hessians in a leaf");
    field("min-leaf", p.min_leaf, at_least(1), "order first: fewest training rows in a leaf", {"min-samples-leaf"});
    field("subsample", p.subsample, fraction, "share of the rows each tree sees, drawn anew");
    field("columns-by-tree", p.columns, fraction, "share of the columns each tree sees", {"colsample-bytree"});
    field("columns-by-level", p.columns_by_level, fraction, "share of those that each depth of it sees",
          {"colsample-bylevel"});
    field("columns-by-node", p.columns_by_node, fraction, "share of those that each node sees", {"colsample-bynode"});
    field("goss-top", p.goss_top, fraction,
          "keep this share of the rows, those of greatest gradient, and draw from the rest", {"top-rate"});
    field("goss-other", p.goss_other, fraction, "with goss-top: share of the rows drawn from the rest", {"other-rate"});
    field("bundle", p.bundle, "hist: columns that are never off their commonest bin together share one column");
    field("max-bins", p.max_bins, between(2, 255), "hist, approx: most bins of a column", {"max-bin", "bins"});
    field("quantile", p.quantile, Rule{0, 1, true, true}, "objective quantile: which one", {"quantile-alpha"});
    field("huber-share", p.huber_share, Rule{0, 1, true, true},
          "objective huber: share of the residuals that counts squared");
    field("base-score", p.base_score, any_number,
          "before the first tree: a value, a mean (poisson), a probability (logistic), the margin of all classes; "
          "none: the best");
    field("early-stopping", p.early_stopping, at_least(1),
          "stop after this many rounds without a lower loss on rows kept aside; none: never",
          {"early-stopping-rounds"});
  }
  static std::optional<std::string> check(const GbdtParams& p);
};

struct GbdtModel {
  BoostLoss loss = BoostLoss::squared;
  Task task = Task::regression;
  std::vector<double> base;                    ///< F_0: 1, or one a class
  std::vector<boosting::BoostTree> trees;      ///< tree t adds to output t mod K, its values already times eta
  std::vector<bool> categorical;               ///< a column
  std::vector<double> train_loss, valid_loss;  ///< after each round; empty where nobody watched
  FitReport report;

  int K() const { return static_cast<int>(base.size()); }
  /// F, n x K.
  Matrix margins(const Samples& samples, const Context& ctx) const;
  Vector predict(const Samples& samples, const Context& ctx) const;
  bool has_proba() const { return task == Task::classification; }
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  bool has_decision() const { return task == Task::classification; }
  Matrix decision_function(const Samples& samples, const Context& ctx) const { return margins(samples, ctx); }
  /// Sum of the gains of a column's splits, divided by the sum over all.
  std::vector<double> importance() const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static GbdtModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct Gbdt {
  using Params = GbdtParams;
  using Model = GbdtModel;
  static constexpr LearnerInfo info{"gbdt",
                                    "trees added one after the other, each lowering the loss that is left (XGBoost)",
                                    "Chen2016, sec. 2-3; Friedman2001",
                                    {"xgboost", "gradient-boosting", "lightgbm", "hist-gradient-boosting"},
                                    {.classification = true,
                                     .regression = true,
                                     .layout = Layout::columns,
                                     .accepts_missing = true,
                                     .accepts_categories = true,
                                     .weights = Weights::approximate,
                                     .min_classes = 2}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx,
                   const Validation* valid = nullptr);
};

}  // namespace assay
