// The version is checked first; then everything is read through ArchiveReader, which trusts nothing.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "assay/core/json.h"
#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/ml/model.h"

namespace assay {
namespace {

constexpr int kVersion = 1;
constexpr const char *kModel = "assay-model", *kPreparation = "assay-preparation";
constexpr const char* kClustering = "clustering";
constexpr const char* kReduction = "reduction";

void save_columns(ArchiveWriter& out, const std::vector<Column>& columns) {
  for (const Column& c : columns) {
    ArchiveWriter item = out.append("columns");
    item.text("name", c.name);
    item.texts("levels", c.levels);
  }
}

std::vector<Column> load_columns(const ArchiveReader& in) {
  std::vector<Column> columns;
  for (const ArchiveReader& item : in.objects("columns")) columns.push_back({item.text("name"), item.texts("levels")});
  if (columns.empty()) in.fail("columns is empty");
  return columns;
}

void save_report(ArchiveWriter out, const FitReport& report) {
  out.flag("converged", report.converged);
  out.integer("iterations", report.iterations);
  out.number("objective", std::isfinite(report.objective) ? report.objective : 0);
  out.text("note", report.note);
  std::vector<std::string> names;
  std::vector<double> values;
  for (const auto& item : report.more) {
    if (!std::isfinite(item.second)) continue;
    names.push_back(item.first);
    values.push_back(item.second);
  }
  out.texts("names", names);
  out.numbers("values", values);
}

FitReport load_report(const ArchiveReader& in) {
  FitReport report;
  report.converged = in.flag("converged");
  report.iterations = static_cast<long>(in.integer("iterations", 0, std::numeric_limits<long>::max()));
  report.objective = in.number("objective");
  report.note = in.text("note");
  const std::vector<std::string> names = in.texts("names");
  const std::vector<double> values = in.numbers("values");
  if (names.size() != values.size()) in.fail("names and values differ in length");
  for (size_t i = 0; i < names.size(); ++i) report.more.emplace_back(names[i], values[i]);
  return report;
}

// Text, since a 64-bit seed does not fit a double.
uint64_t load_seed(const ArchiveReader& in) {
  const std::string text = in.text("seed");
  uint64_t seed = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size())
    in.fail("seed is not a whole number");
  return seed;
}

void check_head(const ArchiveReader& head, const std::string& format) {
  if (!head.has("format") || head.text("format") != format)
    head.fail("this is not an assay " + format.substr(6) + " (\"format\" is not " + quoted(format) + ")");
  const long long version = head.integer("version", 0, std::numeric_limits<int>::max());
  if (version < 1 || version > kVersion)
    head.fail("the file has version " + std::to_string(version) + ", this program reads versions 1 to " +
              std::to_string(kVersion));
}

// ---- what every kind of model writes

void save_head(ArchiveWriter& out, const char* format, std::string_view algorithm) {
  out.text("format", format);
  out.integer("version", kVersion);
  out.text("assay", ASSAY_VERSION);
  out.text("algorithm", std::string(algorithm));
}

template <class Fitted>
void save_body(ArchiveWriter& out, const Fitted& m) {
  save_columns(out, m.columns);
  ArchiveWriter pipeline = out.object("pipeline");
  m.pipeline.save(pipeline);
  ArchiveWriter params = out.object("params");
  for (const Param& p : m.params->list()) params.text(p.name, p.get());
  out.text("seed", std::to_string(m.seed));
  save_report(out.object("report"), m.model->report());
  ArchiveWriter model = out.object("model");
  m.model->save(model);
}

// ---- what every kind of model reads

template <class Find>
auto* find_algorithm(const ArchiveReader& in, Find&& find) {
  try {
    return &find(in.text("algorithm"));
  } catch (const UsageError& e) {
    in.fail(e.message());
  }
}

template <class Algorithm>
void load_prepared(const ArchiveReader& in, const Algorithm& algorithm, Prepared& m) {
  m.columns = load_columns(in);
  m.pipeline = Pipeline::load(in.object("pipeline"), m.columns, algorithm.traits());
  if (!m.pipeline.suits(algorithm.traits()))
    in.fail("the pipeline does not prepare what " + quoted(algorithm.name()) + " asks for");
  std::unique_ptr<AnyParams> params = algorithm.params();
  const ArchiveReader saved = in.object("params");
  for (Param& p : params->list())
    if (saved.has(p.name)) {
      try {
        p.set(saved.text(p.name));
      } catch (const ParameterError& e) {
        saved.fail(e.message());
      }
    }
  m.params = std::move(params);
  m.seed = load_seed(in);
}

template <class Any>
std::shared_ptr<const Any> with_report(const ArchiveReader& in, std::unique_ptr<Any> model) {
  model->set_report(load_report(in.object("report")));
  return model;
}

Model load_learner(const ArchiveReader& in) {
  Model m;
  m.learner = find_algorithm(in, find_learner);
  const ArchiveReader target = in.object("target");
  m.target.name = target.text("name");
  m.target.classes = target.texts("classes");
  m.positive = target.text("positive");
  if (in.text("task") != task_name(m.target.task())) in.fail("task and target.classes do not agree");
  const auto& classes = m.target.classes;
  if (m.target.K() == 2 ? std::find(classes.begin(), classes.end(), m.positive) == classes.end() : !m.positive.empty())
    target.fail("positive is " + quoted(m.positive) + ", which is none of two classes");
  load_prepared(in, *m.learner, m);
  m.model = with_report(in, m.learner->load(in.object("model"), m.pipeline.output_columns(), m.target));
  return m;
}

ClusterModel load_clusterer(const ArchiveReader& in) {
  ClusterModel m;
  m.clusterer = find_algorithm(in, find_clusterer);
  load_prepared(in, *m.clusterer, m);
  m.model = with_report(in, m.clusterer->load(in.object("model"), m.pipeline.output_columns()));
  return m;
}

ReducerModel load_reducer(const ArchiveReader& in) {
  ReducerModel m;
  m.reducer = find_algorithm(in, find_reducer);
  load_prepared(in, *m.reducer, m);
  m.model = with_report(in, m.reducer->load(in.object("model"), m.pipeline.output_columns()));
  return m;
}

Input open_model(const std::string& path, const InputBudget& budget) {
  try {
    return Input::open(path, budget.model_bytes);
  } catch (const DataError& e) {
    throw ModelError(e.message(), e.hint(), e.place());
  }
}

}  // namespace

void save_model(const Model& m, const std::string& path) {
  Json root;
  ArchiveWriter out(&root);
  save_head(out, kModel, m.learner->name());
  out.text("task", task_name(m.target.task()));
  ArchiveWriter target = out.object("target");
  target.text("name", m.target.name);
  target.texts("classes", m.target.classes);
  target.text("positive", m.positive);
  save_body(out, m);
  write_file(path, root.dump() + "\n");
}

void save_model(const ClusterModel& m, const std::string& path) {
  Json root;
  ArchiveWriter out(&root);
  save_head(out, kModel, m.clusterer->name());
  out.text("task", kClustering);
  save_body(out, m);
  write_file(path, root.dump() + "\n");
}

void save_model(const ReducerModel& m, const std::string& path) {
  Json root;
  ArchiveWriter out(&root);
  save_head(out, kModel, m.reducer->name());
  out.text("task", kReduction);
  save_body(out, m);
  write_file(path, root.dump() + "\n");
}

void save_preparation(const Model& m, const std::string& path) {
  Json root;
  ArchiveWriter out(&root);
  save_head(out, kPreparation, m.learner->name());
  ArchiveWriter target = out.object("target");
  target.text("name", m.target.name);
  target.texts("classes", m.target.classes);
  save_columns(out, m.columns);
  ArchiveWriter pipeline = out.object("pipeline");
  m.pipeline.save(pipeline);
  write_file(path, root.dump() + "\n");
}

Preparation load_preparation(const std::string& path, const InputBudget& budget) {
  const Input input = open_model(path, budget);
  const Json root = parse_json(input.bytes(), input.name(), budget.depth);
  const ArchiveReader in(&root, input.name());
  check_head(in, kPreparation);
  const Learner* learner = find_algorithm(in, find_learner);
  Preparation p;
  p.target.name = in.object("target").text("name");
  p.target.classes = in.object("target").texts("classes");
  p.columns = load_columns(in);
  p.pipeline = Pipeline::load(in.object("pipeline"), p.columns, learner->traits());
  return p;
}

AnyFileModel load_any_model(const std::string& path, const InputBudget& budget) {
  const Input input = open_model(path, budget);
  const Json root = parse_json(input.bytes(), input.name(), budget.depth);
  const ArchiveReader in(&root, input.name());
  check_head(in, kModel);
  const std::string task = in.text("task");
  if (task == kClustering) return load_clusterer(in);
  if (task == kReduction) return load_reducer(in);
  return load_learner(in);
}

Model load_model(const std::string& path, const InputBudget& budget) {
  AnyFileModel any = load_any_model(path, budget);
  if (auto* m = std::get_if<Model>(&any)) return std::move(*m);
  const bool clusters = std::holds_alternative<ClusterModel>(any);
  throw ModelError(
      "the file holds a model of " + std::string(clusters ? kClustering : kReduction) + ", which has no target",
      "`assay predict` and `assay explain` take it", {path});
}

}  // namespace assay
