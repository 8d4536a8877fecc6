#include "cli/unsupervised.h"

#include <algorithm>
#include <cmath>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "cli/learning.h"

namespace assay::cli {
namespace {

constexpr double kSpreadRatio = 10;  // of two columns, from which on a warning is due
constexpr size_t kManyLevels = 100;  // of a text column that may be a name of each row

template <class Algorithm>
Chosen<Algorithm> chosen(const Invocation& call, const Algorithm& (*find)(std::string_view)) {
  const InlineSpec spec = parse_inline(call.argument(0, "an algorithm"));
  const Algorithm& algorithm = find(spec.name);
  Chosen<Algorithm> c{&algorithm, algorithm.params()};
  for (const auto& [name, value] : spec.settings) c.params->set(name, value, algorithm.name());
  apply_parameters(call.options, *c.params, algorithm.name());
  c.params->check();
  return c;
}

template <class Algorithm>
std::vector<Option> options_of(const std::string& spec, const Algorithm& (*find)(std::string_view)) {
  try {
    return parameter_options(*find(split(spec, ':')[0]).params());
  } catch (const UsageError&) {
    return {};  // said properly by `chosen`
  }
}

void read_truth(const Table& table, Index column, Features& f) {
  const Column& source = table.columns[static_cast<size_t>(column)];
  f.truth = source.name;
  std::vector<double> distinct;
  const auto cells = table.cells.col(column);
  for (Index i = 0; i < table.n(); ++i)
    if (!std::isnan(cells[i])) distinct.push_back(cells[i]);
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (distinct.empty()) throw DataError("truth '" + f.truth + "' is missing in every row", "", {table.name});
  for (const double v : distinct)
    f.classes.push_back(source.categorical() ? source.levels[static_cast<size_t>(v)] : shortest(v));
  for (Index i = 0; i < table.n(); ++i)
    f.code.push_back(
        std::isnan(cells[i])
            ? -1
            : static_cast<int>(std::lower_bound(distinct.begin(), distinct.end(), cells[i]) - distinct.begin()));
}

// Text that names each row would give a column a row.
void refuse_names(const Features& f) {
  for (const Column& c : f.samples.columns)
    if (c.levels.size() > kManyLevels && 2 * c.levels.size() > static_cast<size_t>(f.samples.n()))
      throw DataError("column " + quoted(c.name) + " is text with " + std::to_string(c.levels.size()) +
                          " different values in " + std::to_string(f.samples.n()) +
                          " rows, and each would become a column of 0 and 1",
                      "--ignore " + c.name, {f.table.name});
}

void warn_text(Invocation& call, const Prepared& model) {
  std::vector<std::string> names;
  for (const Column& c : model.columns)
    if (c.categorical()) names.push_back(c.name);
  if (names.empty() || model.pipeline.output_columns().size() == model.columns.size()) return;
  call.warn("text takes part as columns of 0 and 1 (" + join(names, ", ") + "); --ignore " + join(names, ",") +
            " leaves it out, --truth compares with it");
}

void warn_spreads(Invocation& call, const Prepared& model, const Matrix& seen) {
  if (call.options.given("scale") || seen.rows() < 2) return;
  const Vector mean = seen.colwise().mean().transpose();
  Vector squares = Vector::Zero(seen.cols());
  for (Index i = 0; i < seen.rows(); ++i) squares += (seen.row(i).transpose() - mean).cwiseAbs2();
  Index wide = -1, narrow = -1;
  for (Index f = 0; f < seen.cols(); ++f) {
    if (!(squares[f] > 0)) continue;
    if (wide < 0 || squares[f] > squares[wide]) wide = f;
    if (narrow < 0 || squares[f] < squares[narrow]) narrow = f;
  }
  if (wide < 0) return;
  const double ratio = std::sqrt(squares[wide] / squares[narrow]);
  if (!(ratio > kSpreadRatio)) return;
  const auto name = [&](Index f) { return quoted(model.pipeline.output_columns()[static_cast<size_t>(f)].name); };
  call.warn("columns differ in spread: the standard deviation of " + name(wide) + " is " +
            (ratio < 100 ? significant(ratio, 3) : shortest(std::round(ratio))) + " times that of " + name(narrow) +
            ", so wide columns decide nearly alone; --scale standard levels them");
}

}  // namespace

Chosen<Clusterer> chosen_clusterer(const Invocation& call) {
  check_algorithm_first(call, "kmeans");
  return chosen(call, find_clusterer);
}
Chosen<Reducer> chosen_reducer(const Invocation& call) {
  check_algorithm_first(call, "pca");
  return chosen(call, find_reducer);
}
std::vector<Option> clusterer_options(const std::string& spec) { return options_of(spec, find_clusterer); }
std::vector<Option> reducer_options(const std::string& spec) { return options_of(spec, find_reducer); }

std::vector<Option> unsupervised_options(std::vector<Option> more, const std::string& answer) {
  std::vector<Option> options{
      {.name = "out", .value = "FILE", .text = "a table of " + answer + " (CSV)", .letter = 'o'},
      {.name = "keep", .text = "the input's columns before the " + answer},
      {.name = "model", .value = "FILE", .text = "the model file (JSON), for `assay predict`", .letter = 'm'},
      {.name = "plot", .value = "FILE", .text = "a picture (SVG)"},
      {.name = "plot-columns", .value = "A,B", .text = "its two axes: the first two principal components unless said"},
      {.name = "truth", .value = "COLUMN", .text = "known groups: taken out, and compared with"},
      {.name = "ignore", .value = "A,B", .text = "columns to leave out"},
      {.name = "weights", .value = "COLUMN", .text = "column of sample weights"},
      {.name = "scale",
       .value = "HOW",
       .text = "none, standard, minmax or robust: nothing is scaled unless asked",
       .standard = "auto",
       .choices = {"auto", "none", "standard", "minmax", "robust"}}};
  for (auto part : {std::move(more), table_options()})
    for (Option& o : part) options.push_back(std::move(o));
  return options;
}

Features load_features(Invocation& call, const std::string& path) {
  Features f;
  f.table = load_table(call, path);
  RoleOptions roles;
  roles.has_target = false;
  roles.ignore = call.options.list("ignore");
  roles.weights = call.options.text("weights");
  if (call.options.given("truth")) {
    const Index column = find_column(f.table, call.options.text("truth"), "truth");
    if (!f.table.sparse) roles.ignore.push_back(f.table.columns[static_cast<size_t>(column)].name);
    read_truth(f.table, column, f);
  }
  f.samples = assign_roles(f.table, roles).samples;
  refuse_names(f);
  return f;
}

PipelineOptions scaling_of(const Options& options) {
  PipelineOptions p;
  for (const auto& item : scale_names.items)
    if (options.text("scale") == item.first) p.scale = item.second;
  return p;
}

Matrix seen_rows(const Prepared& model, const Samples& raw, int threads) {
  Samples seen = model.pipeline.transform(raw, threads);
  if (auto* X = std::get_if<Matrix>(&seen.X)) return std::move(*X);
  if (const auto* X = std::get_if<Columns>(&seen.X)) return *X;
  constexpr double kMostBytes = 2e9;
  if (8.0 * static_cast<double>(seen.n()) * static_cast<double>(seen.d()) > kMostBytes) return {};
  return dense(seen.sparse());
}

void say_pipeline(Invocation& call, const Prepared& model, const Matrix& seen) {
  for (const std::string& step : model.pipeline.description()) call.say(step);
  warn_text(call, model);
  warn_spreads(call, model, seen);
}

void put_fit(Invocation& call, const std::string& algorithm, const Prepared& model, const FitReport& report,
             const Features& data) {
  call.result["algorithm"] = algorithm;
  call.result["params"] = params_json(*model.params);
  call.result["pipeline"] = model.pipeline.description();
  call.result["rows"] = data.samples.n();
  call.result["features"] = data.samples.d();
  call.result["report"] = report_json(report);
  check_converged(call, report, algorithm);
  if (report.converged && !report.note.empty()) call.say(algorithm + ": " + report.note);
}

void print_beside_answer(const Invocation& call, const std::string& text) {
  const bool taken = writes_to_stdout(call.options, "out") || writes_to_stdout(call.options, "model") ||
                     writes_to_stdout(call.options, "plot");
  if (!taken)
    call.print(text);
  else if (!call.quiet() && !call.json())
    call.err << text;
}

void check_outputs_of(const Options& options) {
  std::vector<std::string> to_stdout;
  for (const char* name : {"out", "model", "plot"})
    if (writes_to_stdout(options, name)) to_stdout.push_back(std::string("--") + name);
  if (to_stdout.size() > 1) throw UsageError(join(to_stdout, " and ") + " both want standard output");
  for (const char* name : {"out", "model", "plot"})
    if (options.given(name)) check_writable(options.text(name));
  const std::string plot = options.text("plot");
  const size_t dot = plot.rfind('.');
  if (dot == std::string::npos || plot.find('/', dot) != std::string::npos) return;
  const std::string ending = lower(plot.substr(dot));
  for (const char* other : {".png", ".jpg", ".jpeg", ".pdf", ".gif", ".webp"})
    if (ending == other)
      throw UsageError("--plot writes SVG, and " + quoted(plot) + " is named otherwise",
                       "--plot " + plot.substr(0, dot) + ".svg");
}

}  // namespace assay::cli
