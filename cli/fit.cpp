// assay fit ALGO DATA: trains a learner and keeps the model.
#include "assay/core/output.h"
#include "assay/core/text.h"
#include "cli/answer.h"
#include "cli/learning.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

// The rows kept aside: a file, or a share of the table.
struct HeldOut {
  Samples samples;
  Target target;
  bool any = false;
};

HeldOut hold_rows(Invocation& call, Dataset& data) {
  HeldOut held;
  if (!call.options.given("holdout")) return held;
  const double share = call.options.number("holdout", Rule{0, 1, true, true});
  const Fold fold = hold_out(data.samples, data.target, share, call.ctx.child("holdout", 0));
  held = {gather(data.samples, fold.test), gather(data.target, fold.test), true};
  data.samples = gather(data.samples, fold.train);
  data.target = gather(data.target, fold.train);
  return held;
}

// In the columns and class codes of the training table.
HeldOut validation_file(Invocation& call, const Dataset& training) {
  Model head;
  head.columns = training.samples.columns;
  head.target.name = training.target.name;
  head.target.classes = training.target.classes;
  Dataset data = load_for_model(call, head, call.options.text("valid"));
  return {std::move(data.samples), std::move(data.target), true};
}

// Scores are data, unless the model itself goes to standard output.
void print_scores(Invocation& call, const Scores& train, const Scores* held) {
  std::vector<std::pair<std::string, const Scores*>> columns{{"training", &train}};
  if (held) columns.emplace_back("held out", held);
  const std::string table = scores_table(columns);
  if (!writes_to_stdout(call.options))
    call.print(table);
  else if (!call.quiet())
    call.err << table;
}

void score_fit(Invocation& call, const Model& model, const Dataset& data, const HeldOut& held) {
  if (call.options.flag("no-score") && !held.any) return;
  const Stopwatch watch;
  const Scores train = call.options.flag("no-score") ? Scores{} : score_model(call, model, data.samples, data.target);
  const Scores out = held.any ? score_model(call, model, held.samples, held.target) : Scores{};
  call.time("score", watch);
  if (!call.options.flag("no-score")) call.result["train"] = scores_json(train);
  if (held.any) call.result["holdout"] = scores_json(out);
  if (call.options.flag("no-score"))
    call.print(scores_table({{"held out", &out}}));
  else
    print_scores(call, train, held.any ? &out : nullptr);
}

void save_fit(Invocation& call, const Model& model) {
  if (!call.options.given("out")) {
    call.say("model not saved; add --out m.json");
    return;
  }
  const Stopwatch watch;
  save_model(model, call.options.text("out"));
  call.time("save", watch);
  if (!writes_to_stdout(call.options)) call.say("model written to " + call.options.text("out"));
}

void say_fit(Invocation& call, const Model& model) {
  if (!model.positive.empty()) call.say("positive class: " + model.positive);
  for (const std::string& step : model.pipeline.description()) call.say(step);
  const FitReport& report = model.model->report();
  const std::string name(model.learner->name());
  check_converged(call, report, name);
  if (!report.warning.empty()) call.warn(name + ": " + report.warning);
  if (report.converged && !report.note.empty())
    call.say(name + ": " + report.note +
             (report.iterations
                  ? ", " + std::to_string(report.iterations) + (report.iterations == 1 ? " iteration" : " iterations")
                  : ""));
}

void fit(Invocation& call) {
  const Candidate candidate = chosen_learner(call);
  const std::string& path = call.argument(1, "a table");
  call.no_more_than(2);
  if (call.options.given("valid") && call.options.given("holdout"))
    throw UsageError("give --valid or --holdout, not both");
  if (call.options.given("out")) check_writable(call.options.text("out"));
  Dataset data = load_dataset(call, path);
  const std::string positive = positive_class(call.options, data.target);
  const PipelineOptions pipeline = read_pipeline_options(call.options, data.target);
  HeldOut held = call.options.given("valid") ? validation_file(call, data) : hold_rows(call, data);
  const Validation valid{held.samples, held.target};
  const Stopwatch watch;
  Model model = fit_model(*candidate.learner, *candidate.params, data.samples, data.target, pipeline, call.ctx,
                          held.any ? &valid : nullptr);
  call.time("fit", watch);
  model.positive = positive;
  say_fit(call, model);

  call.result["algorithm"] = std::string(candidate.learner->name());
  call.result["task"] = task_name(data.target.task());
  call.result["params"] = params_json(*candidate.params);
  call.result["pipeline"] = model.pipeline.description();
  call.result["rows"] = data.samples.n();
  call.result["features"] = data.samples.d();
  if (data.target.task() == Task::classification) call.result["classes"] = data.target.classes;
  if (!positive.empty()) call.result["positive"] = positive;
  call.result["report"] = report_json(model.model->report());
  score_fit(call, model, data, held);
  save_fit(call, model);
}

}  // namespace

Verb fit_verb() {
  return {
      .name = "fit",
      .arguments = "ALGO DATA",
      .summary = "trains a learner on a table and keeps the model",
      .text =
          "DATA is a CSV, TSV or LIBSVM file, '-' or a bundled set such as @iris. Parameters may also stand in the\n"
          "algorithm's name: logistic:C=10. The training score says little: use --holdout or `assay cv`.",
      .examples = {"fit logistic @iris --out iris.json", "fit tree @titanic --max-depth 4 --holdout 0.25",
                   "fit knn data.csv --target price --neighbors 9"},
      .options =
          learning_options({{.name = "out", .value = "FILE", .text = "the model file (JSON)", .letter = 'o'},
                            {.name = "valid",
                             .value = "FILE",
                             .text = "a second table: scored, and watched by learners that stop early"},
                            {.name = "holdout", .value = "SHARE", .text = "keep a share of the rows aside, as --valid"},
                            {.name = "no-score", .text = "skip the training score"}}),
      .more_options = learner_options,
      .run = fit};
}

}  // namespace assay::cli
