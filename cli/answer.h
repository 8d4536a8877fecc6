// cli/answer.h: a table of answers, one row a row of the input: predictions, labels, scores.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "assay/core/output.h"
#include "assay/ml/data/table.h"
#include "cli/verb.h"

namespace assay::cli {

/// One column: its name, and the text of each row as CSV wants it.
struct OutColumn {
  std::string name;
  std::function<std::string(Index row)> cell;
};

/// The input's columns, for --keep. `table` outlives them.
std::vector<OutColumn> kept_columns(const Table& table);
/// A column of numbers; `values` outlives it.
OutColumn number_column(const std::string& name, const Matrix& values, Index column);
/// Labels of rows: whole numbers; `labels` outlives it.
OutColumn label_column(const std::string& name, const std::vector<int>& labels);

/// Writes n rows to --out (a file that is whole or absent) or standard output, timed as save_s. Under --json a table is written
/// to a file alone.
void write_answer(Invocation& call, const std::vector<OutColumn>& columns, Index n);
/// --out is standard output: talk goes elsewhere.
bool writes_to_stdout(const Options& options, std::string_view option = "out");

}  // namespace assay::cli
