// ml/data/table.h: a file as read: every column with its name and type.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "assay/core/input.h"
#include "assay/ml/data/samples.h"

namespace assay {

/// A table in memory, column-major; numeric cells as doubles, text cells as codes of their column's levels, NaN missing.
/// A LIBSVM file has its target as the only dense column ("target") and its features in `sparse`, named f1, f2, ...
struct Table {
  std::string name;  ///< of the file, for messages
  std::vector<Column> columns;
  Columns cells;
  std::optional<Csr> sparse;
  std::vector<Column> sparse_columns;
  /// First line of each row in the file (quoted cells may span lines), or empty where rows are simply lines
  /// first_line, first_line + 1, ...
  std::vector<int64_t> row_line;
  int64_t first_line = 1;

  Index n() const { return cells.rows(); }
  int64_t line_of(Index row) const { return row_line.empty() ? first_line + row : row_line[static_cast<size_t>(row)]; }
  /// Index of the column named so; -1.
  int find(const std::string& column) const;
};

enum class TableFormat { automatic, csv, tsv, libsvm };

/// How to read a table: the options of the data verbs.
struct TableOptions {
  TableFormat format = TableFormat::automatic;  ///< by the file's ending, then by its first line
  enum class Header { automatic, yes, no } header = Header::automatic;
  char separator = 0;  ///< 0: sniffed among , ; | tab
  std::vector<std::string> missing{"", "NA", "N/A", "nan", "NaN", "null", "?"};
  std::vector<std::string> categorical, numeric;  ///< columns whose type is said rather than sniffed
  InputBudget budget;
  int threads = 0;
};

/// Reads a file ("-": standard input). DataError with file, line and column.
Table read_table(const std::string& path, const TableOptions& options = {});
Table parse_csv(std::string_view bytes, const std::string& name, const TableOptions& options = {});
/// The same table from a file that is never in memory as a whole, in half the time and space; nothing where it is not
/// plain: one line a record, no quotes, all columns numbers, no error. Then parse_csv decides.
std::optional<Table> parse_plain_csv(const PiecewiseInput& file, const std::string& name,
                                     const TableOptions& options = {});
Table parse_libsvm(std::string_view bytes, const std::string& name, const TableOptions& options = {});

/// Text of a cell as it would be written: shortest number, level name, empty for missing.
std::string cell_text(const Table& table, Index row, Index column);
/// RFC 4180 quoting where needed.
std::string csv_cell(const std::string& text);
std::string write_csv(const Table& table, char separator = ',');
/// One line a row: target, then index:value from 1 with zeros left out.
std::string write_libsvm(const Samples& samples, const Target& target);

/// Which columns play which part.
struct RoleOptions {
  std::string target;  ///< name or index from 1; empty: the last column
  bool has_target = true;
  std::vector<std::string> ignore;
  std::string weights, group;
  std::optional<Task> task;  ///< empty: automatic
  bool drop_missing_target = false;
};

struct Dataset {
  Samples samples;  ///< Columns layout, or Csr
  Target target;
  std::vector<int> kept_rows;  ///< rows of the table that are left after --drop-missing-target; empty: all
  std::string task_note;       ///< "task: classification, 3 classes in 'species'"
};

/// A column by name, else by its index from 1; UsageError with a did-you-mean that says the `role`.
Index find_column(const Table& table, const std::string& name, const char* role);

/// Splits a table into samples and target; DataError / UsageError (an unknown column with a did-you-mean).
Dataset assign_roles(const Table& table, const RoleOptions& options);

}  // namespace assay
