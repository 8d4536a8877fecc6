#include "cli/data_options.h"

#include <algorithm>

#include "assay/core/text.h"
#include "cli/bundled.h"
#include "cli/process.h"

namespace assay::cli {
namespace {

template <class E>
E chosen(const Options& options, const char* name, std::initializer_list<std::pair<const char*, E>> words) {
  const std::string value = options.text(name);
  for (const auto& [word, meaning] : words)
    if (value == word) return meaning;
  throw UsageError(std::string("option '--") + name + "' has no value " + quoted(value));
}

[[noreturn]] void unknown_class(const std::string& label, const Target& target) {
  throw UsageError(
      "there is no class " + quoted(label) + " in '" + target.name + "'" + did_you_mean(label, target.classes),
      "classes: " + join(target.classes, ", "));
}

// none, balanced or LABEL:WEIGHT,...
ClassWeights read_class_weights(const std::string& spec, const Target& target) {
  ClassWeights classes;
  if (spec == "none") return classes;
  if (target.task() != Task::classification)
    throw UsageError("--class-weight is for classification; the target " + quoted(target.name) + " holds numbers");
  classes.balanced = spec == "balanced";
  if (classes.balanced) return classes;
  classes.weight.assign(target.classes.size(), 1.0);
  for (const std::string& part : split(spec, ',')) {
    const size_t colon = part.rfind(':');
    const auto value = colon == std::string::npos ? std::nullopt : parse_double(part.substr(colon + 1));
    if (!value || !non_negative.holds(*value))
      throw UsageError("option '--class-weight' must be none, balanced or LABEL:WEIGHT,..., got " + quoted(spec));
    const std::string label = part.substr(0, colon);
    const auto found = std::find(target.classes.begin(), target.classes.end(), label);
    if (found == target.classes.end()) unknown_class(label, target);
    classes.weight[static_cast<size_t>(found - target.classes.begin())] = *value;
  }
  return classes;
}

}  // namespace

std::vector<Option> table_options() {
  return {
      {.name = "format",
       .value = "FORMAT",
       .text = "auto, csv, tsv or libsvm",
       .standard = "auto",
       .choices = {"auto", "csv", "tsv", "libsvm"}},
      {.name = "header",
       .value = "WHEN",
       .text = "auto, yes or no: does the first line hold names?",
       .standard = "auto",
       .choices = {"auto", "yes", "no"}},
      {.name = "sep", .value = "C", .text = "separator of cells; found out among , ; | and tab"},
      {.name = "missing", .value = "A,B", .text = "cells that mean missing", .standard = ",NA,N/A,nan,NaN,null,?"},
      {.name = "categorical", .value = "A,B", .text = "columns to read as text"},
      {.name = "numeric", .value = "A,B", .text = "columns to read as numbers"},
      {.name = "max-cell", .value = "BYTES", .text = "longest cell", .standard = "1000000"},
      {.name = "max-columns", .value = "N", .text = "most columns", .standard = "1000000"},
  };
}

std::vector<Option> scoring_options() {
  return {
      {.name = "target",
       .value = "COLUMN",
       .text = "name or number of the column to predict: the last one",
       .aliases = {"y"}},
      {.name = "weights", .value = "COLUMN", .text = "column of sample weights"},
      {.name = "positive", .value = "LABEL", .text = "the positive one of two classes: the last"},
      {.name = "drop-missing-target", .text = "leave out rows without a target"},
  };
}

std::vector<Option> role_options() {
  std::vector<Option> options = scoring_options();
  options.push_back({.name = "ignore", .value = "A,B", .text = "columns to leave out"});
  options.push_back({.name = "task",
                     .value = "TASK",
                     .text = "auto, classification or regression",
                     .standard = "auto",
                     .choices = {"auto", "classification", "regression"}});
  return options;
}

std::vector<Option> pipeline_options() {
  return {{.name = "scale",
           .value = "HOW",
           .text = "auto, none, standard, minmax or robust; auto: only where the learner needs it",
           .standard = "auto",
           .choices = {"auto", "none", "standard", "minmax", "robust"}},
          {.name = "class-weight",
           .value = "HOW",
           .text = "none, balanced or LABEL:WEIGHT,...; scores are not weighted by it",
           .standard = "none"}};
}

TableOptions read_table_options(const Options& options) {
  TableOptions t;
  t.format = chosen<TableFormat>(options, "format",
                                 {{"auto", TableFormat::automatic},
                                  {"csv", TableFormat::csv},
                                  {"tsv", TableFormat::tsv},
                                  {"libsvm", TableFormat::libsvm}});
  t.header = chosen<TableOptions::Header>(options, "header",
                                          {{"auto", TableOptions::Header::automatic},
                                           {"yes", TableOptions::Header::yes},
                                           {"no", TableOptions::Header::no}});
  const std::string sep = options.text("sep");
  if (sep == "\\t" || sep == "tab")
    t.separator = '\t';
  else if (sep.size() == 1)
    t.separator = sep[0];
  else if (!sep.empty())
    throw UsageError("option '--sep' must be one character, got " + quoted(sep));
  t.missing = options.list("missing");
  t.categorical = options.list("categorical");
  t.numeric = options.list("numeric");
  t.budget.cell_bytes = static_cast<uint64_t>(options.number("max-cell", between(1, 1e12)));
  t.budget.columns = static_cast<uint64_t>(options.number("max-columns", between(1, 1e9)));
  return t;
}

RoleOptions read_role_options(const Options& options) {
  RoleOptions r;
  r.target = options.text("target");
  r.weights = options.text("weights");
  if (options.knows("ignore")) r.ignore = options.list("ignore");
  if (options.knows("group")) r.group = options.text("group");
  const std::string task = options.knows("task") ? options.text("task") : "auto";
  if (task == "classification") r.task = Task::classification;
  if (task == "regression") r.task = Task::regression;
  r.drop_missing_target = options.flag("drop-missing-target");
  return r;
}

PipelineOptions read_pipeline_options(const Options& options, const Target& target) {
  PipelineOptions p;
  p.class_weights = read_class_weights(options.text("class-weight"), target);
  for (const auto& item : scale_names.items)
    if (options.text("scale") == item.first) p.scale = item.second;
  return p;
}

Table load_table(Invocation& call, const std::string& path) {
  TableOptions options = read_table_options(call.options);
  options.threads = call.ctx.threads;
  const Stopwatch watch;
  Table table = read_table(resolve_path(path), options);
  call.time("load", watch);
  call.result["run"]["rss_loaded_mb"] = resident_mb();
  return table;
}

Dataset make_dataset(Invocation& call, const Table& table) {
  Dataset data = assign_roles(table, read_role_options(call.options));
  warn_dropped(call, table, data);
  call.say(data.task_note);
  return data;
}

void warn_dropped(Invocation& call, const Table& table, const Dataset& data) {
  if (data.kept_rows.empty()) return;
  const auto dropped = table.n() - static_cast<Index>(data.kept_rows.size());
  call.warn(std::to_string(dropped) + (dropped == 1 ? " row" : " rows") + " without a target left out");
}

Dataset load_dataset(Invocation& call, const std::string& path) {
  const Table table = load_table(call, path);
  return make_dataset(call, table);
}

std::string positive_class(const Options& options, const Target& target) {
  const std::string label = options.text("positive");
  if (target.K() != 2) {
    if (!label.empty())
      throw UsageError("--positive is for two classes; '" + target.name + "' " +
                       (target.K() ? "has " + std::to_string(target.K()) : "holds numbers"));
    return "";
  }
  if (label.empty()) return target.classes[1];
  if (std::find(target.classes.begin(), target.classes.end(), label) == target.classes.end())
    unknown_class(label, target);
  return label;
}

}  // namespace assay::cli
