#include "assay/ml/data/table.h"

#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {
namespace {

bool ends_with_any(const std::string& name, std::initializer_list<const char*> endings) {
  const std::string small = lower(name);
  for (const char* ending : endings)
    if (small.ends_with(ending)) return true;
  return false;
}

/// "label index:value ..." with at least one pair.
bool looks_like_libsvm(std::string_view bytes) {
  std::string_view line = trim(bytes.substr(0, bytes.find('\n')));
  line = line.substr(0, 4096);
  const size_t space = line.find_first_of(" \t");
  if (space == std::string_view::npos || !parse_double(line.substr(0, space))) return false;
  const std::string_view pair = trim(line.substr(space));
  const size_t colon = pair.find(':');
  return colon != std::string_view::npos && (pair.substr(0, colon) == "qid" || parse_int(pair.substr(0, colon)));
}

TableFormat format_of(const std::string& path, std::string_view bytes) {
  if (ends_with_any(path, {".libsvm", ".svmlight", ".svm"})) return TableFormat::libsvm;
  if (ends_with_any(path, {".tsv", ".tab"})) return TableFormat::tsv;
  if (ends_with_any(path, {".csv"})) return TableFormat::csv;
  return looks_like_libsvm(bytes) ? TableFormat::libsvm : TableFormat::csv;
}

}  // namespace

int Table::find(const std::string& column) const {
  for (size_t j = 0; j < columns.size(); ++j)
    if (columns[j].name == column) return static_cast<int>(j);
  return -1;
}

Table read_table(const std::string& path, const TableOptions& options) {
  constexpr size_t kLarge = size_t{8} << 20;
  const TableFormat told = options.format == TableFormat::automatic ? format_of(path, "") : options.format;
  if (told != TableFormat::libsvm)
    if (const auto file = PiecewiseInput::open(path, options.budget.bytes); file && file->size() >= kLarge) {
      TableOptions chosen = options;
      if (std::string head(4096, '\0'); options.format == TableFormat::automatic) {
        file->read(0, head.size(), head.data());
        chosen.format = format_of(path, head);
      }
      if (chosen.format != TableFormat::libsvm)
        if (std::optional<Table> table = parse_plain_csv(*file, path, chosen)) return std::move(*table);
    }
  const Input input = Input::open(path, options.budget.bytes, options.threads);
  TableOptions chosen = options;
  if (chosen.format == TableFormat::automatic) chosen.format = format_of(path, input.bytes());
  return chosen.format == TableFormat::libsvm ? parse_libsvm(input.bytes(), input.name(), chosen)
                                              : parse_csv(input.bytes(), input.name(), chosen);
}

std::string cell_text(const Table& table, Index row, Index column) {
  const double value = table.cells(row, column);
  if (std::isnan(value)) return "";
  const Column& c = table.columns[static_cast<size_t>(column)];
  return c.categorical() ? c.levels[static_cast<size_t>(value)] : shortest(value);
}

std::string csv_cell(const std::string& text) {
  const bool blank_end = !text.empty() && (trim(text).size() != text.size());
  if (!blank_end && text.find_first_of(",;|\t\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string write_csv(const Table& table, char separator) {
  std::string out;
  const Index d = static_cast<Index>(table.columns.size());
  for (Index j = 0; j < d; ++j) {
    if (j) out += separator;
    out += csv_cell(table.columns[static_cast<size_t>(j)].name);
  }
  out += '\n';
  for (Index i = 0; i < table.n(); ++i) {
    for (Index j = 0; j < d; ++j) {
      if (j) out += separator;
      out += csv_cell(cell_text(table, i, j));
    }
    if (d == 1 && std::isnan(table.cells(i, 0))) out += "\"\"";  // an empty line would be no record
    out += '\n';
  }
  return out;
}

}  // namespace assay
