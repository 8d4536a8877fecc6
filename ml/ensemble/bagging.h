// ml/ensemble/bagging.h: bagging: any learner fitted to bootstrap samples of the rows, and the mean of the answers.
//
//   f(x) = 1/T sum_t model_t(x),   model_t fitted on n rows drawn with replacement                                    (1)
//
// Answers     the mean of the models' probabilities, or of their values; a base without probabilities votes
// Randomness  model t draws from its own stream; models are fitted on as many threads as there are
// Weights     rows are drawn alike, and their weights stay, where the base takes weights; else they are drawn by weight
// Cost        T fits of the base
// Errors      UsageError (base), those of the base
// See         [Breiman1996b]; [Breiman2001] sec. 3.1 for the out-of-bag error; trace kind "bag"
#pragma once
#include <string>
#include <vector>

#include "assay/ml/ensemble/base_learner.h"

namespace assay {

struct BaggingParams {
  LearnerSpec base{"tree"};
  int models = 25;
  double max_samples = 1;
  bool oob = true;

  static void fields(auto& p, auto&& field) {
    field("base", p.base, ensemble::check_learner, "the learner that is bagged, with its settings", {"estimator"});
    field("models", p.models, between(1, 1e6), "number of models T", {"n-estimators"});
    field("max-samples", p.max_samples, fraction, "rows drawn for a model, as a share of n", {"sample-fraction"});
    field("oob", p.oob, "test on the rows that a model has not drawn", {"oob-score"});
  }
};

struct BaggingModel {
  Task task = Task::classification;
  int K = 0;
  ensemble::Members members;
  double oob_error = 0;  ///< share of wrong classes, or mean squared error
  int oob_rows = 0;      ///< rows that at least one model has not drawn
  FitReport report;

  Vector predict(const Samples& samples, const Context& ctx) const;
  bool has_proba() const { return task == Task::classification; }
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;

  void save(ArchiveWriter& out) const;
  static BaggingModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct Bagging {
  using Params = BaggingParams;
  using Model = BaggingModel;
  static constexpr LearnerInfo info{"bagging",
                                    "any learner on bootstrap samples of the rows, and the mean of the answers",
                                    "Breiman1996b",
                                    {"bootstrap-aggregating"},
                                    {.classification = true,
                                     .regression = true,
                                     .layout = Layout::columns,
                                     .accepts_missing = true,
                                     .accepts_categories = true,
                                     .weights = Weights::approximate,
                                     .rowwise_exact = false,  // as the base's
                                     .baseline = false}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
