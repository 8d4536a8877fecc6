// ml/model.h: a trained model with everything around it: columns, pipeline, target, parameters, seed; and its file.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "assay/ml/catalogue.h"
#include "assay/ml/data/table.h"
#include "assay/ml/preprocess/pipeline.h"

namespace assay {

/// What `fit` makes of a learner and a data set, and what a model file holds.
struct Model {
  const Learner* learner = nullptr;
  std::shared_ptr<const AnyParams> params;
  Target target;                ///< name and classes only
  std::vector<Column> columns;  ///< of the training table, features only
  Pipeline pipeline;
  std::shared_ptr<const AnyModel> model;
  uint64_t seed = 0;
  std::string positive;  ///< the positive class of two, the last unless said otherwise; else empty

  /// `raw` has the training columns (see `match_columns`).
  Vector predict(const Samples& raw, const Context& ctx) const;
  Matrix predict_proba(const Samples& raw, const Context& ctx) const;
  Matrix decision_function(const Samples& raw, const Context& ctx) const;
};

/// Pipeline and learner on raw samples (Columns layout or Csr).
Model fit_model(const Learner& learner, const AnyParams& params, const Samples& raw, const Target& target,
                const PipelineOptions& options, const Context& ctx);

/// The samples of a table in a model's columns: by name, levels recoded, an unseen level is missing.
/// DataError where a column is absent, or text stands where the model wants numbers.
Samples match_columns(const Model& model, const Table& table);

/// Another table's target in the codes of `known`'s classes; DataError naming `file` where it has a class that is new.
Target recode_target(const Target& target, const Target& known, const std::string& file);

void save_model(const Model& model, const std::string& path);
Model load_model(const std::string& path, const InputBudget& budget = {});

}  // namespace assay
