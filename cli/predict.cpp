// assay predict MODEL DATA: what a model says about each row.
#include <filesystem>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "cli/learning.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

// A column of output text, one a row.
struct OutColumn {
  std::string name;
  std::vector<std::string> cells;
};

void add_numbers(std::vector<OutColumn>& columns, const std::string& name, const Matrix& values, Index k) {
  OutColumn column{name, {}};
  column.cells.reserve(static_cast<size_t>(values.rows()));
  for (Index i = 0; i < values.rows(); ++i) column.cells.push_back(shortest(values(i, k)));
  columns.push_back(std::move(column));
}

OutColumn prediction_column(const Model& model, const Vector& prediction, const std::optional<Matrix>& proba, const Options& options) {
  OutColumn column{"prediction", {}};
  const bool threshold = options.given("threshold");
  if (threshold && model.target.K() != 2) throw UsageError("--threshold is for two classes");
  if (threshold && !proba) throw UsageError("--threshold needs a model with probabilities");
  const double limit = threshold ? options.number("threshold", unit_interval) : 0;
  const Index positive = threshold ? positive_code(model.target, model.positive) : 0;
  for (Index i = 0; i < prediction.size(); ++i) {
    if (model.target.task() == Task::regression) {
      column.cells.push_back(shortest(prediction[i]));
      continue;
    }
    Index k = static_cast<Index>(prediction[i]);
    if (threshold) k = (*proba)(i, positive) >= limit ? positive : 1 - positive;
    column.cells.push_back(model.target.classes[static_cast<size_t>(k)]);
  }
  return column;
}

std::string as_csv(const Table& table, bool keep, const std::vector<OutColumn>& columns, Index n) {
  std::string text;
  const auto put = [&](const std::string& cell) {
    if (!text.empty() && text.back() != '\n') text += ',';
    text += csv_cell(cell);
  };
  const Index kept = keep ? static_cast<Index>(table.columns.size()) : 0;
  for (Index c = 0; c < kept; ++c) put(table.columns[static_cast<size_t>(c)].name);
  for (const OutColumn& c : columns) put(c.name);
  text += '\n';
  for (Index i = 0; i < n; ++i) {
    bool first = true;
    const auto cell = [&](const std::string& s) {
      if (!first) text += ',';
      first = false;
      text += csv_cell(s);
    };
    for (Index c = 0; c < kept; ++c) cell(cell_text(table, i, c));
    for (const OutColumn& c : columns) cell(c.cells[static_cast<size_t>(i)]);
    text += '\n';
  }
  return text;
}

void predict(Invocation& call) {
  const std::string& model_path = call.argument(0, "a model file");
  const std::string& path = call.argument(1, "a table");
  call.no_more_than(2);
  if (model_path.starts_with("@") || (path.ends_with(".json") && !model_path.ends_with(".json")))
    throw UsageError("arguments swapped; try `assay predict " + path + " " + model_path + "`");
  const Model model = load_model(model_path);
  const Table table = load_table(call, path);
  const Samples samples = match_columns(model, table);
  const Stopwatch watch;
  const Vector prediction = model.predict(samples, call.ctx);
  call.time("predict", watch);
  std::optional<Matrix> proba, decision;
  const bool classes = model.target.task() == Task::classification;
  if (call.options.flag("proba") && !(classes && model.model->has_proba()))
    throw UsageError(std::string(model.learner->name()) + " has no probabilities for this task");
  if (classes && model.model->has_proba() && (call.options.flag("proba") || call.options.given("threshold"))) proba = model.predict_proba(samples, call.ctx);
  if (call.options.flag("decision")) {
    if (!model.model->has_decision()) throw UsageError(std::string(model.learner->name()) + " has no decision function");
    decision = model.decision_function(samples, call.ctx);
  }
  std::vector<OutColumn> columns{prediction_column(model, prediction, proba, call.options)};
  if (call.options.flag("proba"))
    for (Index k = 0; k < proba->cols(); ++k) add_numbers(columns, "proba:" + model.target.classes[static_cast<size_t>(k)], *proba, k);
  if (decision)
    for (Index k = 0; k < decision->cols(); ++k)
      add_numbers(columns, "decision:" + model.target.classes[static_cast<size_t>(decision->cols() == 1 ? 1 : k)], *decision, k);

  call.result["algorithm"] = std::string(model.learner->name());
  call.result["task"] = task_name(model.target.task());
  call.result["rows"] = samples.n();
  if (!model.positive.empty()) call.result["positive"] = model.positive;
  if (call.json() && !call.options.given("out")) return;
  const std::string text = as_csv(table, call.options.flag("keep"), columns, samples.n());
  const Stopwatch save_watch;
  if (call.options.given("out")) write_file(call.options.text("out"), text);
  else call.out << text;
  call.time("save", save_watch);
  if (call.options.given("out")) call.say(std::to_string(samples.n()) + " predictions written to " + call.options.text("out"));
}

}  // namespace

Verb predict_verb() {
  std::vector<Option> options{{.name = "out", .value = "FILE", .text = "where to write; default: stdout", .letter = 'o'},
                              {.name = "proba", .text = "also a column proba:LABEL a class"},
                              {.name = "decision", .text = "also the decision function"},
                              {.name = "keep", .text = "the input's columns before the predictions"},
                              {.name = "threshold", .value = "P", .text = "the positive class from this probability on"}};
  for (Option& o : table_options()) options.push_back(std::move(o));
  return {.name = "predict",
          .arguments = "MODEL DATA",
          .summary = "says what a model makes of each row",
          .text = "Columns are found by name; the target's column is not needed. Rows keep their order.",
          .examples = {"predict iris.json new.csv --out predictions.csv", "predict iris.json new.csv --proba --keep"},
          .options = std::move(options),
          .run = predict};
}

}  // namespace assay::cli
