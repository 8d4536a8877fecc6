// Method     1 a byte order mark is skipped   2 the separator is the one that cuts the first records most evenly   3 the first
//            record is a header by its types   4 a column is guessed to be text if a cell of the first records is
#include <algorithm>
#include <unordered_map>

#include "assay/core/decimal.h"
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/data/csv_reader.h"

namespace assay::csv {

namespace {

/// Cells of the first records, as the given separator cuts them.
std::vector<std::vector<Cell>> sample_records(const Source& source, size_t from, char separator, size_t most_columns) {
  std::vector<std::vector<Cell>> records;
  const size_t until = std::min(source.text.size(), from + kSampleBytes);
  for (size_t at = from; at < until && records.size() < kSampleRecords;) {
    std::vector<Cell> cells;
    at = split_record(source.text, at, separator, cells, most_columns);
    if (cells.size() > most_columns)
      source.fail(cells[0].begin, 0, "has more than " + std::to_string(most_columns) + " columns, the limit of a table",
                  "raise it with --max-columns, or give the separator with --sep");
    if (!cells.empty()) records.push_back(std::move(cells));
  }
  return records;
}

/// The separator that cuts most records into the same number of cells, at least two; of several the one with more
/// cells.
char sniff_separator(const Source& source, size_t from, size_t most_columns) {
  char best = ',';
  double best_score = 0;
  for (const char candidate : {',', ';', '\t', '|'}) {
    const size_t until = std::min(source.text.size(), from + (size_t{1} << 16));
    std::unordered_map<size_t, size_t> widths;
    size_t records = 0;
    for (size_t at = from; at < until && records < 100;) {
      std::vector<Cell> cells;
      at = split_record(source.text, at, candidate, cells, most_columns);
      if (cells.empty()) continue;
      ++records;
      if (cells.size() > 1) ++widths[cells.size()];
    }
    for (const auto& [width, count] : widths) {
      const double score = static_cast<double>(count) / static_cast<double>(records) +
                           1e-9 * static_cast<double>(std::min<size_t>(width, 100000));
      if (score > best_score) {
        best_score = score;
        best = candidate;
      }
    }
  }
  return best;
}

}  // namespace

void Reader::skip_mark_and_check_encoding() {
  if (text_.starts_with("\xEF\xBB\xBF")) begin_ = 3;
  if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF"))
    throw DataError("is UTF-16 text", "convert it to UTF-8: iconv -f utf-16 -t utf-8", Place{source_.name});
}

void Reader::sniff() {
  const size_t most = static_cast<size_t>(options_.budget.columns);
  separator_ = options_.separator                    ? options_.separator
               : options_.format == TableFormat::tsv ? '\t'
                                                     : sniff_separator(source_, begin_, most);
  const std::vector<std::vector<Cell>> sample = sample_records(source_, begin_, separator_, most);
  if (sample.empty()) throw DataError("is empty", "", Place{source_.name});
  d_ = sample[0].size();
  const bool header = options_.header == TableOptions::Header::yes ||
                      (options_.header == TableOptions::Header::automatic && first_record_is_header(sample));
  columns_ = std::vector<ColumnState>(d_);
  name_columns(header ? &sample[0] : nullptr);
  take_said_types();
  body_ = begin_;
  if (header) {
    std::vector<Cell> cells;
    while (cells.empty()) body_ = split_record(text_, body_, separator_, cells, most);
    body_line_ = 1 + count_lines(text_, 0, body_);
  }
  // A column is guessed to be text if a cell of the sample is; whether it is gets decided over the whole file.
  for (size_t i = header ? 1 : 0; i < sample.size(); ++i)
    for (size_t j = 0; j < std::min(d_, sample[i].size()); ++j) {
      if (columns_[j].kind == Kind::text || columns_[j].said_numeric) continue;
      std::string storage;
      const std::string_view cell = source_.content(sample[i][j], j, storage);
      double ignored;
      if (!missing_.contains(cell) && !parse_decimal(cell, ignored)) columns_[j].kind = Kind::text;
    }
}

/// By types: text stands above numbers somewhere; or no column decides and the first record has no number.
bool Reader::first_record_is_header(const std::vector<std::vector<Cell>>& sample) const {
  bool any_number = false;
  for (size_t j = 0; j < d_; ++j) {
    std::string storage;
    double ignored;
    const std::string_view first = source_.content(sample[0][j], j, storage);
    if (parse_decimal(first, ignored)) {
      any_number = true;
      continue;
    }
    if (missing_.contains(first)) continue;
    size_t numbers = 0, others = 0;
    for (size_t i = 1; i < sample.size(); ++i) {
      if (j >= sample[i].size()) continue;
      std::string below;
      const std::string_view cell = source_.content(sample[i][j], j, below);
      if (missing_.contains(cell)) continue;
      parse_decimal(cell, ignored) ? ++numbers : ++others;
    }
    if (numbers > 0 && numbers >= 9 * others) return true;
  }
  return !any_number;
}

void Reader::name_columns(const std::vector<Cell>* header) {
  std::unordered_map<std::string, size_t> seen;
  for (size_t j = 0; j < d_; ++j) {
    std::string storage;
    std::string name;
    if (header) name = std::string(source_.content((*header)[j], j, storage));
    if (!is_utf8(name)) source_.fail_encoding((*header)[j].begin, j);
    if (name.empty()) name = "c" + std::to_string(j + 1);
    const auto [first, fresh] = seen.emplace(name, j);
    if (!fresh)
      source_.fail(
          (*header)[j].begin, j + 1,
          "column name '" + name + "' stands twice: it is column " + std::to_string(first->second + 1) + " too",
          "rename one of them");
    columns_[j].name = std::move(name);
  }
}

void Reader::take_said_types() {
  std::vector<std::string> names;
  for (const ColumnState& column : columns_) names.push_back(column.name);
  const auto find = [&](const std::string& name) -> ColumnState& {
    for (ColumnState& column : columns_)
      if (column.name == name) return column;
    throw UsageError(source_.name + " has no column " + quoted(name) + did_you_mean(name, names));
  };
  for (const std::string& name : options_.categorical) {
    ColumnState& column = find(name);
    column.said_categorical = true;
    column.kind = Kind::text;
  }
  for (const std::string& name : options_.numeric) {
    ColumnState& column = find(name);
    if (column.said_categorical) throw UsageError("column '" + name + "' is said to be categorical and numeric");
    column.said_numeric = true;
  }
}

}  // namespace assay::csv
