// ml/ensemble/adaboost.h: AdaBoost: one model after the other, each on rows weighted by how wrong the earlier ones were.
//
// Classes (SAMME [Zhu2009, alg. 2]), for t = 1, 2, ...:
//
//   e_t = sum_i w_i [T_t(x_i) != y_i]                                 error under the weights, sum w = 1              (1)
//   a_t = nu (log((1 - e_t)/e_t) + log(K - 1))                        stage weight                                    (2)
//   w_i <- w_i exp(a_t [T_t(x_i) != y_i]), then divided by their sum                                                  (3)
//
// and the answer is the class with the greatest sum of a_t. Two classes: the training error is at most
//
//   prod_t 2 sqrt(e_t (1 - e_t))                                      [Freund1997, theorem 6], nu = 1                 (4)
//
// Values (R2 [Drucker1997]): each model is fitted on rows drawn by weight; the loss of a row is its error as a share of the
// largest one, e_t the weighted mean loss, b = e/(1 - e), w_i <- w_i b^(nu (1 - loss_i)), stage weight nu log(1/b); the answer
// is the weighted median of the models' answers.
//
// Stops       e_t = 0 (the last model is kept, with stage weight 1), e_t >= 1 - 1/K (values: 1/2; the model is dropped)
// Base        any learner of the catalogue, `base=tree:max-depth=1`; a base without weights gets rows drawn by weight
// Weights     exact for classes up to rounding, where the base's are; values: rows are drawn
// Cost        one fit of the base a round. Trees: the columns are ranked once; a stump is one pass over the sorted columns
// Errors      UsageError (base), ParameterError, those of the base
// See         [Freund1997], [Zhu2009], [Drucker1997]; trace kind "round"
#pragma once
#include <string>
#include <vector>

#include "assay/ml/ensemble/base_learner.h"

namespace assay {

enum class RowLoss { linear, square, exponential };
inline constexpr EnumNames<RowLoss, 3> row_loss_names{
    {{"linear", RowLoss::linear}, {"square", RowLoss::square}, {"exponential", RowLoss::exponential}}};

struct AdaBoostParams {
  LearnerSpec base{"tree:max-depth=1"};
  int rounds = 50;
  double learning_rate = 1;
  RowLoss loss = RowLoss::linear;

  static void fields(auto& p, auto&& field) {
    field("base", p.base, ensemble::check_learner,
          "the learner that is boosted, with its settings; for values try tree:max-depth=3", {"estimator"});
    field("rounds", p.rounds, between(1, 1e6), "most models", {"n-estimators"});
    field("learning-rate", p.learning_rate, positive, "nu: shrinks the stage weights", {"nu"});
    field("loss", p.loss, row_loss_names,
          "of a row, for values: its error as a share of the largest, squared, or 1 - exp(-share)");
  }
};

struct AdaBoostModel {
  Task task = Task::classification;
  int K = 0;
  ensemble::Members members;
  std::vector<double> error, stage_weight;  ///< e_t, a_t
  std::vector<double> training_error;       ///< of the first t models (classes)
  bool bounded = false;                     ///< (4) holds: two classes, nu = 1
  FitReport report;

  Vector predict(const Samples& samples, const Context& ctx) const;
  bool has_proba() const { return task == Task::classification; }
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  bool has_decision() const { return task == Task::classification; }
  /// Shares of the stage weights: of each class; of two classes that of the second less that of the first.
  Matrix decision_function(const Samples& samples, const Context& ctx) const;
  std::vector<double> bound() const;  ///< (4) after each round
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;

  void save(ArchiveWriter& out) const;
  static AdaBoostModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct AdaBoost {
  using Params = AdaBoostParams;
  using Model = AdaBoostModel;
  static constexpr LearnerInfo info{"adaboost",
                                    "models fitted one after the other to rows that the earlier ones got wrong",
                                    "Freund1997; Zhu2009, alg. 2; Drucker1997",
                                    {"samme", "ada"},
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
