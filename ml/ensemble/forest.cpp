// Notation   n rows, d columns, T trees, m columns tried at a node; as grow_packed.h
// Method     1 check the table   2 rank the columns once   3 per tree: draw the bag, grow   4 out-of-bag error   5 importance
//            6 predict: the mean over the trees of the leaves' answers (1)
// Departures from the paper: classes are answered by the mean of the leaves' shares (as scikit-learn), not by one vote a
//            tree; for trees grown to the end both are the same. Missing cells, columns with levels and weights are not in
//            the papers. [Breiman2001] tries F = int(log2 d + 1) columns for classes; the default here is sqrt(d).
#include "assay/ml/ensemble/forest.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/ensemble/out_of_bag.h"

namespace assay {
namespace {

constexpr Index kPredicted = 512;  ///< rows predicted together

void check_cells(const Samples& samples) {
  const Columns& X = samples.cols();
  for (Index f = 0; f < samples.d(); ++f) {
    const Column& column = samples.columns[static_cast<size_t>(f)];
    const double levels = static_cast<double>(column.levels.size());
    for (Index i = 0; i < X.rows(); ++i) {
      const double x = X(i, f);
      if (std::isnan(x)) continue;
      const bool fine = column.categorical() ? x >= 0 && x < levels && x == std::floor(x) : std::isfinite(x);
      if (!fine)
        throw DataError("forest: column " + quoted(column.name) + ", row " + std::to_string(i + 1) + ": " +
                        shortest(x) +
                        (column.categorical() ? " is not the code of a level" : " is not a finite number"));
    }
  }
}

Criterion criterion_for(Task task, Criterion wanted) {
  const bool classes = task == Task::classification;
  if (wanted == Criterion::automatic) return classes ? Criterion::gini : Criterion::squared_error;
  if (classes != (wanted != Criterion::squared_error))
    throw ParameterError(std::string("parameter 'criterion' must be ") +
                         (classes ? "gini or entropy for a target of classes, got squared-error"
                                  : "squared-error for a target of numbers, got gini or entropy"));
  return wanted;
}

int columns_tried(const ForestParams& params, Index d, bool classes, bool random) {
  const double all = static_cast<double>(d);
  double wanted = all;
  if (const double* number = std::get_if<double>(&params.max_features)) {
    wanted = *number < 1 ? *number * all : *number;
  } else {
    switch (std::get<MaxFeatures>(params.max_features)) {
      case MaxFeatures::automatic:
        wanted = classes ? std::sqrt(all) : random ? all : all / 3;
        break;
      case MaxFeatures::sqrt:
        wanted = std::sqrt(all);
        break;
      case MaxFeatures::log2:
        wanted = std::log2(all);
        break;
      case MaxFeatures::third:
        wanted = all / 3;
        break;
      case MaxFeatures::all:
        break;
    }
  }
  return static_cast<int>(std::clamp(std::floor(wanted), 1.0, all));
}

struct TreeStep {
  static constexpr const char* kind = "tree";
  static constexpr const char* title = "grow tree t on its bag, m columns drawn at every node (Forest-RI)";
  static constexpr const char* source = "ml/ensemble/grow_packed.cpp:run";
  int t, rows;
  const ensemble::PackedTree& tree;
  std::string question;
  double error;
  static void fields(const TreeStep& s, auto&& field) {
    field("t", s.t, "number of the tree");
    field("in bag", s.rows, "different rows the tree was grown on");
    field("leaves", s.tree.leaves(), "leaves of the tree");
    field("depth", s.tree.depth(), "questions on its longest path");
    field("first", s.question, "what it asks first");
    field("oob error", s.error, "error of the trees so far on the rows they have not drawn; -1: none known");
  }
};

struct ImportanceStep {
  static constexpr const char* kind = "importance";
  static constexpr const char* title = "importance of a column: mean over the trees, with its standard error";
  static constexpr const char* source = "ml/ensemble/forest.cpp:set_importance";
  std::string column;
  double mean, error;
  static void fields(const ImportanceStep& s, auto&& field) {
    field("column", s.column, "name");
    field("mean", s.mean, "mean over the trees");
    field("error", s.error, "standard error of that mean");
  }
};

struct Growth {
  std::vector<std::vector<double>> decrease;   ///< by tree
  std::vector<ensemble::RowSet> out;           ///< by tree, where importance asks for it
  std::vector<std::pair<int, double>> errors;  ///< (trees, error) wherever it was counted
  std::vector<int> rows;                       ///< different rows in the bag
};

/// Columns' shares of a tree's decrease of impurity; all 0 where it has no split.
std::vector<double> shares(const std::vector<double>& decrease) {
  double total = 0;
  for (const double x : decrease) total += x;
  std::vector<double> share(decrease);
  for (double& x : share) x = total > 0 ? x / total : 0;
  return share;
}

void set_importance(ForestModel& model, const std::vector<std::vector<double>>& by_tree) {
  const double T = static_cast<double>(by_tree.size());
  for (size_t f = 0; f < by_tree[0].size(); ++f) {
    double sum = 0, squares = 0;
    for (const auto& tree : by_tree) sum += tree[f];
    for (const auto& tree : by_tree) squares += (tree[f] - sum / T) * (tree[f] - sum / T);
    model.importance.push_back(sum / T);
    model.importance_error.push_back(T > 1 ? std::sqrt(squares / (T - 1) / T) : 0);
  }
}

struct Grown {
  ensemble::GrownTree tree;
  int rows = 0;
};

/// Step 3: trees [first, first + count) on as many threads as there are; those for which the time was up are empty.
std::vector<Grown> grow_wave(const ForestModel& model, const ForestParams& params, const Samples& samples,
                             const Target& target, const std::vector<ensemble::RankedColumn>& ranks,
                             const ensemble::GrowSettings& settings, size_t first, size_t count, const Context& ctx) {
  const double n = static_cast<double>(samples.n());
  const Index draws = params.bootstrap ? std::max<Index>(1, static_cast<Index>(std::floor(params.max_samples * n))) : 0;
  std::vector<Grown> grown(count);
  parallel_for(ctx.threads, static_cast<Index>(count), 1, [&](Index begin, Index end) {
    for (size_t j = static_cast<size_t>(begin); j < static_cast<size_t>(end); ++j) {
      const size_t t = first + j;
      ctx.check_cancelled();
      if (t > 0 && ctx.out_of_time()) continue;
      ensemble::Bag bag = ensemble::draw_bag(samples, draws, ctx.child("bag", t).rng());
      if (!params.oob && params.importance == ForestImportance::impurity) bag.out.clear();
      const tree::Problem p{samples.cols(),      samples.columns,   target.K(),      target.code.data(),
                            target.value.data(), bag.weight.data(), model.criterion, params.min_leaf};
      grown[j].tree = ensemble::grow_packed(p, ranks, bag, settings, ctx.child("tree", t));
      grown[j].rows = static_cast<int>(bag.rows.size());
    }
  });
  return grown;
}

/// Steps 3 and 4, sixteen trees at a time: their answers out of the bag are held until they are counted.
Growth grow_trees(ForestModel& model, const ForestParams& params, const Samples& samples, const Target& target,
                  ensemble::SplitSearch search, const Context& ctx) {
  constexpr size_t kWave = 16;
  const bool random = search == ensemble::SplitSearch::random, score = params.bootstrap && params.oob;
  const auto ranks = random ? std::vector<ensemble::RankedColumn>(samples.columns.size())
                            : ensemble::rank_columns(samples.cols(), samples.columns, ctx.threads);
  const ensemble::GrowSettings settings{params.max_depth,
                                        params.min_leaf,
                                        params.min_split,
                                        params.min_gain,
                                        columns_tried(params, samples.d(), target.K() > 0, random),
                                        search};
  ensemble::OutOfBagVotes votes(samples, target);
  Growth growth;
  const size_t T = static_cast<size_t>(params.trees);
  for (size_t first = 0; first < T; first += kWave) {
    for (Grown& g :
         grow_wave(model, params, samples, target, ranks, settings, first, std::min(kWave, T - first), ctx)) {
      if (g.tree.tree.size() == 0) continue;
      if (score) votes.add(g.tree.tree, g.tree.out);
      if (params.importance == ForestImportance::permutation) {
        growth.out.emplace_back(samples.n());
        for (const ensemble::RowAtLeaf& at : g.tree.out) growth.out.back().add(at.row);
      }
      model.trees.push_back(std::move(g.tree.tree));
      growth.decrease.push_back(std::move(g.tree.decrease));
      growth.rows.push_back(g.rows);
      const size_t t = model.trees.size();
      if (score && (ctx.trace || (t & (t - 1)) == 0 || t == T)) growth.errors.emplace_back(t, votes.error(ctx.threads));
    }
    ctx.progress.report(static_cast<double>(std::min(T, first + kWave)), static_cast<double>(T));
  }
  if (model.trees.size() < T) {
    model.report.converged = false;
    model.report.note =
        "the time was up after " + std::to_string(model.trees.size()) + " of " + std::to_string(T) + " trees";
  }
  if (!score) return growth;
  model.oob.rows = votes.rows();
  model.oob.error = votes.error(ctx.threads);
  for (const auto& [t, error] : growth.errors)
    if ((t & (t - 1)) == 0 && static_cast<size_t>(t) < model.trees.size()) model.oob.curve.emplace_back(t, error);
  if (model.oob.rows > 0) model.oob.curve.emplace_back(static_cast<int>(model.trees.size()), model.oob.error);
  return growth;
}

std::string first_question(const ensemble::PackedTree& tree, const std::vector<Column>& columns) {
  if (tree.leaf(0)) return "nothing";
  const ensemble::PackedNode& root = tree.nodes[0];
  const Column& column = columns[root.feature];
  return column.name + (column.categorical() ? "" : " <= " + six_digits(root.threshold));
}

/// The steps are told after the trees are grown, in their order: growing is parallel.
void tell(const ForestModel& model, const Growth& growth, const std::vector<Column>& columns, const Context& ctx) {
  std::vector<double> error(model.trees.size(), -1.0);
  for (const auto& [t, e] : growth.errors) error[static_cast<size_t>(t) - 1] = e;
  for (size_t t = 0; t < model.trees.size(); ++t)
    ctx.trace.step([&] {
      return TreeStep{static_cast<int>(t), growth.rows[t], model.trees[t], first_question(model.trees[t], columns),
                      error[t]};
    });
  for (size_t f = 0; f < columns.size(); ++f)
    ctx.trace.step([&] { return ImportanceStep{columns[f].name, model.importance[f], model.importance_error[f]}; });
}

void write_report(ForestModel& model) {
  double leaves = 0, depth = 0;
  for (const ensemble::PackedTree& t : model.trees) {
    leaves += t.leaves();
    depth += t.depth();
  }
  const double T = static_cast<double>(model.trees.size());
  model.report.iterations = static_cast<long>(model.trees.size());
  model.report.objective = model.oob.error;
  model.report.more = {{"leaves", leaves / T}, {"depth", depth / T}};
  if (model.oob.rows > 0) model.report.more.emplace_back("oob_error", model.oob.error);
}

}  // namespace

std::optional<std::string> ForestParams::check(const ForestParams& p) {
  const double* number = std::get_if<double>(&p.max_features);
  if (number && *number >= 1 && *number != std::floor(*number))
    return "parameter 'max-features' must be a share below 1 or a whole number, got " + quoted(shortest(*number));
  if (p.importance == ForestImportance::permutation && !p.bootstrap)
    return "parameter 'importance' is permutation, which needs out-of-bag rows: set bootstrap true";
  return std::nullopt;
}

ForestModel ensemble::fit_forest(const ForestParams& params, const Samples& samples, const Target& target,
                                 SplitSearch search, const Context& ctx) {
  check_fit_input(samples, target, 1);
  check_cells(samples);
  ForestModel model;
  model.task = target.task();
  model.K = target.K();
  model.criterion = criterion_for(model.task, params.criterion);
  model.importance_kind = params.importance;
  for (const Column& column : samples.columns) model.categorical.push_back(column.categorical());

  const Growth growth = grow_trees(model, params, samples, target, search, ctx);
  const size_t T = model.trees.size();
  std::vector<std::vector<double>> by_tree(T);
  parallel_for(ctx.threads, static_cast<Index>(T), 1, [&](Index begin, Index end) {
    for (size_t t = static_cast<size_t>(begin); t < static_cast<size_t>(end); ++t) {
      ctx.check_cancelled();
      by_tree[t] = params.importance == ForestImportance::impurity
                       ? shares(growth.decrease[t])
                       : shuffled_losses(model.trees[t], growth.out[t], samples, target, model.categorical,
                                         ctx.child("shuffle", t).rng());
    }
  });
  set_importance(model, by_tree);
  write_report(model);
  if (ctx.trace) tell(model, growth, samples.columns, ctx);
  return model;
}

ForestModel Forest::fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx) {
  return ensemble::fit_forest(params, samples, target, ensemble::SplitSearch::ranks, ctx);
}

ForestModel ExtraTrees::fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx) {
  return ensemble::fit_forest(params, samples, target, ensemble::SplitSearch::random, ctx);
}

namespace {

/// Mean answers: n x K shares, or n x 1.
Matrix mean_answers(const ForestModel& model, const Samples& samples, const Context& ctx) {
  const Columns& X = samples.cols();
  const Index width = std::max(model.K, 1);
  const bool any_categorical = std::count(model.categorical.begin(), model.categorical.end(), true) > 0;
  Matrix answers = Matrix::Zero(X.rows(), width);
  parallel_for(ctx.threads, X.rows(), kPredicted, [&](Index begin, Index end) {
    ctx.check_cancelled();
    std::vector<double> cells;
    std::vector<uint32_t> leaf(static_cast<size_t>(end - begin));
    ensemble::copy_rows(X, begin, end, cells);
    for (const ensemble::PackedTree& tree : model.trees) {
      ensemble::find_leaves(tree, {cells.data(), X.cols(), static_cast<int>(end - begin)}, model.categorical,
                            any_categorical, leaf.data());
      for (Index i = begin; i < end; ++i)
        tree.add_answer(static_cast<int>(leaf[static_cast<size_t>(i - begin)]), model.K, answers.data() + i * width);
    }
    answers.middleRows(begin, end - begin) /= static_cast<double>(model.trees.size());
  });
  return answers;
}

}  // namespace

Vector ForestModel::predict(const Samples& samples, const Context& ctx) const {
  const Matrix answers = mean_answers(*this, samples, ctx);
  if (K == 0) return answers.col(0);
  Vector classes(answers.rows());
  for (Index i = 0; i < answers.rows(); ++i) {
    const double* share = answers.data() + i * K;
    classes[i] = static_cast<double>(std::max_element(share, share + K) - share);
  }
  return classes;
}

Matrix ForestModel::predict_proba(const Samples& samples, const Context& ctx) const {
  return mean_answers(*this, samples, ctx);
}

}  // namespace assay
