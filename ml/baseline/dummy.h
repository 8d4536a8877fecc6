// ml/baseline/dummy.h: the line every learner has to beat: it never looks at the features.
//
// Problem    classification: the most frequent class (ties: the first), with the class shares as probabilities;
//            regression: the mean
// Shapes     target: n;  samples: ignored but for their number and weights
// Errors     DataError (no rows, bad weights)
// Cost       O(n)
#pragma once
#include "assay/ml/learner.h"

namespace assay {

struct DummyParams {
  static void fields(auto&, auto&&) {}
};

struct DummyModel {
  Vector share;     ///< of each class; empty for regression
  double mean = 0;  ///< of the target, regression
  FitReport report;

  Vector predict(const Samples& samples, const Context&) const;
  bool has_proba() const { return share.size() > 0; }
  Matrix predict_proba(const Samples& samples, const Context&) const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static DummyModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct Dummy {
  using Params = DummyParams;
  using Model = DummyModel;
  static constexpr LearnerInfo info{"dummy",
                                    "the most frequent class or the mean: the line to beat",
                                    "",
                                    {"majority", "zero-r"},
                                    {.classification = true,
                                     .regression = true,
                                     .accepts_missing = true,
                                     .accepts_categories = true,
                                     .accepts_sparse = true,
                                     .weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
