// assay predict MODEL DATA: what a model says about each row.
#include <functional>
#include <optional>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "cli/learning.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

// Where the answer goes, piece by piece: a file that is whole or absent, or standard output.
class Sink {
 public:
  explicit Sink(Invocation& call) : out_(call.out) {
    if (call.options.given("out")) file_.emplace(call.options.text("out"));
  }
  void write(const std::string& text) {
    if (file_)
      file_->write(text);
    else
      out_ << text;
  }
  void commit() {
    if (file_) file_->commit();
  }

 private:
  std::ostream& out_;
  std::optional<Output> file_;
};

// One column of the answer: its name, and the text of each row.
struct OutColumn {
  std::string name;
  std::function<std::string(Index row)> cell;
};

std::vector<OutColumn> answer_columns(const Model& model, const Table& table, const Predictions& said,
                                      const Options& options) {
  std::vector<OutColumn> columns;
  const std::vector<std::string>& classes = model.target.classes;
  if (options.flag("keep"))
    for (size_t c = 0; c < table.columns.size(); ++c)
      columns.push_back({table.columns[c].name,
                         [&table, c](Index i) { return csv_cell(cell_text(table, i, static_cast<Index>(c))); }});
  if (classes.empty()) {
    columns.push_back({"prediction", [&said](Index i) { return shortest(said.value[i]); }});
  } else {
    std::vector<std::string> labels;
    for (const std::string& label : classes) labels.push_back(csv_cell(label));
    columns.push_back({"prediction", [&said, labels](Index i) { return labels[static_cast<size_t>(said.value[i])]; }});
  }
  const auto numbers = [&](const std::string& name, const Matrix& values, Index k) {
    columns.push_back({name, [&values, k](Index i) { return shortest(values(i, k)); }});
  };
  if (options.flag("proba"))
    for (Index k = 0; k < said.proba.cols(); ++k) numbers("proba:" + classes[static_cast<size_t>(k)], said.proba, k);
  if (options.flag("decision"))
    for (Index k = 0; k < said.decision.cols(); ++k)
      numbers("decision:" + classes[static_cast<size_t>(said.decision.cols() == 1 ? 1 : k)], said.decision, k);
  return columns;
}

void write_answer(const std::vector<OutColumn>& columns, Index n, const Context& ctx, Sink& sink) {
  constexpr size_t kPiece = 1 << 16;
  std::string text;
  const auto line = [&](const auto& cell) {
    for (size_t c = 0; c < columns.size(); ++c) {
      if (c) text += ',';
      text += cell(columns[c]);
    }
    text += '\n';
    if (text.size() < kPiece) return;
    ctx.check_cancelled();
    sink.write(text);
    text.clear();
  };
  line([](const OutColumn& column) { return csv_cell(column.name); });
  for (Index i = 0; i < n; ++i) line([i](const OutColumn& column) { return column.cell(i); });
  sink.write(text);
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

void predict(Invocation& call) {
  const Options& options = call.options;
  const Model model = chosen_model(call);
  const std::string& path = call.argument(1, "a table");
  call.no_more_than(2);
  check_request(model, options);
  const Table table = load_table(call, path);
  const Samples samples = match_columns(model, table);

  const Stopwatch watch;
  const Samples x = model.pipeline.transform(samples, call.ctx.threads);
  Predictions said;
  said.value = model.model->predict(x, call.ctx);
  if (options.flag("proba") || options.given("threshold")) said.proba = model.model->predict_proba(x, call.ctx);
  if (options.flag("decision")) said.decision = model.model->decision_function(x, call.ctx);
  call.time("predict", watch);
  apply_threshold(options, model, said);

  call.result["algorithm"] = std::string(model.learner->name());
  call.result["task"] = task_name(model.target.task());
  call.result["rows"] = samples.n();
  if (!model.positive.empty()) call.result["positive"] = model.positive;
  if (call.json() && !options.given("out")) return;
  const Stopwatch save_watch;
  Sink sink(call);
  write_answer(answer_columns(model, table, said, options), samples.n(), call.ctx, sink);
  sink.commit();
  call.time("save", save_watch);
  if (call.options.given("out"))
    call.say(std::to_string(samples.n()) + " predictions written to " + call.options.text("out"));
}

}  // namespace

Verb predict_verb() {
  std::vector<Option> options{
      {.name = "out", .value = "FILE", .text = "where to write; default: stdout", .letter = 'o'},
      {.name = "proba", .text = "also a column proba:LABEL a class"},
      {.name = "decision", .text = "also the decision function"},
      {.name = "keep", .text = "the input's columns before the predictions"},
      threshold_option()};
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
