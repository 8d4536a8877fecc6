// ml/model.h: a trained model with everything around it: columns, pipeline, target, parameters, seed; and its file.
//
// The file is one JSON object: format, version, assay, algorithm, task, target, columns, pipeline, params, seed, report,
// model. `task` is classification, regression, clustering or reduction; the last two have no target.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "assay/ml/catalogue.h"
#include "assay/ml/data/table.h"
#include "assay/ml/preprocess/pipeline.h"

namespace assay {

/// What stands around every trained model: the parameters, the training table's columns, and what was done to them.
struct Prepared {
  std::shared_ptr<const AnyParams> params;
  std::vector<Column> columns;  ///< of the training table, features only
  Pipeline pipeline;
  uint64_t seed = 0;
};

/// What `fit` makes of a learner and a data set, and what a model file holds.
struct Model : Prepared {
  const Learner* learner = nullptr;
  Target target;  ///< name and classes only
  std::shared_ptr<const AnyModel> model;
  std::string positive;  ///< the positive class of two, the last unless said otherwise; else empty

  /// `raw` has the training columns (see `match_columns`).
  Vector predict(const Samples& raw, const Context& ctx) const;
  Matrix predict_proba(const Samples& raw, const Context& ctx) const;
  Matrix decision_function(const Samples& raw, const Context& ctx) const;
};

/// The same of a clusterer.
struct ClusterModel : Prepared {
  const Clusterer* clusterer = nullptr;
  std::shared_ptr<const AnyClustering> model;

  std::vector<int> predict(const Samples& raw, const Context& ctx) const;  ///< UsageError where it cannot
};

/// The same of a reducer.
struct ReducerModel : Prepared {
  const Reducer* reducer = nullptr;
  std::shared_ptr<const AnyReduction> model;

  Matrix transform(const Samples& raw, const Context& ctx) const;  ///< n x components
};

/// Pipeline and learner on raw samples (Columns layout or Csr). `valid`, which may be null, has the same columns: it goes through
/// the pipeline that the training rows made, to a learner that watches its loss there.
Model fit_model(const Learner& learner, const AnyParams& params, const Samples& raw, const Target& target,
                const PipelineOptions& options, const Context& ctx, const Validation* valid = nullptr);
ClusterModel fit_model(const Clusterer& clusterer, const AnyParams& params, const Samples& raw,
                       const PipelineOptions& options, const Context& ctx);
ReducerModel fit_model(const Reducer& reducer, const AnyParams& params, const Samples& raw,
                       const PipelineOptions& options, const Context& ctx);

/// The samples of a table in a model's columns: by name, levels recoded, an unseen level is missing.
/// DataError where a column is absent, or text stands where the model wants numbers.
Samples match_columns(const Prepared& model, const Table& table);

/// Another table's target in the codes of `known`'s classes; DataError naming `file` where it has a class that is new.
Target recode_target(const Target& target, const Target& known, const std::string& file);

/// What a table goes through before a learner sees it, as a file of its own beside an exported model.
struct Preparation {
  Target target;  ///< name and classes only
  std::vector<Column> columns;
  Pipeline pipeline;
};
void save_preparation(const Model& model, const std::string& path);
Preparation load_preparation(const std::string& path, const InputBudget& budget = {});
/// The samples of a table in a preparation's columns.
Samples match_columns(const Preparation& preparation, const Table& table);

void save_model(const Model& model, const std::string& path);
void save_model(const ClusterModel& model, const std::string& path);
void save_model(const ReducerModel& model, const std::string& path);

/// Whatever a file holds.
using AnyFileModel = std::variant<Model, ClusterModel, ReducerModel>;
AnyFileModel load_any_model(const std::string& path, const InputBudget& budget = {});
/// A learner's; ModelError also where the file holds a clusterer's or a reducer's.
Model load_model(const std::string& path, const InputBudget& budget = {});

}  // namespace assay
