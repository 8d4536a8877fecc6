#include "cli/learning.h"

#include <cmath>
#include <filesystem>

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

Candidate chosen_learner(const Invocation& call) {
  const std::string& first = call.argument(0, "an algorithm");
  const auto is_table = [](const std::string& path) {
    std::error_code ignore;
    return path.starts_with("@") || std::filesystem::is_regular_file(path, ignore);
  };
  if (is_table(first) && call.options.arguments.size() > 1 && !is_table(call.options.arguments[1]))
    throw UsageError("arguments swapped; try `assay " + call.verb + " " + call.options.arguments[1] + " " + first + "`");
  Candidate candidate = make_candidate(parse_inline(first));
  std::unique_ptr<AnyParams> params = candidate.params->clone();
  apply_parameters(call.options, *params, candidate.learner->name());
  params->check();
  candidate.params = std::move(params);
  return candidate;
}

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
  if (call.verbose())
    for (const auto& [name, reason] : scores.undefined) call.say("no " + name + ": " + reason);
  return scores;
}

Dataset load_for_model(Invocation& call, const Model& model, const std::string& path) {
  const Table table = load_table(call, path);
  RoleOptions roles = read_role_options(call.options);
  if (roles.target.empty() && !table.sparse) roles.target = model.target.name;
  roles.task = model.target.task();
  Dataset data = assign_roles(table, roles);
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
