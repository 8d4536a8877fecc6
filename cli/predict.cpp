// assay predict MODEL DATA: what a model says about each row.
#include "assay/core/text.h"
#include "cli/answer.h"
#include "cli/learning.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

std::vector<OutColumn> answer_columns(const Model& model, const Table& table, const Predictions& said,
                                      const Options& options) {
  std::vector<OutColumn> columns;
  const std::vector<std::string>& classes = model.target.classes;
  if (options.flag("keep")) columns = kept_columns(table);
  if (classes.empty()) {
    columns.push_back({"prediction", [&said](Index i) { return shortest(said.value[i]); }});
  } else {
    std::vector<std::string> labels;
    for (const std::string& label : classes) labels.push_back(csv_cell(label));
    columns.push_back({"prediction", [&said, labels](Index i) { return labels[static_cast<size_t>(said.value[i])]; }});
  }
  if (options.flag("proba"))
    for (Index k = 0; k < said.proba.cols(); ++k)
      columns.push_back(number_column("proba:" + classes[static_cast<size_t>(k)], said.proba, k));
  if (options.flag("decision"))
    for (Index k = 0; k < said.decision.cols(); ++k)

      columns.push_back(number_column("decision:" + classes[static_cast<size_t>(said.decision.cols() == 1 ? 1 : k)],
                                      said.decision, k));
  return columns;
}

// What cannot be asked of this model is said before the table is read.
void check_request(const Model& model, const Options& options) {
  const bool classes = model.target.task() == Task::classification;
  const std::string name(model.learner->name());
  if ((options.flag("proba") || options.given("threshold")) && !(classes && model.model->has_proba()))
    throw UsageError(classes ? name + " has no probabilities"
                             : "probabilities are for classes; this model predicts numbers");
  if (options.flag("decision") && !(classes && model.model->has_decision()))
    throw UsageError(classes ? name + " has no decision function"
                             : "decision values are for classes; this model predicts numbers");
}

/// The rows of the second argument in the model's columns.
struct Rows {
  Table table;
  Samples samples;
};
Rows load_rows(Invocation& call, const Prepared& model) {
  Rows rows{load_table(call, call.argument(1, "a table")), {}};
  rows.samples = match_columns(model, rows.table);
  call.result["rows"] = rows.samples.n();
  return rows;
}

void write_predictions(Invocation& call, const std::vector<OutColumn>& columns, Index n) {
  write_answer(call, columns, n);
  if (call.options.given("out")) call.say(std::to_string(n) + " predictions written to " + call.options.text("out"));
}

void predict_with(Invocation& call, const Model& model) {
  const Options& options = call.options;
  check_request(model, options);
  const Rows rows = load_rows(call, model);

  const Stopwatch watch;
  const Samples x = model.pipeline.transform(rows.samples, call.ctx.threads);
  Predictions said;
  said.value = model.model->predict(x, call.ctx);
  if (options.flag("proba") || options.given("threshold")) said.proba = model.model->predict_proba(x, call.ctx);
  if (options.flag("decision")) said.decision = model.model->decision_function(x, call.ctx);
  call.time("predict", watch);
  apply_threshold(options, model, said);

  call.result["algorithm"] = std::string(model.learner->name());
  call.result["task"] = task_name(model.target.task());
  if (!model.positive.empty()) call.result["positive"] = model.positive;
  write_predictions(call, answer_columns(model, rows.table, said, options), rows.samples.n());
}

// What only a model with classes can be asked for.
void refuse_class_options(const Options& options, const std::string& name, bool has_proba) {
  for (const char* option : {"decision", "threshold"})
    if (options.given(option)) throw UsageError(std::string("--") + option + " is for classes; " + name + " has none");
  if (options.flag("proba") && !has_proba) throw UsageError(name + " has no probabilities");
}

void predict_with(Invocation& call, const ClusterModel& model) {
  const std::string name(model.clusterer->name());
  refuse_class_options(call.options, name, model.model->has_proba());
  if (!model.model->has_predict())
    throw UsageError(name + " groups the rows it was given and cannot place new ones",
                     "`assay cluster " + name + "` on all rows together");
  const Rows rows = load_rows(call, model);
  const Stopwatch watch;
  const Samples x = model.pipeline.transform(rows.samples, call.ctx.threads);
  const std::vector<int> labels = model.model->predict(x, call.ctx);
  const Matrix proba = call.options.flag("proba") ? model.model->predict_proba(x, call.ctx) : Matrix();
  call.time("predict", watch);
  call.result["algorithm"] = name;
  call.result["task"] = "clustering";
  call.result["clusters"] = model.model->clusters();
  std::vector<OutColumn> columns;
  if (call.options.flag("keep")) columns = kept_columns(rows.table);
  columns.push_back(label_column("cluster", labels));
  for (Index k = 0; k < proba.cols(); ++k) columns.push_back(number_column("proba:" + std::to_string(k), proba, k));
  write_predictions(call, columns, rows.samples.n());
}

void predict_with(Invocation& call, const ReducerModel& model) {
  const std::string name(model.reducer->name());
  refuse_class_options(call.options, name, false);
  const Rows rows = load_rows(call, model);
  const Stopwatch watch;
  const Matrix scores = model.transform(rows.samples, call.ctx);
  call.time("predict", watch);
  call.result["algorithm"] = name;
  call.result["task"] = "reduction";
  call.result["components"] = scores.cols();
  std::vector<OutColumn> columns;
  if (call.options.flag("keep")) columns = kept_columns(rows.table);
  for (Index c = 0; c < scores.cols(); ++c) columns.push_back(number_column("pc" + std::to_string(c + 1), scores, c));
  write_predictions(call, columns, rows.samples.n());
}

void predict(Invocation& call) {
  const AnyFileModel model = chosen_any_model(call);
  call.no_more_than(2);
  std::visit([&](const auto& m) { predict_with(call, m); }, model);
}

}  // namespace

Verb predict_verb() {
  std::vector<Option> options{
      {.name = "out", .value = "FILE", .text = "where to write; default: stdout", .letter = 'o'},
      {.name = "proba", .text = "also a column proba:LABEL a class or cluster"},
      {.name = "decision", .text = "also the decision function"},
      {.name = "keep", .text = "the input's columns before the predictions"},
      threshold_option()};
  for (Option& o : table_options()) options.push_back(std::move(o));
  return {.name = "predict",
          .arguments = "MODEL DATA",
          .summary = "says what a model makes of each row",
          .text =
              "Columns are found by name; the target's column is not needed. Rows keep their order. A clusterer's "
              "model gives a\n"
              "column `cluster`, a reducer's `pc1`, `pc2`, ...",
          .examples = {"predict iris.json new.csv --out predictions.csv", "predict iris.json new.csv --proba --keep"},
          .options = std::move(options),
          .run = predict};
}

}  // namespace assay::cli
