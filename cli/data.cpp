// assay data info|convert|split|generate|transform: tables looked at, rewritten, divided, made and prepared.
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

// As --to says, else by the ending of the name.
Written format_of(const Invocation& call, const std::string& path) {
  const std::string said = call.options.text("to"), small = lower(path);
  if (said == "libsvm") return Written::libsvm;
  if (said != "auto") return said == "tsv" ? Written::tsv : Written::csv;
  for (const char* ending : {".libsvm", ".svm", ".svmlight"})
    if (small.ends_with(ending)) return Written::libsvm;
  return small.ends_with(".tsv") || small.ends_with(".tab") ? Written::tsv : Written::csv;
}

// To the file, or to stdout ("-").
void put_text(const Invocation& call, const std::string& path, const std::string& text) {
  if (path == "-")
    call.print(text);
  else
    write_file(path, text);
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

bool all_numbers(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [](const std::string& name) { return parse_double(name).has_value(); });
}

// LIBSVM text of a table; of two classes the positive one becomes +1. What the classes are called there is said.
std::string libsvm_text(Invocation& call, const Table& table) {
  Dataset data = assign_roles(table, read_role_options(call.options));
  for (const Column& c : data.samples.columns)
    if (c.categorical())
      throw DataError("column " + quoted(c.name) + " holds text, which LIBSVM's format cannot say",
                      "leave it out with --ignore", {table.name});
  Target& target = data.target;
  if (target.task() == Task::classification && !all_numbers(target.classes)) {
    if (target.K() == 2 &&
        positive_class(call.options, target) == target.classes[0]) {  // the writer's second class is +1
      std::swap(target.classes[0], target.classes[1]);
      for (int& code : target.code) code = 1 - code;
    }
    std::vector<std::string> words;
    for (int k = 0; k < target.K(); ++k) {
      const std::string& name = target.classes[static_cast<size_t>(k)];
      const std::string label = target.K() > 2 ? std::to_string(k + 1) : k == 1 ? "+1" : "-1";
      call.result["labels"][name] = label;
      words.push_back(name + " = " + label);
    }
    call.say("classes: " + join(words, ", "));
  }
  return write_libsvm(data.samples, target);
}

// The table without the columns of --ignore.
Table without_ignored(const Table& table, RoleOptions roles) {
  if (roles.ignore.empty() || table.sparse) return as_dense(table);
  roles.has_target = false;
  const Dataset data = assign_roles(table, roles);
  Table left;
  left.name = table.name;
  left.columns = data.samples.columns;
  left.cells = data.samples.cols();
  return left;
}

std::string table_text(Invocation& call, const Table& table, const std::string& path) {
  const Written format = format_of(call, path);
  if (format == Written::libsvm) return libsvm_text(call, table);
  return write_csv(without_ignored(table, read_role_options(call.options)), format == Written::tsv ? '\t' : ',');
}

void convert(Invocation& call) {
  const std::string& from = call.argument(1, "a table");
  const std::string& to = call.argument(2, "a file to write");
  call.no_more_than(3);
  const Table table = load_table(call, from);
  const Stopwatch watch;
  put_text(call, to, table_text(call, table, to));
  call.time("save", watch);
  call.result["rows"] = table.n();
  call.result["out"] = to;
  if (to != "-") call.say(std::to_string(table.n()) + " rows written to " + to);
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
  // Both whole before either takes its place: no half of the pair is left behind.
  const std::string train_text = table_text(call, rows_of(table, fold.train), train);
  const std::string test_text = table_text(call, rows_of(table, fold.test), test);
  Output train_file(train), test_file(test);
  train_file.write(train_text);
  test_file.write(test_text);
  train_file.prepare();
  test_file.prepare();
  train_file.commit();
  test_file.commit();
  call.result["train"] = {{"file", train}, {"rows", fold.train.size()}};
  call.result["test"] = {{"file", test}, {"rows", fold.test.size()}};
  call.say(std::to_string(fold.train.size()) + " rows written to " + train + ", " + std::to_string(fold.test.size()) +
           " to " + test +
           (data.target.task() == Task::classification ? ", stratified by '" + data.target.name + "'" : ""));
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
  const std::string out = call.options.given("out") ? call.options.text("out") : "-";
  const Written format = format_of(call, out);
  put_text(call, out,
           format == Written::libsvm ? write_libsvm(data.samples, data.target)
                                     : write_csv(table_of(data, generator.name), format == Written::tsv ? '\t' : ','));
  if (out != "-") call.say(std::to_string(data.samples.n()) + " rows written to " + out);
}

// A table as an exported model wants it: F.prep.json applied, the target as it is (LIBSVM: as the model's labels).
void transform(Invocation& call) {
  const Preparation preparation = load_preparation(call.argument(1, "a preparation: FILE.prep.json"));
  const std::string& from = call.argument(2, "a table");
  const std::string& to = call.argument(3, "a file to write");
  call.no_more_than(4);
  const Table table = load_table(call, from);
  const Stopwatch watch;
  Dataset data;
  data.samples = preparation.pipeline.transform(match_columns(preparation, table), call.ctx.threads);
  if (const auto* rows = std::get_if<Matrix>(&data.samples.X))
    data.samples.X = Columns(*rows);  // what the writers take
  data.target.name = preparation.target.name;
  const bool scored = table.sparse || table.find(preparation.target.name) >= 0;
  if (scored) {
    RoleOptions roles;
    roles.target = table.sparse ? "" : preparation.target.name;
    roles.task = preparation.target.classes.empty() ? Task::regression : Task::classification;
    data.target = recode_target(assign_roles(table, roles).target, preparation.target, table.name);
  } else {
    data.target.value = Vector::Zero(table.n());  // a LIBSVM line begins with a number
  }
  const Written format = format_of(call, to);
  if (format == Written::libsvm) {
    put_text(call, to, write_libsvm(data.samples, data.target));
  } else {
    Table out = table_of(data, from);
    if (!scored) {
      out.columns.pop_back();
      out.cells.conservativeResize(Eigen::NoChange, out.cells.cols() - 1);
    }
    put_text(call, to, write_csv(out, format == Written::tsv ? '\t' : ','));
  }
  call.time("save", watch);
  call.result["rows"] = table.n();
  call.result["out"] = to;
  if (to != "-") call.say(std::to_string(table.n()) + " rows written to " + to);
}

struct Action {
  const char* name;
  void (*run)(Invocation&);
};
constexpr Action kActions[] = {
    {"info", info}, {"convert", convert}, {"split", split_table}, {"generate", generate}, {"transform", transform}};

void data(Invocation& call) {
  const std::string& what = call.argument(0, "an action: info, convert, split, generate or transform");
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
      {.name = "to",
       .value = "FORMAT",
       .text = "what to write: auto goes by the file's ending",
       .standard = "auto",
       .choices = {"auto", "csv", "tsv", "libsvm"}},
      {.name = "test", .value = "SHARE", .text = "share of the rows that split puts aside", .standard = "0.25"},
      {.name = "group", .value = "COLUMN", .text = "split keeps the rows of one group together"}};
  for (auto part : {role_options(), table_options()})
    for (Option& o : part) options.push_back(std::move(o));
  return {.name = "data",
          .arguments = "info DATA | convert IN OUT | split DATA TRAIN TEST | generate NAME | transform PREP DATA OUT",
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
