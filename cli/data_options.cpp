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

// Multiplies the sample weights by the weight of each row's class.
void apply_class_weights(const std::string& spec, Dataset& data) {
  if (spec == "none") return;
  Target& target = data.target;
  if (target.task() != Task::classification) throw UsageError("--class-weight is for classification; the target " + quoted(target.name) + " holds numbers");
  const auto K = static_cast<size_t>(target.K());
  std::vector<double> weight(K, 1.0);
  if (spec == "balanced") {  // n / (K n_k), as scikit-learn: each class weighs the same in all
    std::vector<double> total(K);
    double all = 0;
    for (Index i = 0; i < target.n(); ++i) {
      total[static_cast<size_t>(target.code[static_cast<size_t>(i)])] += data.samples.weight_of(i);
      all += data.samples.weight_of(i);
    }
    for (size_t k = 0; k < K; ++k) weight[k] = total[k] > 0 ? all / (static_cast<double>(K) * total[k]) : 0;
  } else {
    for (const std::string& part : split(spec, ',')) {
      const size_t colon = part.rfind(':');
      const auto value = colon == std::string::npos ? std::nullopt : parse_double(part.substr(colon + 1));
      if (!value || !non_negative.holds(*value))
        throw UsageError("option '--class-weight' must be none, balanced or LABEL:WEIGHT,..., got " + quoted(spec));
      const std::string label = part.substr(0, colon);
      const auto found = std::find(target.classes.begin(), target.classes.end(), label);
      if (found == target.classes.end())
        throw UsageError("there is no class " + quoted(label) + " in '" + target.name + "'" + did_you_mean(label, target.classes), "classes: " + join(target.classes, ", "));
      weight[static_cast<size_t>(found - target.classes.begin())] = *value;
    }
  }
  if (data.samples.weight.size() == 0) data.samples.weight = Vector::Ones(target.n());
  for (Index i = 0; i < target.n(); ++i) data.samples.weight[i] *= weight[static_cast<size_t>(target.code[static_cast<size_t>(i)])];
}

}  // namespace

std::vector<Option> table_options() {
  return {
      {.name = "format", .value = "FORMAT", .text = "auto, csv, tsv or libsvm", .standard = "auto", .choices = {"auto", "csv", "tsv", "libsvm"}},
      {.name = "header", .value = "WHEN", .text = "auto, yes or no: does the first line hold names?", .standard = "auto", .choices = {"auto", "yes", "no"}},
      {.name = "sep", .value = "C", .text = "separator of cells; found out among , ; | and tab"},
      {.name = "missing", .value = "A,B", .text = "cells that mean missing", .standard = ",NA,N/A,nan,NaN,null,?"},
      {.name = "categorical", .value = "A,B", .text = "columns to read as text"},
      {.name = "numeric", .value = "A,B", .text = "columns to read as numbers"},
      {.name = "max-cell", .value = "BYTES", .text = "longest cell", .standard = "1000000"},
      {.name = "max-columns", .value = "N", .text = "most columns", .standard = "1000000"},
  };
}

std::vector<Option> role_options() {
  return {
      {.name = "target", .value = "COLUMN", .text = "name or number of the column to predict: the last one", .aliases = {"y"}},
      {.name = "ignore", .value = "A,B", .text = "columns to leave out"},
      {.name = "weights", .value = "COLUMN", .text = "column of sample weights"},
      {.name = "task", .value = "TASK", .text = "auto, classification or regression", .standard = "auto", .choices = {"auto", "classification", "regression"}},
      {.name = "positive", .value = "LABEL", .text = "the positive one of two classes: the last"},
      {.name = "class-weight", .value = "HOW", .text = "none, balanced or LABEL:WEIGHT,...", .standard = "none"},
      {.name = "drop-missing-target", .text = "leave out rows without a target"},
  };
}

std::vector<Option> pipeline_options() {
  return {{.name = "scale", .value = "HOW", .text = "auto, none, standard, minmax or robust; auto: only where the learner needs it",
           .standard = "auto", .choices = {"auto", "none", "standard", "minmax", "robust"}}};
}

TableOptions read_table_options(const Options& options) {
  TableOptions t;
  t.format = chosen<TableFormat>(options, "format", {{"auto", TableFormat::automatic}, {"csv", TableFormat::csv}, {"tsv", TableFormat::tsv}, {"libsvm", TableFormat::libsvm}});
  t.header = chosen<TableOptions::Header>(options, "header", {{"auto", TableOptions::Header::automatic}, {"yes", TableOptions::Header::yes}, {"no", TableOptions::Header::no}});
  const std::string sep = options.text("sep");
  if (sep == "\\t" || sep == "tab") t.separator = '\t';
  else if (sep.size() == 1) t.separator = sep[0];
  else if (!sep.empty()) throw UsageError("option '--sep' must be one character, got " + quoted(sep));
  t.missing = options.list("missing");
  t.categorical = options.list("categorical");
  t.numeric = options.list("numeric");
  t.budget.cell_bytes = static_cast<uint64_t>(options.number("max-cell", at_least(1)));
  t.budget.columns = static_cast<uint64_t>(options.number("max-columns", at_least(1)));
  return t;
}

RoleOptions read_role_options(const Options& options) {
  RoleOptions r;
  r.target = options.text("target");
  r.ignore = options.list("ignore");
  r.weights = options.text("weights");
  if (std::any_of(options.declared.begin(), options.declared.end(), [](const Option& o) { return o.name == "group"; })) r.group = options.text("group");
  if (options.text("task") == "classification") r.task = Task::classification;
  if (options.text("task") == "regression") r.task = Task::regression;
  r.drop_missing_target = options.flag("drop-missing-target");
  return r;
}

PipelineOptions read_pipeline_options(const Options& options) {
  PipelineOptions p;
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
  apply_class_weights(call.options.text("class-weight"), data);
  if (!data.kept_rows.empty())
    call.warn(std::to_string(table.n() - static_cast<Index>(data.kept_rows.size())) + " rows without a target were left out");
  call.say(data.task_note);
  return data;
}

Dataset load_dataset(Invocation& call, const std::string& path) {
  const Table table = load_table(call, path);
  return make_dataset(call, table);
}

std::string positive_class(const Options& options, const Target& target) {
  const std::string label = options.text("positive");
  if (target.K() != 2) {
    if (!label.empty()) throw UsageError("--positive is for two classes; '" + target.name + "' " + (target.K() ? "has " + std::to_string(target.K()) : "holds numbers"));
    return "";
  }
  if (label.empty()) return target.classes[1];
  if (std::find(target.classes.begin(), target.classes.end(), label) == target.classes.end())
    throw UsageError("there is no class " + quoted(label) + " in '" + target.name + "'" + did_you_mean(label, target.classes), "classes: " + join(target.classes, ", "));
  return label;
}

}  // namespace assay::cli
