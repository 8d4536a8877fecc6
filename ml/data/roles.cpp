// Method   1 find the columns that were named   2 rows without a target: refuse or drop   3 decide the task   4 code the target
//          5 take weights and groups   6 the columns that are left are features
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/data/table.h"

namespace assay {
namespace {

constexpr size_t kMostClasses = 20;  // of a column of whole numbers that is taken for classes
constexpr size_t kRowsPerClass = 5;

std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

/// Rows whose target is there; DataError where some lack it and may not be dropped.
std::vector<int> rows_with_target(const Table& table, Index target, bool drop) {
  std::vector<int> kept;
  const auto y = table.cells.col(target);
  Index first = -1;
  for (Index i = 0; i < table.n(); ++i) {
    if (!std::isnan(y[i]))
      kept.push_back(static_cast<int>(i));
    else if (first < 0)
      first = i;
  }
  const auto missing = table.n() - static_cast<Index>(kept.size());
  const std::string name = "target '" + table.columns[static_cast<size_t>(target)].name + "'";
  const Place place{table.name, static_cast<long>(first < 0 ? 0 : table.line_of(first)), static_cast<long>(target + 1)};
  if (kept.empty()) throw DataError(name + " is missing in every row", "", place);
  if (missing > 0 && !drop)
    throw DataError(name + " is missing in " + std::to_string(missing) + (missing == 1 ? " row" : " rows") +
                        (missing == 1 ? "" : ", here first"),
                    "--drop-missing-target leaves such rows out", place);
  if (missing == 0) kept.clear();  // all
  return kept;
}

/// Calls use(k, value) for the k-th kept row.
template <class Use>
void for_kept(const Table& table, Index column, const std::vector<int>& kept, Use use) {
  const double* cells = table.cells.col(column).data();
  if (kept.empty())
    for (Index i = 0; i < table.n(); ++i) use(i, cells[i]);
  else
    for (size_t k = 0; k < kept.size(); ++k) use(static_cast<Index>(k), cells[kept[k]]);
}

/// The automatic rule: text is classes; numbers are classes only if all are whole and few are distinct.
Task decide_task(const Table& table, Index target, const std::vector<int>& kept, Index n) {
  if (table.columns[static_cast<size_t>(target)].categorical()) return Task::classification;
  const size_t most = std::min(kMostClasses, static_cast<size_t>(n) / kRowsPerClass);
  std::vector<double> distinct;
  bool whole = true;
  for_kept(table, target, kept, [&](Index, double value) {
    whole = whole && value == std::floor(value);
    if (!whole || distinct.size() > most) return;
    if (std::find(distinct.begin(), distinct.end(), value) == distinct.end()) distinct.push_back(value);
  });
  return whole && distinct.size() <= most ? Task::classification : Task::regression;
}

/// Codes of the distinct values in rising order, and those values.
std::vector<int> code_values(const Table& table, Index column, const std::vector<int>& kept, Index n,
                             std::vector<double>& distinct) {
  std::vector<double> values(static_cast<size_t>(n));
  for_kept(table, column, kept, [&](Index k, double value) { values[static_cast<size_t>(k)] = value; });
  distinct = values;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<int> codes;
  codes.reserve(values.size());
  for (const double value : values)
    codes.push_back(static_cast<int>(std::lower_bound(distinct.begin(), distinct.end(), value) - distinct.begin()));
  return codes;
}

Target make_target(const Table& table, Index column, const std::vector<int>& kept, Index n, Task task) {
  const Column& source = table.columns[static_cast<size_t>(column)];
  Target target;
  target.name = source.name;
  if (task == Task::regression) {
    if (source.categorical())
      throw DataError("target '" + source.name + "' is text, and regression needs numbers",
                      "--task classification, or --target with a numeric column", Place{table.name, 0, 0});
    target.value.resize(n);
    for_kept(table, column, kept, [&](Index k, double value) { target.value[k] = value; });
    return target;
  }
  std::vector<double> distinct;
  target.code = code_values(table, column, kept, n, distinct);
  for (const double value : distinct)
    target.classes.push_back(source.categorical() ? source.levels[static_cast<size_t>(value)] : shortest(value));
  return target;
}

std::string note_of(const Target& target) {
  if (target.task() == Task::regression) return "task: regression of '" + target.name + "'";
  return "task: classification, " + std::to_string(target.K()) + (target.K() == 1 ? " class" : " classes") + " in '" +
         target.name + "'";
}

Vector take_weights(const Table& table, Index column, const std::vector<int>& kept, Index n) {
  const Column& source = table.columns[static_cast<size_t>(column)];
  const auto refuse = [&](Index row, const std::string& why) {
    throw DataError("column '" + source.name + "': a weight must be a number >= 0, " + why, "",
                    Place{table.name, static_cast<long>(table.line_of(row)), static_cast<long>(column + 1)});
  };
  Vector weights(n);
  for_kept(table, column, kept, [&](Index k, double value) {
    const Index row = kept.empty() ? k : kept[static_cast<size_t>(k)];
    if (source.categorical()) refuse(row, "got text");
    if (std::isnan(value)) refuse(row, "one is missing");
    if (value < 0) refuse(row, "got " + shortest(value));
    weights[k] = value;
  });
  return weights;
}

std::vector<int> take_groups(const Table& table, Index column, const std::vector<int>& kept, Index n) {
  for_kept(table, column, kept, [&](Index k, double value) {
    if (!std::isnan(value)) return;
    const Index row = kept.empty() ? k : kept[static_cast<size_t>(k)];
    throw DataError("column '" + table.columns[static_cast<size_t>(column)].name + "': a group is missing", "",
                    Place{table.name, static_cast<long>(table.line_of(row)), static_cast<long>(column + 1)});
  });
  std::vector<double> distinct;
  return code_values(table, column, kept, n, distinct);
}

void refuse_named_columns(const Table& table, const RoleOptions& options) {
  if (!options.target.empty())
    throw UsageError(table.name + ": the target of a LIBSVM file is its first field; leave --target out");
  if (!options.ignore.empty() || !options.weights.empty() || !options.group.empty())
    throw UsageError(table.name + ": a LIBSVM file has no named columns to ignore, weigh or group by",
                     "convert it first: assay data convert");
}

}  // namespace

Index find_column(const Table& table, const std::string& name, const char* role) {
  if (const int j = table.find(name); j >= 0) return j;
  const auto d = static_cast<long long>(table.columns.size());
  if (const std::optional<long long> index = parse_int(name)) {
    if (*index >= 1 && *index <= d) return static_cast<Index>(*index - 1);
    throw UsageError(table.name + ": " + role + " " + std::to_string(*index) + " is outside the columns 1.." +
                     std::to_string(d));
  }
  const std::vector<std::string> names = names_of(table);
  const std::string near = did_you_mean(name, names);
  const bool few = names.size() <= 20;
  throw UsageError(table.name + " has no column " + quoted(name) + " (" + role + ")" + near,
                   near.empty() && few ? "its columns: " + join(names, ", ") : "");
}

Dataset assign_roles(const Table& table, const RoleOptions& options) {
  if (table.sparse) refuse_named_columns(table, options);
  const Index d = static_cast<Index>(table.columns.size());
  std::vector<const char*> role(static_cast<size_t>(d), nullptr);
  const auto claim = [&](const std::string& name, const char* as) {
    const Index j = find_column(table, name, as);
    const char*& taken = role[static_cast<size_t>(j)];
    if (taken && std::string(taken) != as)
      throw UsageError("column '" + table.columns[static_cast<size_t>(j)].name + "' cannot be both " + taken + " and " +
                       as);
    taken = as;
    return j;
  };
  const Index weights = options.weights.empty() ? -1 : claim(options.weights, "weights");
  const Index group = options.group.empty() ? -1 : claim(options.group, "group");
  for (const std::string& name : options.ignore) claim(name, "ignored");
  Index target = -1;
  if (options.has_target && !options.target.empty()) {
    target = claim(options.target, "target");
  } else if (options.has_target) {
    for (Index j = d - 1; j >= 0 && target < 0; --j)  // the last column that has no other part
      if (!role[static_cast<size_t>(j)]) target = j;
    if (target < 0) throw DataError("has no column left for a target", "", Place{table.name, 0, 0});
    role[static_cast<size_t>(target)] = "target";
  }

  Dataset data;
  Index n = table.n();
  if (target >= 0) {
    data.kept_rows = rows_with_target(table, target, options.drop_missing_target);
    if (!data.kept_rows.empty()) n = static_cast<Index>(data.kept_rows.size());
    const Task task = options.task ? *options.task : decide_task(table, target, data.kept_rows, n);
    data.target = make_target(table, target, data.kept_rows, n, task);
    data.task_note = note_of(data.target);
  }
  if (weights >= 0) data.samples.weight = take_weights(table, weights, data.kept_rows, n);
  if (group >= 0) data.samples.groups = take_groups(table, group, data.kept_rows, n);
  if (table.sparse) {
    data.samples.columns = table.sparse_columns;
    data.samples.X = *table.sparse;
    return data;
  }
  std::vector<Index> features;
  for (Index j = 0; j < d; ++j)
    if (!role[static_cast<size_t>(j)]) features.push_back(j);
  if (features.empty()) throw DataError("has no column left for features", "", Place{table.name, 0, 0});
  Columns X(n, static_cast<Index>(features.size()));
  for (size_t f = 0; f < features.size(); ++f) {
    data.samples.columns.push_back(table.columns[static_cast<size_t>(features[f])]);
    double* to = X.col(static_cast<Index>(f)).data();
    for_kept(table, features[f], data.kept_rows, [&](Index k, double value) { to[k] = value; });
  }
  data.samples.X = std::move(X);
  return data;
}

}  // namespace assay
