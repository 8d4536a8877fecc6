// ml/selection/cross_validate.h: how good is a learner on rows it has not seen?
//
//   for each fold: fit pipeline and learner on its training rows, predict its test rows, score them
//
// Guarantees  nothing of a test row reaches the fit (imputation, encoding and scaling included); results do not depend
//             on the thread count, nor on which other learners are compared
// Cost        folds * repeats fits, one after another, with threads inside the learner, so that times mean something
// Errors      those of the fit; DataError where the metric is undefined on a fold; UsageError where the learner does
//             not do the task, or has no probabilities for a metric that needs them
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "assay/ml/metrics/metrics.h"
#include "assay/ml/model.h"
#include "assay/ml/selection/split.h"

namespace assay {

struct CvOptions {
  int folds = 5;
  int repeats = 1;
  std::string metric;    ///< ranks; empty: accuracy or rmse
  std::string positive;  ///< label of the positive one of two classes; empty: the last
  PipelineOptions pipeline;
};

/// A learner with its parameters, as the user named it.
struct Candidate {
  const Learner* learner = nullptr;
  std::shared_ptr<const AnyParams> params;
  std::string label;  ///< "knn", or "knn:neighbors=3": what differs from the defaults, in the inline grammar
};
using Settings = std::vector<std::pair<std::string, std::string>>;
/// UsageError (unknown names), ParameterError (values).
Candidate make_candidate(const Learner& learner, const Settings& settings = {});
Candidate make_candidate(const InlineSpec& spec);

/// Seconds of one fit and of predicting one fold, means over the folds: the only numbers here that differ between two
/// runs.
struct CvTimes {
  double fit_s = 0, fit_cpu_s = 0;          ///< pipeline included
  double predict_s = 0, predict_cpu_s = 0;  ///< of predict alone: probabilities are asked for beside it
};

struct CvResult {
  std::string label;                                        ///< unique within a comparison
  std::string algorithm;                                    ///< the learner's name
  std::vector<std::pair<std::string, std::string>> params;  ///< all of them, as text
  std::string metric;
  std::vector<double> folds;  ///< the metric on each fold, repeat after repeat
  double mean = 0;
  double sd = 0;  ///< of the folds, with n - 1; it says how folds vary, not how sure the mean is
  /// Mean over the folds of every metric that has a value on all of them; the ranking one included.
  std::vector<std::pair<std::string, double>> means;
  CvTimes run;
  /// For each row, what the model said that had not seen it; of the first repeat.
  Predictions out_of_fold;
  std::vector<int> fold_of;           ///< the fold whose test rows row i belongs to, in the first repeat
  std::vector<std::string> pipeline;  ///< one sentence a step, as fitted on all rows
  std::vector<std::string> warnings;
  bool converged = true;  ///< every fit did
};

/// Value, probabilities and decision values, where the model has them.
Predictions predict_everything(const Model& model, const Samples& raw, const Context& ctx);

/// On given folds (make_folds). `samples` as the table gives them (Columns layout or Csr).
CvResult cross_validate(const Candidate& candidate, const Samples& samples, const Target& target,
                        const std::vector<Fold>& folds, const CvOptions& options, const Context& ctx);
/// On the folds that `options` describes.
CvResult cross_validate(const Candidate& candidate, const Samples& samples, const Target& target,
                        const CvOptions& options, const Context& ctx);

}  // namespace assay
