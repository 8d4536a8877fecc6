#include "cli/learning.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include "assay/core/text.h"
#include "cli/terminal.h"

namespace assay::cli {

std::vector<Option> learner_options(const std::string& spec) {
  const std::string name = split(spec, ':')[0];
  try {
    return parameter_options(*find_learner(name).params());
  } catch (const UsageError&) {
    return {};  // said properly by chosen_learner
  }
}

namespace {

bool is_file(const std::string& path) {
  std::error_code ignore;
  return std::filesystem::is_regular_file(path, ignore);
}

// A model file is one JSON object; a table hardly ever begins so.
bool looks_like_model(const std::string& path) {
  if (!is_file(path)) return path.ends_with(".json");
  std::ifstream in(path, std::ios::binary);
  char first = 0;
  return in >> first && first == '{';
}

[[noreturn]] void swapped(const Invocation& call) {
  const auto& arguments = call.options.arguments;
  throw UsageError("arguments swapped; try `assay " + call.verb + " " + arguments[1] + " " + arguments[0] + "`");
}

}  // namespace

void check_algorithm_first(const Invocation& call, const std::string& example) {
  const std::string& first = call.argument(0, "an algorithm");
  const auto is_table = [](const std::string& path) { return path.starts_with("@") || is_file(path); };
  if (!is_table(first)) return;
  if (call.options.arguments.size() > 1 && !is_table(call.options.arguments[1])) swapped(call);
  throw UsageError(quoted(first) + " is a table; an algorithm stands before it",
                   "assay " + call.verb + " " + example + " " + first);
}

Candidate chosen_learner(const Invocation& call) {
  check_algorithm_first(call, "logistic");
  Candidate candidate = make_candidate(parse_inline(call.argument(0, "an algorithm")));
  std::unique_ptr<AnyParams> params = candidate.params->clone();
  apply_parameters(call.options, *params, candidate.learner->name());
  params->check();
  Settings settings;
  for (const Param& p : params->list()) settings.emplace_back(p.name, p.get());
  return make_candidate(*candidate.learner, settings);
}

namespace {

// The path of the model; a table in its place is recognised.
const std::string& model_path(const Invocation& call) {
  const std::string& first = call.argument(0, "a model file");
  const auto& arguments = call.options.arguments;
  if (!looks_like_model(first) && arguments.size() > 1 && looks_like_model(arguments[1])) swapped(call);
  if (first.starts_with("@"))
    throw UsageError(quoted(first) + " is a table, and a model file stands here",
                     "assay fit logistic " + first + " --out model.json makes one");
  return first;
}

}  // namespace

AnyFileModel chosen_any_model(const Invocation& call) { return load_any_model(model_path(call)); }
Model chosen_model(const Invocation& call) { return load_model(model_path(call)); }

std::vector<Option> learning_options(std::vector<Option> more) {
  for (auto part : {role_options(), pipeline_options(), table_options()})
    for (Option& o : part) more.push_back(std::move(o));
  return more;
}

Json scores_json(const Scores& scores) {
  Json json = Json::object();
  for (const auto& [name, value] : scores.values) json[name] = value;
  return json;
}

Json report_json(const FitReport& report) {
  Json json = {{"converged", report.converged}, {"iterations", report.iterations}, {"objective", report.objective}};
  if (!report.note.empty()) json["note"] = report.note;
  for (const auto& [name, value] : report.more) json[name] = value;
  return json;
}

void check_converged(Invocation& call, const FitReport& report, const std::string& who) {
  if (report.converged) return;
  call.warn(who + " did not converge: " + report.note);
  if (call.options.flag("strict")) call.exit_code = 5;
}

Scores score_model(Invocation& call, const Model& model, const Samples& raw, const Target& target) {
  const Predictions said = predict_everything(model, raw, call.ctx);
  Scores scores = score({target, said, raw.weight, target.K() == 2 ? positive_code(target, model.positive) : -1});
  say_undefined(call, scores);
  return scores;
}

Option threshold_option() {
  return {.name = "threshold", .value = "P", .text = "the positive class from this probability on"};
}

void apply_threshold(const Options& options, const Model& model, Predictions& said) {
  if (!options.given("threshold")) return;
  const double limit = options.number("threshold", unit_interval);
  if (model.target.K() != 2)
    throw UsageError("--threshold is for two classes",
                     model.target.K() ? "classes: " + join(model.target.classes, ", ") : "");
  if (said.proba.cols() == 0)
    throw UsageError("--threshold needs probabilities, and " + std::string(model.learner->name()) + " has none");
  const int positive = positive_code(model.target, model.positive);
  for (Index i = 0; i < said.value.size(); ++i)
    said.value[i] = said.proba(i, positive) >= limit ? positive : 1 - positive;
}

void say_undefined(const Invocation& call, const Scores& scores) {
  if (!call.verbose()) return;
  for (const auto& [name, reason] : scores.undefined) call.say("no " + name + ": " + reason);
}

Dataset load_for_model(Invocation& call, const Model& model, const std::string& path) {
  const Table table = load_table(call, path);
  RoleOptions roles = read_role_options(call.options);
  if (roles.target.empty() && !table.sparse) roles.target = model.target.name;
  roles.task = model.target.task();
  roles.ignore.clear();  // a model knows its columns
  if (!roles.target.empty() && table.find(roles.target) < 0 && !parse_int(roles.target) &&
      roles.target == model.target.name)
    throw DataError("there is no column " + quoted(roles.target) + ", the target of the model, to score against",
                    "`assay predict` needs no target; --target names another column", {table.name});
  Dataset data = assign_roles(table, roles);
  warn_dropped(call, table, data);
  const Samples matched = match_columns(model, table);
  const Vector weight = data.samples.weight;
  data.samples = data.kept_rows.empty() ? matched : gather(matched, data.kept_rows);
  data.samples.weight = weight;
  data.target = recode_target(data.target, model.target, table.name);
  return data;
}

std::string scores_table(const std::vector<std::pair<std::string, const Scores*>>& columns) {
  std::vector<std::string> header{"metric"};
  for (const auto& column : columns) header.push_back(column.first);
  TextTable table(header);
  for (const auto& [name, unused] : columns[0].second->values) {
    std::vector<std::string> row{name};
    for (const auto& column : columns) {
      const auto value = column.second->find(name);
      row.push_back(value ? score_text(*value) : "-");
    }
    table.add(row);
  }
  return table.text();
}

}  // namespace assay::cli
