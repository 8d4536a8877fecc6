// assay evaluate MODEL DATA: every metric that fits the task, on rows with a known target.
#include "assay/core/text.h"
#include "cli/learning.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

// A limit "accuracy=0.9" that the result has to keep.
struct Gate {
  std::string metric;
  double limit;
  bool at_least;
};

std::vector<Gate> read_gates(const Options& options, Task task) {
  std::vector<Gate> gates;
  for (const bool at_least : {true, false})
    for (const std::string& text : options.texts(at_least ? "min" : "max")) {
      const size_t equals = text.find('=');
      const auto limit = equals == std::string::npos ? std::nullopt : parse_double(text.substr(equals + 1));
      if (!limit)
        throw UsageError(std::string("option '--") + (at_least ? "min" : "max") + "' must be metric=value, got " +
                         quoted(text));
      gates.push_back({find_metric(text.substr(0, equals), task).name, *limit, at_least});
    }
  return gates;
}

void check_gates(Invocation& call, const std::vector<Gate>& gates, const Scores& scores) {
  for (const Gate& gate : gates) {
    const auto value = scores.find(gate.metric);
    const bool kept = value && (gate.at_least ? *value >= gate.limit : *value <= gate.limit);
    call.result["gates"].push_back({{"metric", gate.metric},
                                    {gate.at_least ? "min" : "max", gate.limit},
                                    {"value", value ? Json(*value) : Json()},
                                    {"kept", kept}});
    if (kept) continue;
    call.exit_code = 6;
    call.warn("gate failed: " + gate.metric + " is " + (value ? shortest(*value) : "undefined") + ", must be at " +
              (gate.at_least ? "least " : "most ") + shortest(gate.limit));
  }
}

void print_classes(Invocation& call, const Judged& judged) {
  const Matrix confusion = confusion_matrix(judged);
  TextTable table([&] {
    std::vector<std::string> header{"true \\ predicted"};
    header.insert(header.end(), judged.truth.classes.begin(), judged.truth.classes.end());
    for (const char* more : {"precision", "recall", "f1"}) header.emplace_back(more);
    return header;
  }());
  const auto scores = class_scores(judged);
  Json rows = Json::array(), classes = Json::array();
  for (Index k = 0; k < confusion.rows(); ++k) {
    const ClassScore& s = scores[static_cast<size_t>(k)];
    std::vector<std::string> row{s.name};
    Json json_row = Json::array();
    for (Index j = 0; j < confusion.cols(); ++j) {
      row.push_back(six_digits(confusion(k, j)));
      json_row.push_back(confusion(k, j));
    }
    for (const double v : {s.precision, s.recall, s.f1}) row.push_back(score_text(v));
    table.add(row);
    rows.push_back(json_row);
    classes.push_back(
        {{"class", s.name}, {"precision", s.precision}, {"recall", s.recall}, {"f1", s.f1}, {"support", s.support}});
  }
  call.result["confusion"] = rows;
  call.result["classes"] = classes;
  call.print("\n" + table.text());
}

void evaluate(Invocation& call) {
  Model model = chosen_model(call);
  const std::string& path = call.argument(1, "a table");
  call.no_more_than(2);
  const std::vector<Gate> gates = read_gates(call.options, model.target.task());
  if (call.options.given("positive")) model.positive = positive_class(call.options, model.target);
  const Dataset data = load_for_model(call, model, path);
  const Stopwatch watch;
  Predictions said = predict_everything(model, data.samples, call.ctx);
  call.time("predict", watch);
  apply_threshold(call.options, model, said);
  const Judged judged{data.target, said, data.samples.weight,
                      model.positive.empty() ? -1 : positive_code(data.target, model.positive)};
  const Scores scores = score(judged);
  call.result["algorithm"] = std::string(model.learner->name());
  call.result["task"] = task_name(model.target.task());
  call.result["rows"] = data.samples.n();
  if (!model.positive.empty()) call.result["positive"] = model.positive;
  call.result["metrics"] = scores_json(scores);
  say_undefined(call, scores);
  call.print(scores_table({{path, &scores}}));
  if (model.target.task() == Task::classification) {
    if (!model.positive.empty()) call.say("positive class: " + model.positive);
    print_classes(call, judged);
  }
  check_gates(call, gates, scores);
}

}  // namespace

Verb evaluate_verb() {
  std::vector<Option> options{
      {.name = "min", .value = "METRIC=VALUE", .text = "exit with 6 where the metric is lower", .repeatable = true},
      {.name = "max", .value = "METRIC=VALUE", .text = "exit with 6 where the metric is higher", .repeatable = true},
      threshold_option()};
  for (auto part : {scoring_options(), table_options()})
    for (Option& o : part) options.push_back(std::move(o));
  return {
      .name = "evaluate",
      .arguments = "MODEL DATA",
      .summary = "scores a model on rows whose target is known",
      .text = "`assay list metrics` says what each metric is.",
      .examples = {"evaluate iris.json test.csv", "evaluate iris.json test.csv --min accuracy=0.9 --max log_loss=0.3"},
      .options = std::move(options),
      .run = evaluate};
}

}  // namespace assay::cli
