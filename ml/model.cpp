// The model file (JSON): format, version, assay, algorithm, task, target, columns, pipeline, params, seed, report, model.
// The version is checked first; then everything is read through ArchiveReader, which trusts nothing.
#include "assay/ml/model.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "assay/core/json.h"
#include "assay/core/output.h"
#include "assay/core/text.h"

namespace assay {
namespace {

constexpr int kVersion = 1;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

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

void check_head(const ArchiveReader& head) {
  if (!head.has("format") || head.text("format") != "assay-model")
    head.fail("this is not an assay model (\"format\" is not \"assay-model\")");
  const long long version = head.integer("version", 0, std::numeric_limits<int>::max());
  if (version < 1 || version > kVersion)
    head.fail("the file has version " + std::to_string(version) + ", this program reads versions 1 to " +
              std::to_string(kVersion));
}

// A column of codes in another order of levels; a level the model has not seen is missing.
void recode(const Column& from, const Column& to, double* x, Index n) {
  std::unordered_map<std::string_view, double> known;
  for (size_t l = 0; l < to.levels.size(); ++l) known.emplace(to.levels[l], static_cast<double>(l));
  std::vector<double> code;
  for (const std::string& level : from.levels) {
    const auto found = known.find(level);
    code.push_back(found == known.end() ? kMissing : found->second);
  }
  for (Index i = 0; i < n; ++i)
    if (!std::isnan(x[i])) x[i] = code[static_cast<size_t>(x[i])];
}

// The levels of a numeric column that the model knows as text ("1", "2", ...).
void codes_of_numbers(const Column& to, double* x, Index n) {
  std::unordered_map<double, double> known;
  for (size_t l = 0; l < to.levels.size(); ++l)
    if (const auto value = parse_double(to.levels[l])) known.emplace(*value, static_cast<double>(l));
  for (Index i = 0; i < n; ++i) {
    const auto found = known.find(x[i]);  // NaN equals nothing and stays missing
    x[i] = found == known.end() ? kMissing : found->second;
  }
}

// Text in a column that the model knows as numbers: says which cell it is.
[[noreturn]] void refuse_text(const Table& table, int at) {
  const Column& have = table.columns[static_cast<size_t>(at)];
  const std::string trained = "the model was trained on numbers";
  for (Index i = 0; i < table.n(); ++i) {
    if (std::isnan(table.cells(i, at))) continue;
    const std::string& cell = have.levels[static_cast<size_t>(table.cells(i, at))];
    if (parse_double(cell)) continue;
    throw DataError("column " + quoted(have.name) + ": " + quoted(cell) + " is not a number, and " + trained, "",
                    {table.name, static_cast<long>(table.line_of(i)), at + 1});
  }
  throw DataError("column " + quoted(have.name) + " was read as text, and " + trained, "--numeric reads it as numbers",
                  {table.name});
}

// A sparse table has no names: its columns are the model's by position, and hold numbers.
Csr match_sparse(const std::vector<Column>& columns, const Table& table) {
  Csr X = *table.sparse;
  const auto d = static_cast<Index>(columns.size());
  if (X.columns > d)
    throw DataError(
        "the table has " + std::to_string(X.columns) + " features, the model was trained on " + std::to_string(d), "",
        {table.name});
  for (const Column& c : columns)
    if (c.categorical())
      throw DataError(
          "a sparse table holds numbers alone, but the model was trained on text in column " + quoted(c.name), "",
          {table.name});
  X.columns = d;
  return X;
}

}  // namespace

Vector Model::predict(const Samples& raw, const Context& ctx) const {
  return model->predict(pipeline.transform(raw, ctx.threads), ctx);
}
Matrix Model::predict_proba(const Samples& raw, const Context& ctx) const {
  return model->predict_proba(pipeline.transform(raw, ctx.threads), ctx);
}
Matrix Model::decision_function(const Samples& raw, const Context& ctx) const {
  return model->decision_function(pipeline.transform(raw, ctx.threads), ctx);
}

Model fit_model(const Learner& learner, const AnyParams& params, const Samples& raw, const Target& target,
                const PipelineOptions& options, const Context& ctx) {
  const Traits& traits = learner.traits();
  if (target.task() == Task::classification ? !traits.classification : !traits.regression)
    throw UsageError(std::string(learner.name()) + " does not do " + task_name(target.task()),
                     "see `assay list learners` for those that do");
  if ((raw.weight.size() || options.class_weights.any()) && traits.weights == Weights::none)
    throw UsageError(std::string(learner.name()) + " does not take weights");
  params.check();
  check_fit_input(raw, target, target.task() == Task::classification ? traits.min_classes : 1);
  Model m;
  m.learner = &learner;
  m.params = params.clone();
  m.target.name = target.name;
  m.target.classes = target.classes;
  m.columns = raw.columns;
  m.seed = ctx.seed;
  m.pipeline = Pipeline::fit(raw, traits, options, ctx.threads);
  if (target.K() == 2) m.positive = target.classes[1];
  Samples x = m.pipeline.transform(raw, ctx.threads);
  if (options.class_weights.any()) x.weight = class_weighted(raw.weight, target, options.class_weights);
  m.model = learner.fit(params, x, target, ctx);
  return m;
}

Samples match_columns(const Model& model, const Table& table) {
  Samples out;
  out.columns = model.columns;
  if (table.sparse) {
    out.X = match_sparse(model.columns, table);
    return out;
  }
  Columns X(table.n(), static_cast<Index>(model.columns.size()));
  std::vector<std::string> names;
  for (const Column& c : table.columns) names.push_back(c.name);
  for (size_t f = 0; f < model.columns.size(); ++f) {
    const Column& want = model.columns[f];
    const int at = table.find(want.name);
    if (at < 0)
      throw DataError("there is no column " + quoted(want.name) + ", which the model was trained on" +
                          did_you_mean(want.name, names),
                      "", {table.name});
    const Column& have = table.columns[static_cast<size_t>(at)];
    X.col(static_cast<Index>(f)) = table.cells.col(at);
    double* x = X.col(static_cast<Index>(f)).data();
    if (want.categorical() && have.categorical())
      recode(have, want, x, X.rows());
    else if (want.categorical())
      codes_of_numbers(want, x, X.rows());
    else if (have.categorical())
      refuse_text(table, at);
  }
  out.X = std::move(X);
  return out;
}

Target recode_target(const Target& target, const Target& known, const std::string& file) {
  Target out = target;
  if (known.task() == Task::regression) return out;
  std::vector<int> code;
  for (const std::string& name : target.classes) {
    const auto found = std::find(known.classes.begin(), known.classes.end(), name);
    if (found == known.classes.end())
      throw DataError("the target has the class " + quoted(name) + ", which the model has not seen",
                      "the model knows " + join(known.classes, ", "), {file});
    code.push_back(static_cast<int>(found - known.classes.begin()));
  }
  out.classes = known.classes;
  for (int& k : out.code) k = code[static_cast<size_t>(k)];
  return out;
}

void save_model(const Model& m, const std::string& path) {
  Json root;
  ArchiveWriter out(&root);
  out.text("format", "assay-model");
  out.integer("version", kVersion);
  out.text("assay", ASSAY_VERSION);
  out.text("algorithm", std::string(m.learner->name()));
  out.text("task", task_name(m.target.task()));
  ArchiveWriter target = out.object("target");
  target.text("name", m.target.name);
  target.texts("classes", m.target.classes);
  target.text("positive", m.positive);
  save_columns(out, m.columns);
  ArchiveWriter pipeline = out.object("pipeline");
  m.pipeline.save(pipeline);
  ArchiveWriter params = out.object("params");
  for (const Param& p : m.params->list()) params.text(p.name, p.get());
  out.text("seed", std::to_string(m.seed));
  save_report(out.object("report"), m.model->report());
  ArchiveWriter model = out.object("model");
  m.model->save(model);
  write_file(path, root.dump() + "\n");
}

Model load_model(const std::string& path, const InputBudget& budget) {
  const Input input = [&] {
    try {
      return Input::open(path, budget.model_bytes);
    } catch (const DataError& e) {
      throw ModelError(e.message(), e.hint(), e.place());
    }
  }();
  const Json root = parse_json(input.bytes(), input.name(), budget.depth);
  const ArchiveReader in(&root, input.name());
  check_head(in);
  Model m;
  try {
    m.learner = &find_learner(in.text("algorithm"));
  } catch (const UsageError& e) {
    in.fail(e.message());
  }
  const ArchiveReader target = in.object("target");
  m.target.name = target.text("name");
  m.target.classes = target.texts("classes");
  m.positive = target.text("positive");
  if (in.text("task") != task_name(m.target.task())) in.fail("task and target.classes do not agree");
  const auto& classes = m.target.classes;
  if (m.target.K() == 2 ? std::find(classes.begin(), classes.end(), m.positive) == classes.end() : !m.positive.empty())
    target.fail("positive is " + quoted(m.positive) + ", which is none of two classes");
  m.columns = load_columns(in);
  m.pipeline = Pipeline::load(in.object("pipeline"), m.columns, m.learner->traits());
  if (!m.pipeline.suits(m.learner->traits()))
    in.fail("the pipeline does not prepare what " + quoted(m.learner->name()) + " asks for");
  std::unique_ptr<AnyParams> params = m.learner->params();
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
  std::unique_ptr<AnyModel> model = m.learner->load(in.object("model"), m.pipeline.output_columns(), m.target);
  model->set_report(load_report(in.object("report")));
  m.model = std::move(model);
  return m;
}

}  // namespace assay
