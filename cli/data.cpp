// assay data info|convert|split|generate: tables looked at, rewritten, divided and made.
#include <algorithm>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/ml/data/generate.h"
#include "assay/ml/data/inspect.h"
#include "assay/ml/selection/split.h"
#include "cli/data_options.h"
#include "cli/params_json.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

std::string summary_text(const ColumnSummary& s, Index n) {
  if (s.missing == n) return "no value";
  if (!s.categorical) return six_digits(s.min) + " .. " + six_digits(s.max) + ", median " + six_digits(s.median);
  std::vector<std::string> parts;
  for (size_t l = 0; l < s.levels.size() && l < 4; ++l)
    parts.push_back(s.levels[l].first + " " + std::to_string(s.levels[l].second));
  if (s.levels.size() > 4) parts.push_back("and " + std::to_string(s.levels.size() - 4) + " more");
  return join(parts, ", ");
}

Json summary_json(const ColumnSummary& s, Index n) {
  Json json = {{"name", s.name},
               {"type", s.categorical ? "categorical" : "numeric"},
               {"missing", s.missing},
               {"distinct", s.distinct}};
  if (s.categorical) {
    json["levels"] = Json::array();
    for (const auto& [level, count] : s.levels) json["levels"].push_back({{"level", level}, {"rows", count}});
  } else if (s.missing < n) {
    json["min"] = s.min;
    json["max"] = s.max;
    json["mean"] = s.mean;
    json["median"] = s.median;
  }
  return json;
}

void print_columns(Invocation& call, const Samples& samples) {
  constexpr size_t kMost = 60;
  const std::vector<ColumnSummary> columns = summarize(samples, call.ctx.threads);
  TextTable table({"column", "type", "missing", "distinct", "values"});
  call.result["columns"] = Json::array();
  for (size_t f = 0; f < columns.size(); ++f) {
    const ColumnSummary& s = columns[f];
    call.result["columns"].push_back(summary_json(s, samples.n()));
    if (f < kMost)
      table.add({s.name, s.categorical ? "text" : "number", std::to_string(s.missing), std::to_string(s.distinct),
                 summary_text(s, samples.n())});
  }
  call.print("\n" + table.text());
  if (columns.size() > kMost)
    call.print("and " + std::to_string(columns.size() - kMost) + " more columns (all of them with --json)\n");
}

void print_target(Invocation& call, const Target& target) {
  Json json = {{"name", target.name}, {"task", task_name(target.task())}};
  if (target.task() == Task::classification) {
    std::vector<Index> count(target.classes.size());
    for (const int k : target.code) ++count[static_cast<size_t>(k)];
    TextTable table({"class of '" + target.name + "'", "rows", "share"});
    for (size_t k = 0; k < count.size(); ++k) {
      const double share = static_cast<double>(count[k]) / static_cast<double>(target.n());
      json["classes"].push_back({{"class", target.classes[k]}, {"rows", count[k]}, {"share", share}});
      table.add({target.classes[k], std::to_string(count[k]), score_text(share)});
    }
    call.print("\n" + table.text());
  } else {
    const Vector& y = target.value;
    json["min"] = y.minCoeff();
    json["max"] = y.maxCoeff();
    json["mean"] = y.mean();
    call.print("\ntarget '" + target.name + "': " + six_digits(y.minCoeff()) + " .. " + six_digits(y.maxCoeff()) +
               ", mean " + six_digits(y.mean()) + "\n");
  }
  call.result["target"] = json;
}

void info(Invocation& call) {
  const std::string& path = call.argument(1, "a table");
  call.no_more_than(2);
  const Table table = load_table(call, path);
  RoleOptions roles = read_role_options(call.options);
  roles.drop_missing_target = true;
  const Dataset data = assign_roles(table, roles);
  const Index left_out = data.kept_rows.empty() ? 0 : table.n() - static_cast<Index>(data.kept_rows.size());
  call.result["rows"] = table.n();
  call.result["features"] = data.samples.d();
  call.result["missing_target"] = left_out;
  call.print(path + ": " + std::to_string(table.n()) + " rows, " + std::to_string(data.samples.d()) +
             " columns besides the target\n");
  if (left_out > 0) call.warn(std::to_string(left_out) + " rows have no target and are not counted below");
  if (const Csr* X = std::get_if<Csr>(&data.samples.X)) {
    const double cells = static_cast<double>(X->rows) * static_cast<double>(X->columns);
    call.result["sparse"] = {{"stored", X->value.size()},
                             {"density", cells > 0 ? static_cast<double>(X->value.size()) / cells : 0.0}};
    call.print("sparse: " + std::to_string(X->value.size()) + " stored values, the others are 0\n");
  } else {
    print_columns(call, data.samples);
  }
  call.say(data.task_note);
  print_target(call, data.target);
  call.result["findings"] = Json::array();
  const std::vector<Finding> findings = find_problems(data.samples, data.target, call.ctx.threads);
  if (!findings.empty()) call.print("\n");
  for (const Finding& f : findings) {
    call.result["findings"].push_back({{"kind", f.kind}, {"column", f.column}, {"text", f.text}});
    call.print(escaped(f.text, 1000) + "\n");
  }
}

enum class Written { csv, tsv, libsvm };

Written format_of(const std::string& path) {
  for (const char* ending : {".libsvm", ".svm", ".svmlight"})
    if (path.ends_with(ending)) return Written::libsvm;
  return path.ends_with(".tsv") ? Written::tsv : Written::csv;
}

// A sparse table's rows as a dense one, target last.
Table as_dense(const Table& table) {
  if (!table.sparse) return table;
  Table out;
  out.name = table.name;
  out.columns = table.sparse_columns;
  out.columns.insert(out.columns.end(), table.columns.begin(), table.columns.end());
  out.cells.resize(table.n(), static_cast<Index>(out.columns.size()));
  out.cells.leftCols(table.sparse->columns) = dense(*table.sparse);
  out.cells.rightCols(table.cells.cols()) = table.cells;
  return out;
}

void write_table(const Invocation& call, const Table& table, const std::string& path) {
  if (format_of(path) == Written::libsvm) {
    const Dataset data = assign_roles(table, read_role_options(call.options));
    for (const Column& c : data.samples.columns)
      if (c.categorical())
        throw DataError("column " + quoted(c.name) + " holds text, which LIBSVM's format cannot say",
                        "leave it out with --ignore", {table.name});
    write_file(path, write_libsvm(data.samples, data.target));
    return;
  }
  write_file(path, write_csv(as_dense(table), format_of(path) == Written::tsv ? '\t' : ','));
}

void convert(Invocation& call) {
  const std::string& from = call.argument(1, "a table");
  const std::string& to = call.argument(2, "a file to write");
  call.no_more_than(3);
  const Table table = load_table(call, from);
  const Stopwatch watch;
  write_table(call, table, to);
  call.time("save", watch);
  call.result["rows"] = table.n();
  call.result["out"] = to;
  call.say(std::to_string(table.n()) + " rows written to " + to);
}

Table rows_of(const Table& table, const std::vector<int>& rows) {
  Table out;
  out.name = table.name;
  out.columns = table.columns;
  out.cells.resize(static_cast<Index>(rows.size()), table.cells.cols());
  for (Index c = 0; c < table.cells.cols(); ++c)
    for (size_t i = 0; i < rows.size(); ++i) out.cells(static_cast<Index>(i), c) = table.cells(rows[i], c);
  if (!table.sparse) return out;
  Samples all;
  all.X = *table.sparse;
  out.sparse = gather(all, rows).sparse();
  out.sparse_columns = table.sparse_columns;
  return out;
}

void split_table(Invocation& call) {
  const std::string& from = call.argument(1, "a table");
  const std::string& train = call.argument(2, "a file for the training rows");
  const std::string& test = call.argument(3, "a file for the test rows");
  call.no_more_than(4);
  const double share = call.options.number("test", Rule{0, 1, true, true});
  const Table table = load_table(call, from);
  const Dataset data = make_dataset(call, table);
  Fold fold = hold_out(data.samples, data.target, share, call.ctx);
  if (!data.kept_rows.empty())
    for (std::vector<int>* rows : {&fold.train, &fold.test})
      for (int& i : *rows) i = data.kept_rows[static_cast<size_t>(i)];
  write_table(call, rows_of(table, fold.train), train);
  write_table(call, rows_of(table, fold.test), test);
  call.result["train"] = {{"file", train}, {"rows", fold.train.size()}};
  call.result["test"] = {{"file", test}, {"rows", fold.test.size()}};
  call.say(std::to_string(fold.train.size()) + " rows written to " + train + ", " + std::to_string(fold.test.size()) +
           " to " + test +
           (data.target.task() == Task::classification ? ", stratified by '" + data.target.name + "'" : ""));
}

// Samples and target side by side, the target last.
Table as_table(const Dataset& data) {
  Table out;
  const Samples& s = data.samples;
  out.columns = s.columns;
  out.columns.push_back({data.target.name, data.target.classes});
  out.cells.resize(s.n(), s.d() + 1);
  if (const auto* X = std::get_if<Columns>(&s.X))
    out.cells.leftCols(s.d()) = *X;
  else
    out.cells.leftCols(s.d()) = s.rows();
  for (Index i = 0; i < s.n(); ++i)
    out.cells(i, s.d()) =
        data.target.task() == Task::regression ? data.target.value[i] : data.target.code[static_cast<size_t>(i)];
  return out;
}

void generate(Invocation& call) {
  const InlineSpec spec = parse_inline(call.argument(1, "the name of a generator"));
  call.no_more_than(2);
  const Generator& generator = find_generator(spec.name);
  const std::unique_ptr<AnyParams> params = generator.params();
  for (const auto& [key, value] : spec.settings) params->set(key, value, generator.name);
  apply_parameters(call.options, *params, generator.name);
  params->check();
  const Dataset data = generator.make(*params, call.ctx);
  call.result["generator"] = generator.name;
  call.result["params"] = params_json(*params);
  call.result["rows"] = data.samples.n();
  call.result["features"] = data.samples.d();
  const std::string out = call.options.text("out");
  if (out.empty() && call.json()) return;
  if (!out.empty() && format_of(out) == Written::libsvm)
    write_file(out, write_libsvm(data.samples, data.target));
  else if (!out.empty())
    write_file(out, write_csv(as_table(data), format_of(out) == Written::tsv ? '\t' : ','));
  else
    call.out << write_csv(as_table(data));
  if (!out.empty()) call.say(std::to_string(data.samples.n()) + " rows written to " + out);
}

struct Action {
  const char* name;
  void (*run)(Invocation&);
};
constexpr Action kActions[] = {{"info", info}, {"convert", convert}, {"split", split_table}, {"generate", generate}};

void data(Invocation& call) {
  const std::string& what = call.argument(0, "an action: info, convert, split or generate");
  std::vector<std::string> names;
  for (const Action& action : kActions) {
    if (what == action.name) return action.run(call);
    names.emplace_back(action.name);
  }
  throw UsageError("unknown action " + quoted(what) + did_you_mean(what, names), "assay data " + join(names, "|"));
}

std::vector<Option> generator_options(const std::string& spec) {
  for (const Generator& g : generators())
    if (split(spec, ':')[0] == g.name) return parameter_options(*g.params());
  return {};
}

std::string generator_list() {
  std::string text = "Generators:";
  for (const Generator& g : generators())
    text += "\n  " + std::string(g.name) +
            std::string(18 - std::min<size_t>(17, std::string_view(g.name).size()), ' ') + g.title;
  return text;
}

}  // namespace

Verb data_verb() {
  std::vector<Option> options{
      {.name = "out", .value = "FILE", .text = "where generate writes; default: stdout", .letter = 'o'},
      {.name = "test", .value = "SHARE", .text = "share of the rows that split puts aside", .standard = "0.25"},
      {.name = "group", .value = "COLUMN", .text = "split keeps the rows of one group together"}};
  for (auto part : {role_options(), table_options()})
    for (Option& o : part) options.push_back(std::move(o));
  return {.name = "data",
          .arguments = "info DATA | convert IN OUT | split DATA TRAIN TEST | generate NAME",
          .summary = "looks at a table, rewrites it, divides it, or makes one",
          .text = "convert and split write CSV, TSV or LIBSVM by the file's ending. split is stratified by class.\n" +
                  generator_list(),
          .examples = {"data info @penguins", "data convert @iris iris.libsvm",
                       "data split @titanic train.csv test.csv --test 0.3",
                       "data generate twonorm --rows 300 --seed 1 --out twonorm.csv"},
          .options = std::move(options),
          .more_options = generator_options,
          .algorithm_at = 1,
          .run = data};
}

}  // namespace assay::cli
