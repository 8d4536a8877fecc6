// Notation   n records of d cells; a cell is text[begin, end)
// Method     1 sniff separator, header and each column's likely type on the first records   2 find all records
//            (csv_scan.h)   3 parse the blocks in parallel: every block knows its first row, so cells go straight to
//            their place. Some rows that fit the cache are cut into cells, then parsed a column at a time: numbers as
//            doubles (csv_number.h), text as codes of the block's own dictionary   4 merge the dictionaries, decide types
//            over the whole file, recode   5 columns that were guessed numeric and are not are parsed again as text.
//            Blocks depend on the text alone, dictionaries are sorted, and of several errors the first in the file is
//            thrown: the result is the same for any number of threads.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>

#include "assay/core/decimal.h"
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/data/csv_cells.h"
#include "assay/ml/data/csv_number.h"
#include "assay/ml/data/csv_scan.h"
#include "assay/ml/data/table.h"

namespace assay {
namespace csv {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr Index kTileCells = 2048;  // their ends take 32 KB
constexpr size_t kSampleRecords = 200, kSampleBytes = size_t{1} << 20;
constexpr double kNumericShare = 0.9;  // from here on a text cell is an error, below it the column is categorical

enum class Kind : uint8_t { number, text, skip };

/// What the user said about a column, and what was found in it.
struct ColumnState {
  std::string name;
  Kind kind = Kind::number;
  bool said_numeric = false, said_categorical = false;
  std::atomic<int64_t> missing{0}, bad{0};
  std::atomic<size_t> first_bad{SIZE_MAX};  ///< offset of the first cell that is not a number
  std::vector<std::string> levels;
};

void keep_smallest(std::atomic<size_t>& place, size_t value) {
  size_t now = place.load();
  while (value < now && !place.compare_exchange_weak(now, value)) {
  }
}

/// The columns of one text as they are being read.
class Reader {
 public:
  Reader(std::string_view text, const std::string& name, const TableOptions& options)
      : text_(text), options_(options), source_{text, name, options.budget.cell_bytes} {}
  Table read();

 private:
  struct BlockResult {
    std::vector<Dictionary> dictionaries;  ///< one a text column, in column order
  };
  void skip_mark_and_check_encoding();
  void sniff();
  bool first_record_is_header(const std::vector<std::vector<Cell>>& sample) const;
  void name_columns(const std::vector<Cell>* header);
  void take_said_types();
  void parse_blocks();
  void parse_block(const Block& block, BlockResult& result, NumberCells& cells);
  Cell cell_at(const char* const* ends, Index r, size_t j) const;
  void parse_numbers(const char* const* ends, Index rows, size_t j, NumberCells& cells, double* out);
  double number_or_missing(size_t begin, size_t end, size_t column);
  double code_of(size_t begin, size_t end, size_t column, Dictionary& dictionary);
  [[noreturn]] void fail_ragged(const Block& block) const;
  void settle_text_column(size_t column, size_t slot);
  bool settle_number_columns();
  void note_not_a_number(size_t offset, size_t column);
  [[noreturn]] void fail_not_a_number() const;
  void number_lines(Table& table) const;

  std::string_view text_;
  const TableOptions& options_;
  Source source_;
  Missing missing_;
  char separator_ = ',';
  size_t begin_ = 0;  ///< after a byte order mark
  size_t body_ = 0;   ///< after the header
  int64_t body_line_ = 1;
  size_t d_ = 0;
  std::vector<ColumnState> columns_;
  std::vector<Kind> kinds_;  ///< of this pass over the text
  Scan scan_;
  std::vector<BlockResult> results_;
  Columns cells_;
  size_t first_wrong_ = SIZE_MAX, wrong_column_ = 0;  ///< the first cell that has to be a number and is not
};

void Reader::skip_mark_and_check_encoding() {
  if (text_.starts_with("\xEF\xBB\xBF")) begin_ = 3;
  if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF"))
    throw DataError("is UTF-16 text", "convert it to UTF-8: iconv -f utf-16 -t utf-8", Place{source_.name});
}

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

// ---- cells

/// At the block's first record that does not have d cells.
void Reader::fail_ragged(const Block& block) const {
  std::vector<Cell> cells;
  size_t begin = block.begin;
  for (size_t next = begin; next < block.end; begin = next) {
    cells.clear();
    next = split_record(text_, begin, separator_, cells, static_cast<size_t>(options_.budget.columns));
    if (!cells.empty() && cells.size() != d_) break;
  }
  // A stray quote swallows separators: it explains the row better than a count.
  std::string storage;
  for (size_t j = 0; j < cells.size(); ++j) source_.content(cells[j], j, storage);
  source_.fail(begin, 0,
               "has " + std::to_string(cells.size()) + (cells.size() == 1 ? " cell" : " cells") + " instead of " +
                   std::to_string(d_));
}

double Reader::number_or_missing(size_t begin, size_t end, size_t column) {
  std::string storage;
  const std::string_view cell = source_.content({begin, end}, column, storage);
  double value;
  if (missing_.contains(cell)) {
    columns_[column].missing.fetch_add(1, std::memory_order_relaxed);
    return kMissing;
  }
  if (parse_decimal(cell, value)) return value;
  columns_[column].bad.fetch_add(1, std::memory_order_relaxed);
  keep_smallest(columns_[column].first_bad, begin);
  return kMissing;
}

double Reader::code_of(size_t begin, size_t end, size_t column, Dictionary& dictionary) {
  std::string storage;
  const std::string_view cell = source_.content({begin, end}, column, storage);
  if (missing_.contains(cell)) return kMissing;
  return dictionary.code(cell, begin, cell.data() == storage.data());
}

/// Cell r of column j of the records that `take` cut.
Cell Reader::cell_at(const char* const* ends, Index r, size_t j) const {
  const char* const* end = ends + static_cast<size_t>(r) * d_ + j;
  const char* begin = end[-1] + 1;
  if (j == 0)
    while (begin < *end && (*begin == '\n' || *begin == '\r')) ++begin;  // the \n of \r\n, and empty lines
  return {static_cast<size_t>(begin - text_.data()), static_cast<size_t>(*end - text_.data())};
}

/// All cells as plain numbers in one loop, then those that are none one by one.
void Reader::parse_numbers(const char* const* ends, Index rows, size_t j, NumberCells& cells, double* out) {
  const char* const text = text_.data();
  const auto exactly = [&](Cell cell) { return number_or_missing(cell.begin, cell.end, j); };
  // The fast readers look 24 bytes back and one ahead, and know no word that means missing.
  if (ends[0] - text < 24 || ends[static_cast<size_t>(rows) * d_ - 1] == text + text_.size() ||
      missing_.has_numbers()) {
    for (Index r = 0; r < rows; ++r) out[r] = exactly(cell_at(ends, r, j));
    return;
  }
  size_t longest = 0;
  for (Index r = 0; r < rows; ++r) {
    const Cell cell = cell_at(ends, r, j);
    longest = std::max(longest, cell.end - cell.begin);
    cells.set(static_cast<size_t>(r), text + cell.begin, text + cell.end);
  }
  const auto n = static_cast<size_t>(rows);
  if (longest <= 8)
    parse_8(cells, n, out);
  else if (longest <= 16)
    parse_16(cells, n, out);
  else
    parse_24(cells, n, out);
  for (Index r = 0; r < rows; ++r)
    if (std::isnan(out[r])) out[r] = exactly(cell_at(ends, r, j));
}

void Reader::parse_block(const Block& block, BlockResult& result, NumberCells& cells) {
  const auto most = static_cast<Index>(cells.size.size());
  RecordCutter cutter(text_, block, separator_, scan_.quotes, d_);
  for (Index first = 0; first < block.rows; first += most) {
    const Index rows = std::min(most, block.rows - first);
    const char* const* const ends = cutter.take(rows);
    if (!ends) fail_ragged(block);
    size_t slot = 0;
    for (size_t j = 0; j < d_; ++j) {
      double* const out = cells_.data() + static_cast<Index>(j) * cells_.rows() + block.first_row + first;
      if (kinds_[j] == Kind::number) parse_numbers(ends, rows, j, cells, out);
      if (kinds_[j] != Kind::text) continue;
      Dictionary& dictionary = result.dictionaries[slot++];
      for (Index r = 0; r < rows; ++r) {
        const Cell cell = cell_at(ends, r, j);
        out[r] = code_of(cell.begin, cell.end, j, dictionary);
      }
    }
  }
}

void Reader::parse_blocks() {
  size_t text_columns = 0;
  kinds_.clear();
  for (const ColumnState& column : columns_) {
    kinds_.push_back(column.kind);
    text_columns += column.kind == Kind::text;
  }
  results_ = std::vector<BlockResult>(scan_.blocks.size());
  parallel_for(options_.threads, static_cast<Index>(scan_.blocks.size()), 4, [&](Index begin, Index end) {
    NumberCells cells(static_cast<size_t>(std::clamp<Index>(kTileCells / static_cast<Index>(d_), 8, 256)));
    for (Index b = begin; b < end; ++b) {
      BlockResult& result = results_[static_cast<size_t>(b)];
      result.dictionaries.resize(text_columns);
      parse_block(scan_.blocks[static_cast<size_t>(b)], result, cells);
    }
  });
}

// ---- types

void Reader::note_not_a_number(size_t offset, size_t column) {
  if (offset >= first_wrong_) return;
  first_wrong_ = offset;
  wrong_column_ = column;
}

void Reader::fail_not_a_number() const {
  std::vector<Cell> cells;
  split_record(text_, first_wrong_, separator_, cells, 1);
  std::string storage;
  const std::string cell(cells.empty() ? "" : source_.content(cells[0], wrong_column_, storage));
  const std::string& name = columns_[wrong_column_].name;
  source_.fail(
      first_wrong_, wrong_column_ + 1, "column '" + name + "': " + quoted(cell) + " is not a number",
      "if it means missing: --missing " + quoted(cell) + "; if the column is text: --categorical " + quoted(name));
}

/// Merges the blocks' dictionaries of a column that was read as text, decides its type and recodes its cells.
void Reader::settle_text_column(size_t column, size_t slot) {
  ColumnState& state = columns_[column];
  Dictionary all;
  for (const BlockResult& result : results_) all.merge(result.dictionaries[slot]);
  int64_t numbers = 0, others = 0;
  size_t first_other = SIZE_MAX;
  std::vector<double> value_of(all.entries().size());
  for (size_t e = 0; e < all.entries().size(); ++e) {
    const Dictionary::Entry& entry = all.entries()[e];
    if (!is_utf8(entry.text)) source_.fail_encoding(entry.first, column);
    if (parse_decimal(entry.text, value_of[e])) {
      numbers += entry.count;
    } else {
      others += entry.count;
      first_other = std::min(first_other, entry.first);
    }
  }
  const bool numeric = !state.said_categorical && (others == 0 || state.said_numeric);
  if (others > 0 && !state.said_categorical &&
      (state.said_numeric || static_cast<double>(numbers) >= kNumericShare * static_cast<double>(numbers + others))) {
    note_not_a_number(first_other, column);
    return;
  }
  if (!numeric) {
    for (const Dictionary::Entry& entry : all.entries()) state.levels.emplace_back(entry.text);
    sort_names(state.levels);
    std::unordered_map<std::string_view, double> code;
    for (size_t l = 0; l < state.levels.size(); ++l) code.emplace(state.levels[l], static_cast<double>(l));
    for (size_t e = 0; e < all.entries().size(); ++e) value_of[e] = code.at(all.entries()[e].text);
  }
  parallel_for(options_.threads, static_cast<Index>(scan_.blocks.size()), 1, [&](Index begin, Index end) {
    for (Index b = begin; b < end; ++b) {
      const Block& block = scan_.blocks[static_cast<size_t>(b)];
      const Dictionary& local = results_[static_cast<size_t>(b)].dictionaries[slot];
      std::vector<double> recoded;
      for (const Dictionary::Entry& entry : local.entries()) recoded.push_back(value_of[all.find(entry.text)]);
      double* cell = cells_.data() + static_cast<Index>(column) * cells_.rows() + block.first_row;
      for (Index r = 0; r < block.rows; ++r)
        if (!std::isnan(cell[r])) cell[r] = recoded[static_cast<size_t>(cell[r])];
    }
  });
}

/// Columns read as numbers that hold other cells: an error, or text after all. True where some have to be read again.
bool Reader::settle_number_columns() {
  bool again = false;
  for (size_t j = 0; j < d_; ++j) {
    ColumnState& column = columns_[j];
    if (column.kind != Kind::number) continue;
    const int64_t bad = column.bad, present = scan_.rows - column.missing;
    if (bad == 0) {
      column.kind = Kind::skip;
    } else if (column.said_numeric ||
               static_cast<double>(present - bad) >= kNumericShare * static_cast<double>(present)) {
      note_not_a_number(column.first_bad, j);
    } else {
      column.kind = Kind::text;
      again = true;
    }
  }
  return again;
}

void Reader::number_lines(Table& table) const {
  table.first_line = scan_.blocks[0].line;
  if (scan_.simple_lines) return;
  table.row_line.resize(static_cast<size_t>(scan_.rows));
  parallel_for(options_.threads, static_cast<Index>(scan_.blocks.size()), 1, [&](Index begin, Index end) {
    for (Index b = begin; b < end; ++b) {
      const Block& block = scan_.blocks[static_cast<size_t>(b)];
      int64_t line = block.line;
      Index row = block.first_row;
      bool quoted = false, fresh = true;
      for (size_t i = block.begin; i < block.end; ++i) {
        const char c = text_[i];
        const bool line_end = c == '\n' || c == '\r';
        if (fresh && !line_end) table.row_line[static_cast<size_t>(row++)] = line;
        if (c == '"') quoted = !quoted;
        fresh = line_end && !quoted;
        line += c == '\n' || (c == '\r' && (i + 1 >= text_.size() || text_[i + 1] != '\n'));
      }
    }
  });
}

Table Reader::read() {
  missing_ = Missing(options_.missing);
  skip_mark_and_check_encoding();
  if (text_.size() == begin_) throw DataError("is empty", "", Place{source_.name});
  if (const size_t nul = text_.substr(0, kSampleBytes).find('\0'); nul != std::string_view::npos) source_.fail_nul(nul);
  sniff();
  scan_ = find_records(text_, body_, body_line_, options_.threads);
  if (scan_.nul != SIZE_MAX) source_.fail_nul(scan_.nul);
  if (scan_.rows == 0) throw DataError("has a header but no rows", "", Place{source_.name});
  if (scan_.rows > std::numeric_limits<int>::max())
    throw DataError("has more than " + std::to_string(std::numeric_limits<int>::max()) + " rows", "",
                    Place{source_.name});
  cells_.resize(scan_.rows, static_cast<Index>(d_));
  use_huge_pages(cells_.data(), static_cast<size_t>(cells_.size()) * sizeof(double));

  for (bool again = true; again;) {
    parse_blocks();
    size_t slot = 0;
    for (size_t j = 0; j < d_; ++j)
      if (columns_[j].kind == Kind::text) {
        settle_text_column(j, slot++);
        columns_[j].kind = Kind::skip;
      }
    again = settle_number_columns();
    if (first_wrong_ != SIZE_MAX && !again) fail_not_a_number();
  }

  Table table;
  table.name = source_.name;
  for (ColumnState& column : columns_) table.columns.push_back({std::move(column.name), std::move(column.levels)});
  table.cells = std::move(cells_);
  number_lines(table);
  return table;
}

}  // namespace
}  // namespace csv

Table parse_csv(std::string_view bytes, const std::string& name, const TableOptions& options) {
  return csv::Reader(bytes, name, options).read();
}

}  // namespace assay
