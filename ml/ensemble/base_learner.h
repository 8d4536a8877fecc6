// ml/ensemble/base_learner.h: the learner that adaboost and bagging are made of, whatever it is.
//
// The table is prepared for the base learner once (its own pipeline: imputed, encoded, scaled as its traits ask), so that
// every learner of the catalogue can be a base. A base that takes weights gets them; for one that does not, rows are drawn
// in proportion to them [Freund1997, sec. 4].
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "assay/ml/learner.h"
#include "assay/ml/preprocess/pipeline.h"

namespace assay::ensemble {

/// For the field of a LearnerSpec: UsageError or ParameterError where it names no learner or a setting it does not take.
void check_learner(std::string_view spec);

/// A learner with its settings.
struct BaseLearner {
  explicit BaseLearner(std::string_view spec);
  const Learner* learner;
  std::unique_ptr<AnyParams> params;
  const Traits& traits() const { return learner->traits(); }
};

/// The models of an ensemble and what stands before them.
struct Members {
  const Learner* learner = nullptr;
  Pipeline pipeline;
  std::vector<std::shared_ptr<const AnyModel>> models;

  /// UsageError where the base learner does not do this task.
  static Members prepare(const BaseLearner& base, const Samples& samples, const Target& target, const Context& ctx);
  Samples transform(const Samples& samples, const Context& ctx) const {
    return pipeline.transform(samples, ctx.threads);
  }
  void save(ArchiveWriter& out) const;
  static Members load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

/// A bag: rows of x, each once, with how often it was drawn (times its weight).
struct DrawnRows {
  std::vector<int> rows;   ///< ascending
  std::vector<int> times;  ///< of each
};
/// `draws` rows, each with probability proportional to `share` (empty: alike), with replacement.
DrawnRows draw_rows(const Vector& share, Index n, Index draws, Rng rng);

/// The base learner on `drawn` rows of x (in the base's layout). Where it takes no weights, a row drawn twice stands there
/// twice.
std::unique_ptr<AnyModel> fit_on(const BaseLearner& base, const Samples& x, const Target& target,
                                 const DrawnRows& drawn, const Context& ctx);

}  // namespace assay::ensemble
