// ml/tree/tree.h: a classification or regression tree (CART).
//
//   Grow: at a node with rows S choose the split (S_L, S_R) that lowers the impurity I most,
//
//     G = I(S) - W_L/W I(S_L) - W_R/W I(S_R)                                                                       (1)
//
//   and go on with both sides. I is the Gini index 1 - sum p_k^2, the entropy - sum p_k log2 p_k (classes), or the
//   mean squared deviation (values). A leaf answers with its class shares, or its mean. With `gain-ratio` (ratio.h) I is
//   the entropy, and among the columns' best splits G / H(W_L/W, W_R/W) decides.
//
// Splits      numeric column: x <= threshold goes left, threshold halfway between two neighbouring values; column with
//             levels: a subset of the levels goes left. A missing cell, or a level this node never saw, goes the node's
//             default way: both ways are tried; where no training row of the node was missing, it is the larger child.
// Ties        splits whose gains differ by at most 1e-12 I(S) are equal: the lowest column wins, then the lowest
//             threshold, then missing goes left. Equal class shares: the lowest class.
// Weights     exact: a row of weight two is two rows, a row of weight zero is absent. (min-leaf and min-split count
//             rows, as in scikit-learn.)
// Cost        O(d n log n) to sort once, then O(d n) a level; 8 n d bytes beside the table. Predicting: O(depth) a row.
// Errors      DataError (an infinite cell), ParameterError (a criterion of the other task)
// Pruning     cost-complexity with the nested sequence of weakest links, or reduced-error on held-out rows: prune.h
// See         [Breiman1984] ch. 2-4, 8; [Quinlan1993] sec. 2.2; split.h, ratio.h, grow.h; trace kinds "split", "pruned"
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "assay/ml/learner.h"

namespace assay {

enum class Criterion { automatic, gini, entropy, squared_error, gain_ratio };
/// Those that are one impurity and nothing else: what ensembles offer.
inline constexpr EnumNames<Criterion, 4> criterion_names{{{"auto", Criterion::automatic},
                                                          {"gini", Criterion::gini},
                                                          {"entropy", Criterion::entropy},
                                                          {"squared-error", Criterion::squared_error}}};
inline constexpr EnumNames<Criterion, 5> tree_criterion_names{{{"auto", Criterion::automatic},
                                                               {"gini", Criterion::gini},
                                                               {"entropy", Criterion::entropy},
                                                               {"gain-ratio", Criterion::gain_ratio},
                                                               {"squared-error", Criterion::squared_error}}};
/// Whether I(S) is the entropy.
constexpr bool entropic(Criterion c) { return c == Criterion::entropy || c == Criterion::gain_ratio; }

enum class Prune { none, cost_complexity, reduced_error };
inline constexpr EnumNames<Prune, 3> prune_names{
    {{"none", Prune::none}, {"cost-complexity", Prune::cost_complexity}, {"reduced-error", Prune::reduced_error}}};
enum class PruneRule { min, one_se };
inline constexpr EnumNames<PruneRule, 2> prune_rule_names{{{"min", PruneRule::min}, {"one-se", PruneRule::one_se}}};
enum class PruneCost { impurity, error };
inline constexpr EnumNames<PruneCost, 2> prune_cost_names{
    {{"impurity", PruneCost::impurity}, {"error", PruneCost::error}}};

struct TreeParams {
  Criterion criterion = Criterion::automatic;
  std::optional<int> max_depth, max_leaves;
  int min_leaf = 1;
  int min_split = 2;
  double min_gain = 0;
  Prune prune = Prune::none;
  std::optional<double> ccp_alpha;
  PruneCost prune_cost = PruneCost::impurity;
  int prune_folds = 10;
  PruneRule prune_rule = PruneRule::one_se;
  double prune_share = 0.3;

  static void fields(auto& p, auto&& field) {
    field("criterion", p.criterion, tree_criterion_names,
          "impurity I; auto is gini for classes, squared-error for values");
    field("max-depth", p.max_depth, at_least(0), "greatest number of splits from the root to a leaf; none: no limit");
    field("max-leaves", p.max_leaves, at_least(1), "most leaves, grown best first: greatest W G; none: no limit",
          {"max-leaf-nodes"});
    field("min-leaf", p.min_leaf, at_least(1), "fewest training rows in a leaf", {"min-samples-leaf"});
    field("min-split", p.min_split, at_least(2), "fewest training rows a node needs to be split",
          {"min-samples-split"});
    field("min-gain", p.min_gain, non_negative, "a split must lower the tree's impurity by at least this: W/n G",
          {"min-impurity-decrease"});
    field("prune", p.prune, prune_names, "what is cut back after growing, and by which rule");
    field("ccp-alpha", p.ccp_alpha, non_negative,
          "cost of a leaf: the smallest subtree of least R(T) + alpha |T|; none: by cross-validation if prune says so");
    field("prune-cost", p.prune_cost, prune_cost_names, "R(T) of cost-complexity: impurity, or share of wrong answers");
    field("prune-folds", p.prune_folds, at_least(2), "folds that choose alpha");
    field("prune-rule", p.prune_rule, prune_rule_names,
          "alpha of the least held-out cost, or of the smallest tree within one standard error of it");
    field("prune-share", p.prune_share, Rule{0, 1, true, true}, "share of the rows held out for reduced-error pruning");
  }
  static std::optional<std::string> check(const TreeParams& p) {
    if (p.prune == Prune::reduced_error && p.ccp_alpha)
      return "parameter 'ccp-alpha' belongs to cost-complexity pruning, but prune is reduced-error";
    return std::nullopt;
  }
};

/// The nodes, root first; a child's index is greater than its parent's. Arrays of equal length, except where said.
struct TreeNodes {
  int outputs = 1;  ///< numbers a node in `value`: K class shares, or 1 mean

  std::vector<int> feature;        ///< column of the split; -1: leaf
  std::vector<double> threshold;   ///< numeric column: x <= threshold goes left; 0 elsewhere
  std::vector<int> left, right;    ///< -1 at a leaf
  std::vector<bool> default_left;  ///< where a missing cell goes
  std::vector<double> value;       ///< size() x outputs
  std::vector<double> cover;       ///< W: weight of the node's training rows
  std::vector<double> impurity;    ///< I
  std::vector<int> rows;           ///< number of the node's training rows
  /// Column with levels: level_begin[i] .. level_begin[i + 1] are the places in `level` of those levels, ascending,
  /// that do not go the default way. size() + 1 entries.
  std::vector<int> level_begin{0};
  std::vector<int> level;

  int size() const { return static_cast<int>(feature.size()); }
  bool leaf(int node) const { return feature[static_cast<size_t>(node)] < 0; }
  /// The child a row goes to whose cell in the node's column is `x`; `categorical` says what kind of column that is.
  int child(int node, double x, bool categorical) const;
  /// The leaf that row i of X ends in; `categorical` says so of every column.
  int leaf_of(const Columns& X, Index i, const std::vector<bool>& categorical) const;
  /// Cover times the impurity that the split of inner node i takes away; never negative.
  double decrease(int node) const;
  int depth() const;
  int leaves() const;
};

/// How a tree was pruned: what `explain` says and draws.
struct Pruning {
  struct Subtree {
    double alpha = 0;  ///< the least alpha it is best for
    int leaves = 1;
    double cost = 0;                          ///< R(T), on the training rows
    double held_out = 0, standard_error = 0;  ///< by cross-validation
  };
  Prune method = Prune::cost_complexity;
  std::vector<Subtree> sequence;  ///< cost-complexity: T_0, T_1, ... to the root alone
  double alpha = 0;               ///< cost-complexity
  bool cross_validated = false;   ///< alpha was chosen
  int held_rows = 0;              ///< reduced-error: rows held out, and the cost on them before and after
  double held_before = 0, held_after = 0;
  TreeNodes grown;  ///< the tree before
};

namespace tree {

/// DataError naming `who`, column and row: a cell that is infinite, or not the code of a level.
void check_cells(const Samples& samples, const char* who);

/// The arrays of a tree in a model file but for `value`, `cover` and `impurity`, whose rules differ from model to model.
void save_nodes(ArchiveWriter& out, const TreeNodes& nodes);
/// Reads them; what is read is a tree: the walk from the root ends for every row.
TreeNodes load_nodes(const ArchiveReader& in, const std::vector<Column>& columns);
/// An array with one entry a node.
std::vector<double> load_numbers(const ArchiveReader& in, const char* name, size_t size);

}  // namespace tree

struct TreeModel {
  Task task = Task::classification;
  Criterion criterion = Criterion::gini;  ///< the one that was used
  std::vector<bool> categorical;          ///< a column
  TreeNodes nodes;
  FitReport report;
  std::optional<Pruning> pruning{};

  Vector predict(const Samples& samples, const Context& ctx) const;
  bool has_proba() const { return task == Task::classification; }
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  /// The leaf each sample ends in.
  std::vector<int> apply(const Samples& samples, const Context& ctx) const;
  /// Mean decrease of impurity: the sum of W G over a column's splits, divided by the sum over all.
  std::vector<double> importance() const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;

  void save(ArchiveWriter& out) const;
  static TreeModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct Tree {
  using Params = TreeParams;
  using Model = TreeModel;
  static constexpr LearnerInfo info{
      "tree",
      "one tree of questions about columns, each chosen to make its two answers purer (CART)",
      "Breiman1984, ch. 2-4 and 8",
      {"decision-tree", "cart"},
      {.classification = true,
       .regression = true,
       .layout = Layout::columns,
       .accepts_missing = true,
       .accepts_categories = true,
       .weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
