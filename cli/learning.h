// cli/learning.h: what the verbs on learners share: the algorithm named first, scores as JSON and as a table.
#pragma once
#include "assay/ml/metrics/metrics.h"
#include "assay/ml/selection/cross_validate.h"
#include "cli/data_options.h"
#include "cli/params_json.h"

namespace assay::cli {

/// "svm:C=10" -> its parameters as options; for Verb::more_options. Empty text or an unknown name: no options.
std::vector<Option> learner_options(const std::string& spec);
/// The learner of the first argument with inline settings and options applied; a file where a learner should stand is
/// recognised: "arguments swapped; try ...".
Candidate chosen_learner(const Invocation& call);
/// Where a file stands in the place of the algorithm: "arguments swapped; try ...", or what an example would be.
void check_algorithm_first(const Invocation& call, const std::string& example);
/// The model of the first argument, whatever it is of; a table where the model should stand is recognised.
AnyFileModel chosen_any_model(const Invocation& call);
/// The model of the first argument; a table where the model should stand is recognised.
Model chosen_model(const Invocation& call);
/// The options of reading, roles and scaling together.
std::vector<Option> learning_options(std::vector<Option> more = {});

Json scores_json(const Scores& scores);
Json report_json(const FitReport& report);
/// Warns where a fit did not converge; under --strict the exit code becomes 5.
void check_converged(Invocation& call, const FitReport& report, const std::string& who);
/// Every metric of the task that has a value; those without are warnings.
Scores score_model(Invocation& call, const Model& model, const Samples& raw, const Target& target);
/// --threshold
Option threshold_option();
/// Under --threshold P: the positive class where its probability is at least P, else the other one. Sets what was said.
/// UsageError where there are not two classes or no probabilities.
void apply_threshold(const Options& options, const Model& model, Predictions& said);
/// Why metrics have no value, under --verbose.
void say_undefined(const Invocation& call, const Scores& scores);
/// A table in a trained model's columns and classes; rows without a target are an error or, if said so, left out.
Dataset load_for_model(Invocation& call, const Model& model, const std::string& path);
/// "accuracy 0.953  balanced_accuracy 0.953 ..." as aligned lines.
std::string scores_table(const std::vector<std::pair<std::string, const Scores*>>& columns);

}  // namespace assay::cli
