// ml/ensemble/adaboost_file.cpp: a boosted ensemble in a model file, and in words.
#include <algorithm>
#include <cmath>

#include "assay/core/text.h"
#include "assay/ml/ensemble/adaboost.h"

namespace assay {
namespace {

constexpr size_t kShownRounds = 20;

}  // namespace

void AdaBoostModel::save(ArchiveWriter& out) const {
  out.numbers("error", error);
  out.numbers("stage-weight", stage_weight);
  out.numbers("training-error", training_error);
  out.flag("bounded", bounded);
  ArchiveWriter base = out.object("base");
  members.save(base);
}

AdaBoostModel AdaBoostModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  AdaBoostModel model;
  model.task = target.task();
  model.K = target.K();
  model.error = in.numbers("error");
  model.stage_weight = in.numbers("stage-weight");
  model.training_error = in.numbers("training-error");
  model.bounded = in.flag("bounded");
  if (model.bounded && model.K != 2) in.fail("bounded is for two classes");
  model.members = ensemble::Members::load(in.object("base"), columns, target);
  const size_t rounds = model.members.models.size();
  if (model.error.size() != rounds || model.stage_weight.size() != rounds)
    in.fail("error and stage-weight need one number a member");
  if (model.training_error.size() != (model.K > 0 ? rounds : 0))
    in.fail("training-error needs one number a member, for classes");
  for (const double e : model.error)
    if (!(e >= 0 && e <= 1)) in.fail("an error must be in [0, 1]");
  double total = 0;
  for (const double a : model.stage_weight) {
    if (!(a >= 0)) in.fail("a stage weight must not be negative");
    total += a;
  }
  if (!(total > 0) || !std::isfinite(total)) in.fail("the stage weights need a positive sum");
  return model;
}

Explanation AdaBoostModel::explain(const std::vector<Column>&, const Target&) const {
  Explanation e;
  const size_t rounds = error.size();
  e.sentences.push_back(std::to_string(rounds) + (rounds == 1 ? " model" : " models") + " of the learner " +
                        quoted(members.learner->name()) + ", fitted one after the other.");
  if (K > 0)
    e.sentences.push_back(
        "Training error " + six_digits(training_error.back()) +
        (bounded ? "; at most " + six_digits(bound().back()) + " by Freund and Schapire's bound." : "."));
  Explanation::Table table{"rounds", {"t", "error", "stage weight"}, {}};
  if (K > 0) table.header.push_back("training error");
  if (bounded) table.header.push_back("bound");
  const std::vector<double> product = bound();
  for (size_t t = 0; t < std::min(rounds, kShownRounds); ++t) {
    table.rows.push_back({std::to_string(t + 1), error[t], stage_weight[t]});
    if (K > 0) table.rows.back().push_back(training_error[t]);
    if (bounded) table.rows.back().push_back(product[t]);
  }
  e.tables.push_back(std::move(table));
  if (rounds > kShownRounds) e.sentences.push_back("The first " + std::to_string(kShownRounds) + " rounds are shown.");
  if (rounds < 2 || K == 0) return e;
  Explanation::Curve training{"training error", {}}, limit{"bound", {}};
  for (size_t t = 0; t < rounds; ++t) {
    training.points.emplace_back(static_cast<double>(t + 1), training_error[t]);
    limit.points.emplace_back(static_cast<double>(t + 1), product[t]);
  }
  Explanation::Curves curves{
      "training error against rounds", "", "rounds", {std::move(training)}, static_cast<double>(rounds)};
  if (bounded) {
    curves.says = "It stays below the product of 2 sqrt(e (1 - e)).";
    curves.curves.push_back(std::move(limit));
  }
  e.curves.push_back(std::move(curves));
  return e;
}

}  // namespace assay
