// ml/ensemble/forest.h: a random forest: many deep trees, each grown on its own bootstrap sample with few columns to choose
// from at every node; the mean of their answers.
//
//   f(x) = 1/T sum_t tree(x; bag_t, draws_t)                                                                         (1)
//
// Bag         n rows drawn with replacement (max-samples n of them); a row that is drawn twice weighs twice. The rows a tree
//             has not drawn, about 37 %, are its out-of-bag rows; what the trees that have not seen a row say of it is an
//             honest test without a held-out part.
// Columns     at every node `max-features` of them, drawn without replacement; more where none of these can split the node
// Randomness  tree t draws from its own stream: any number of threads grows the same forest
// Weights     a row's weight multiplies its number of draws; rows of weight zero are never drawn
// Shapes      X by columns, NaN missing; classes answer with the mean of the leaves' class shares
// Cost        T times O(columns m) for every node of m rows; a table of ranks (2 or 4 bytes a cell) shared by all trees
// Errors      DataError (an infinite cell), ParameterError (a criterion of the other task, a number of columns like 2.5)
// See         [Breiman2001]; grow_packed.h, node_search.h, out_of_bag.h; trace kinds "tree", "importance"
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "assay/ml/ensemble/packed_tree.h"
#include "assay/ml/learner.h"

namespace assay {

enum class MaxFeatures { automatic, sqrt, log2, third, all };
inline constexpr EnumNames<MaxFeatures, 5> max_features_names{{{"auto", MaxFeatures::automatic},
                                                               {"sqrt", MaxFeatures::sqrt},
                                                               {"log2", MaxFeatures::log2},
                                                               {"third", MaxFeatures::third},
                                                               {"all", MaxFeatures::all}}};

enum class ForestImportance { impurity, permutation };
inline constexpr EnumNames<ForestImportance, 2> forest_importance_names{
    {{"impurity", ForestImportance::impurity}, {"permutation", ForestImportance::permutation}}};

struct ForestParams {
  int trees = 100;
  std::variant<MaxFeatures, double> max_features = MaxFeatures::automatic;
  Criterion criterion = Criterion::automatic;
  std::optional<int> max_depth;
  int min_leaf = 1;
  int min_split = 2;
  double min_gain = 0;
  bool bootstrap = true;
  double max_samples = 1;
  bool oob = true;
  ForestImportance importance = ForestImportance::impurity;

  static void fields(auto& p, auto&& field) {
    field("trees", p.trees, between(1, 1e6), "number of trees T", {"n-estimators", "num-trees"});
    field("max-features", p.max_features, WordOrNumber{max_features_names, positive},
          "columns tried at a node: a word, a share below 1, or a whole number; auto is sqrt for classes; for values a "
          "third "
          "(forest), all (extra-trees)",
          {"mtry"});
    field("criterion", p.criterion, criterion_names, "impurity I; auto is gini for classes, squared-error for values");
    field("max-depth", p.max_depth, at_least(0), "greatest number of splits from the root to a leaf; none: no limit");
    field("min-leaf", p.min_leaf, at_least(1), "fewest rows of the bag in a leaf, each counted once",
          {"min-samples-leaf"});
    field("min-split", p.min_split, at_least(2), "fewest rows a node needs to be split", {"min-samples-split"});
    field("min-gain", p.min_gain, non_negative, "a split must lower the tree's impurity by at least this: W/n G",
          {"min-impurity-decrease"});
    field("bootstrap", p.bootstrap, "grow each tree on rows drawn with replacement; false: on all rows");
    field("max-samples", p.max_samples, fraction, "rows drawn for a tree, as a share of n (with bootstrap)",
          {"sample-fraction"});
    field("oob", p.oob, "test on the rows that a tree has not drawn (with bootstrap)", {"oob-score"});
    field("importance", p.importance, forest_importance_names,
          "of the columns: decrease of impurity, or loss of accuracy when a column's out-of-bag cells are shuffled");
  }
  static std::optional<std::string> check(const ForestParams& p);
};

/// What the trees say of rows they have not seen.
struct OutOfBagScore {
  double error = 0;  ///< share of wrong classes, or mean squared error; weighted as the rows are
  int rows = 0;      ///< rows that at least one tree has not drawn; 0: no score
  std::vector<std::pair<int, double>> curve;  ///< (trees, error), at a few numbers of trees
};

struct ForestModel {
  Task task = Task::classification;
  Criterion criterion = Criterion::gini;
  int K = 0;  ///< classes; 0: values
  std::vector<bool> categorical;
  std::vector<ensemble::PackedTree> trees;
  ForestImportance importance_kind = ForestImportance::impurity;
  std::vector<double> importance, importance_error;  ///< mean over the trees, and its standard error
  OutOfBagScore oob;
  FitReport report;

  Vector predict(const Samples& samples, const Context& ctx) const;
  bool has_proba() const { return task == Task::classification; }
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;

  void save(ArchiveWriter& out) const;
  static ForestModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct Forest {
  using Params = ForestParams;
  using Model = ForestModel;
  static constexpr LearnerInfo info{"forest",
                                    "the mean of many deep trees, each on its own bootstrap sample (random forest)",
                                    "Breiman2001",
                                    {"random-forest", "rf", "randomforest", "ranger"},
                                    {.classification = true,
                                     .regression = true,
                                     .layout = Layout::columns,
                                     .accepts_missing = true,
                                     .accepts_categories = true,
                                     .weights = Weights::approximate,
                                     .objective = "oob_error"}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

/// Extremely randomised trees [Geurts2006]: as a forest, but the threshold of each drawn column is drawn too, and all rows
/// are used unless `bootstrap` is asked for.
struct ExtraTreesParams : ForestParams {
  ExtraTreesParams() { bootstrap = false; }
};

struct ExtraTrees {
  using Params = ExtraTreesParams;
  using Model = ForestModel;
  static constexpr LearnerInfo info{"extra-trees",
                                    "the mean of many trees whose thresholds are drawn at random",
                                    "Geurts2006",
                                    {"extratrees", "et", "extremely-randomized-trees"},
                                    {.classification = true,
                                     .regression = true,
                                     .layout = Layout::columns,
                                     .accepts_missing = true,
                                     .accepts_categories = true,
                                     .weights = Weights::approximate,
                                     .baseline = false,  // the forest stands for it
                                     .objective = "oob_error"}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

namespace ensemble {
enum class SplitSearch;
/// What both learners do; `search` other than their own is for tests.
ForestModel fit_forest(const ForestParams& params, const Samples& samples, const Target& target, SplitSearch search,
                       const Context& ctx);
}  // namespace ensemble

}  // namespace assay
