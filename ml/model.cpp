// Method     1 check what the algorithm may be given   2 learn the pipeline   3 run the algorithm on what the pipeline gives
#include "assay/ml/model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "assay/core/text.h"

namespace assay {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

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

// What the model may see of `raw`: itself where the pipeline would change nothing, else `made`.
const Samples& prepared(const Pipeline& pipeline, const Samples& raw, Samples& made, int threads) {
  if (pipeline.leaves_alone(raw, false, threads)) return raw;
  made = pipeline.transform(raw, threads);
  return made;
}

}  // namespace

Vector Model::predict(const Samples& raw, const Context& ctx) const {
  Samples made;
  return model->predict(prepared(pipeline, raw, made, ctx.threads), ctx);
}
Matrix Model::predict_proba(const Samples& raw, const Context& ctx) const {
  Samples made;
  return model->predict_proba(prepared(pipeline, raw, made, ctx.threads), ctx);
}
Matrix Model::decision_function(const Samples& raw, const Context& ctx) const {
  Samples made;
  return model->decision_function(prepared(pipeline, raw, made, ctx.threads), ctx);
}

std::vector<int> ClusterModel::predict(const Samples& raw, const Context& ctx) const {
  return model->predict(pipeline.transform(raw, ctx.threads), ctx);
}
Matrix ReducerModel::transform(const Samples& raw, const Context& ctx) const {
  return model->transform(pipeline.transform(raw, ctx.threads), ctx);
}

Model fit_model(const Learner& learner, const AnyParams& params, const Samples& raw, const Target& target,
                const PipelineOptions& options, const Context& ctx, const Validation* valid) {
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
  std::optional<Samples> kept_aside;
  std::optional<Validation> prepared;
  if (valid)
    prepared.emplace(Validation{kept_aside.emplace(m.pipeline.transform(valid->samples, ctx.threads)), valid->target});
  const Validation* watched = prepared ? &*prepared : nullptr;
  if (!options.class_weights.any() && m.pipeline.leaves_alone(raw, m.pipeline.trained_complete(), ctx.threads)) {
    m.model = learner.fit(params, raw, target, ctx, watched);
    return m;
  }
  Samples x = m.pipeline.transform(raw, ctx.threads);
  if (options.class_weights.any()) x.weight = class_weighted(raw.weight, target, options.class_weights);
  m.model = learner.fit(params, x, target, ctx, watched);
  return m;
}

namespace {

// What clusterers and reducers share: everything but the algorithm itself.
template <class Fitted, class Algorithm>
Fitted fit_unsupervised(const Algorithm& algorithm, const AnyParams& params, const Samples& raw,
                        const PipelineOptions& options, const Context& ctx) {
  if (raw.weight.size() && algorithm.traits().weights == Weights::none)
    throw UsageError(std::string(algorithm.name()) + " does not take weights");
  params.check();
  check_fit_input(raw);
  Fitted m;
  m.params = params.clone();
  m.columns = raw.columns;
  m.seed = ctx.seed;
  m.pipeline = Pipeline::fit(raw, algorithm.traits(), options, ctx.threads);
  m.model = algorithm.fit(params, m.pipeline.transform(raw, ctx.threads), ctx);
  return m;
}

}  // namespace

ClusterModel fit_model(const Clusterer& clusterer, const AnyParams& params, const Samples& raw,
                       const PipelineOptions& options, const Context& ctx) {
  ClusterModel m = fit_unsupervised<ClusterModel>(clusterer, params, raw, options, ctx);
  m.clusterer = &clusterer;
  return m;
}

ReducerModel fit_model(const Reducer& reducer, const AnyParams& params, const Samples& raw,
                       const PipelineOptions& options, const Context& ctx) {
  ReducerModel m = fit_unsupervised<ReducerModel>(reducer, params, raw, options, ctx);
  m.reducer = &reducer;
  return m;
}

namespace {

Samples match(const std::vector<Column>& wanted, const Table& table) {
  Samples out;
  out.columns = wanted;
  if (table.sparse) {
    out.X = match_sparse(wanted, table);
    return out;
  }
  Columns X(table.n(), static_cast<Index>(wanted.size()));
  std::vector<std::string> names;
  for (const Column& c : table.columns) names.push_back(c.name);
  for (size_t f = 0; f < wanted.size(); ++f) {
    const Column& want = wanted[f];
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

}  // namespace

Samples match_columns(const Prepared& model, const Table& table) { return match(model.columns, table); }
Samples match_columns(const Preparation& preparation, const Table& table) { return match(preparation.columns, table); }

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

}  // namespace assay
