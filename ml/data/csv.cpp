// Notation   n records of d cells; a cell is text[begin, end)
// Method     1 sniff separator, header and each column's likely type on the first records (csv_sniff.cpp)   2 find all records
//            (csv_scan.h)   3 parse the blocks in parallel: every block knows its first row, so cells go straight to
//            their place. Some rows that fit the cache are cut into cells, then parsed a column at a time: numbers as
//            doubles (csv_number.h), text as codes of the block's own dictionary   4 merge the dictionaries, decide types
//            over the whole file, recode   5 columns that were guessed numeric and are not are parsed again as text.
//            Blocks depend on the text alone, dictionaries are sorted, and of several errors the first in the file is
//            thrown: the result is the same for any number of threads.
#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "assay/core/decimal.h"
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/data/csv_reader.h"

namespace assay {
namespace csv {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kLookBack = 24;       // bytes before a cell's end that the fast readers load
constexpr Index kTileCells = 2048;     // parsed together; their ends take 16 KB
constexpr double kNumericShare = 0.9;  // from here on a text cell is an error, below it the column is categorical

void keep_smallest(std::atomic<size_t>& place, size_t value) {
  size_t now = place.load();
  while (value < now && !place.compare_exchange_weak(now, value)) {
  }
}

}  // namespace

// ---- cells

/// At the block's first record that does not have d cells.
void Reader::fail_ragged(const Source& source, const Block& block) const {
  std::vector<Cell> cells;
  size_t begin = block.begin;
  for (size_t next = begin; next < block.end; begin = next) {
    cells.clear();
    next = split_record(source.text, begin, separator_, cells, static_cast<size_t>(options_.budget.columns));
    if (!cells.empty() && cells.size() != d_) break;
  }
  // A stray quote swallows separators: it explains the row better than a count.
  std::string storage;
  for (size_t j = 0; j < cells.size(); ++j) source.content(cells[j], j, storage);
  source.fail(begin, 0,
              "has " + std::to_string(cells.size()) + (cells.size() == 1 ? " cell" : " cells") + " instead of " +
                  std::to_string(d_));
}

double Reader::number_or_missing(const Source& source, Cell where, size_t column) {
  std::string storage;
  const std::string_view cell = source.content(where, column, storage);
  double value;
  if (missing_.contains(cell)) {
    columns_[column].missing.fetch_add(1, std::memory_order_relaxed);
    return kMissing;
  }
  if (parse_decimal(cell, value)) return value;
  columns_[column].bad.fetch_add(1, std::memory_order_relaxed);
  keep_smallest(columns_[column].first_bad, where.begin);
  return kMissing;
}

double Reader::code_of(size_t begin, size_t end, size_t column, Dictionary& dictionary) {
  std::string storage;
  const std::string_view cell = source_.content({begin, end}, column, storage);
  if (missing_.contains(cell)) return kMissing;
  return dictionary.code(cell, begin, cell.data() == storage.data());
}

/// Where a cell begins, told where the cell before it ends. The first of a record: after the \n of \r\n, and empty lines.
inline const char* begin_of(const char* before, const char* end, size_t column) {
  const char* begin = before + 1;
  if (column == 0)
    while (begin < end && (*begin == '\n' || *begin == '\r')) ++begin;
  return begin;
}

/// Cell r of column j of the records that `take` cut.
Cell Reader::cell_at(const Source& source, const char* const* ends, Index r, size_t j) const {
  const char* const* end = ends + static_cast<size_t>(r) * d_ + j;
  const char* const text = source.text.data();
  return {static_cast<size_t>(begin_of(end[-1], *end, j) - text), static_cast<size_t>(*end - text)};
}

/// All cells as plain numbers in one loop, then those that are none one by one.
void Reader::parse_numbers(const Source& source, const char* const* ends, Index rows, size_t j, NumberCells& cells,
                           double* out) {
  const char* const text = source.text.data();
  const auto exactly = [&](Cell cell) { return number_or_missing(source, cell, j); };
  // The fast readers look 24 bytes back and one ahead, and know no word that means missing.
  if (static_cast<size_t>(ends[0] - text) < kLookBack ||
      ends[static_cast<size_t>(rows) * d_ - 1] == text + source.text.size() || missing_.has_numbers()) {
    for (Index r = 0; r < rows; ++r) out[r] = exactly(cell_at(source, ends, r, j));
    return;
  }
  const auto n = static_cast<size_t>(rows);
  const size_t d = d_;
  ptrdiff_t longest = 0;
  for (size_t i = 0; i < n; ++i) {
    const char *const end = ends[i * d + j], *const begin = begin_of(ends[i * d + j - 1], end, j);
    longest = std::max(longest, end - begin);
    cells.set(i, begin, end);
  }
  if (longest > 8)
    for (size_t i = 0; i < n; ++i) cells.set_early(i, ends[i * d + j]);
  if (longest > 16)
    for (size_t i = 0; i < n; ++i) cells.set_first(i, ends[i * d + j]);
  if (longest <= 8)
    parse_8(cells, n, out);
  else if (longest <= 16)
    parse_16(cells, n, out);
  else
    parse_24(cells, n, out);
  for (Index r = 0; r < rows; ++r)
    if (std::isnan(out[r])) out[r] = exactly(cell_at(source, ends, r, j));
}

void Reader::parse_block(const Source& source, const Block& block, BlockResult& result, NumberCells& cells) {
  const auto most = static_cast<Index>(cells.size.size());
  RecordCutter cutter(source.text, block, separator_, scan_.quotes, d_);
  for (Index first = 0; first < block.rows; first += most) {
    const Index rows = std::min(most, block.rows - first);
    const char* const* const ends = cutter.take(rows);
    if (!ends) fail_ragged(source, block);
    size_t slot = 0;
    for (size_t j = 0; j < d_; ++j) {
      double* const out = cells_.data() + static_cast<Index>(j) * cells_.rows() + block.first_row + first;
      if (kinds_[j] == Kind::number) parse_numbers(source, ends, rows, j, cells, out);
      if (kinds_[j] != Kind::text) continue;
      Dictionary& dictionary = result.dictionaries[slot++];
      for (Index r = 0; r < rows; ++r) {
        const Cell cell = cell_at(source, ends, r, j);
        out[r] = code_of(cell.begin, cell.end, j, dictionary);
      }
    }
  }
}

/// Room for the rows of one column that are parsed together.
NumberCells Reader::number_cells() const {
  return NumberCells(static_cast<size_t>(std::clamp<Index>(kTileCells / static_cast<Index>(d_), 8, 256)));
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
    NumberCells cells = number_cells();
    for (Index b = begin; b < end; ++b) {
      BlockResult& result = results_[static_cast<size_t>(b)];
      result.dictionaries.resize(text_columns);
      parse_block(source_, scan_.blocks[static_cast<size_t>(b)], result, cells);
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

void Reader::count_rows() {
  if (scan_.rows == 0) throw DataError("has a header but no rows", "", Place{source_.name});
  if (scan_.rows > std::numeric_limits<int>::max())
    throw DataError("has more than " + std::to_string(std::numeric_limits<int>::max()) + " rows", "",
                    Place{source_.name});
  cells_.resize(scan_.rows, static_cast<Index>(d_));
  use_huge_pages(cells_.data(), static_cast<size_t>(cells_.size()) * sizeof(double));
}

Table Reader::finish() {
  Table table;
  table.name = source_.name;
  for (ColumnState& column : columns_) table.columns.push_back({std::move(column.name), std::move(column.levels)});
  table.cells = std::move(cells_);
  number_lines(table);
  return table;
}

Table Reader::read() {
  missing_ = Missing(options_.missing);
  skip_mark_and_check_encoding();
  if (text_.size() == begin_) throw DataError("is empty", "", Place{source_.name});
  if (const size_t nul = text_.substr(0, kSampleBytes).find('\0'); nul != std::string_view::npos) source_.fail_nul(nul);
  sniff();
  scan_ = find_records(text_, body_, body_line_, options_.threads);
  if (scan_.nul != SIZE_MAX) source_.fail_nul(scan_.nul);
  count_rows();
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
  return finish();
}

/// The Reader's text is the beginning of the file. Nothing where there is a quote, a text column, an empty line, or anything
/// to complain about: then the whole text decides.
std::optional<Table> Reader::read_pieces(const PiecewiseInput& file) {
  const auto piece = [&](size_t begin, size_t end, std::vector<char>& buffer) {
    if (buffer.size() < end - begin) buffer.resize(end - begin);
    file.read(begin, end, buffer.data());
    return std::string_view(buffer.data(), end - begin);
  };
  missing_ = Missing(options_.missing);
  skip_mark_and_check_encoding();
  sniff();
  for (const ColumnState& column : columns_)
    if (column.kind != Kind::number) return std::nullopt;
  kinds_.assign(d_, Kind::number);
  scan_ = find_records(file.size(), body_, body_line_, options_.threads, piece);
  if (scan_.nul != SIZE_MAX || scan_.quotes || !scan_.simple_lines) return std::nullopt;
  count_rows();
  parallel_for(options_.threads, static_cast<Index>(scan_.blocks.size()), 8, [&](Index begin, Index end) {
    NumberCells cells = number_cells();
    std::vector<char> buffer;
    BlockResult nothing;
    for (Index b = begin; b < end; ++b) {
      Block block = scan_.blocks[static_cast<size_t>(b)];
      const size_t offset = block.begin - std::min<size_t>(block.begin, kLookBack);
      const Source source{piece(offset, std::min(block.end + 1, file.size()), buffer), source_.name,
                          source_.cell_bytes};
      block.begin -= offset;
      block.end -= offset;
      parse_block(source, block, nothing, cells);
    }
  });
  for (const ColumnState& column : columns_)
    if (column.bad > 0) return std::nullopt;
  return finish();
}

}  // namespace csv

Table parse_csv(std::string_view bytes, const std::string& name, const TableOptions& options) {
  return csv::Reader(bytes, name, options).read();
}

std::optional<Table> parse_plain_csv(const PiecewiseInput& file, const std::string& name, const TableOptions& options) {
  std::string head(std::min(file.size(), csv::kSampleBytes), '\0');
  file.read(0, head.size(), head.data());
  head.resize(head.rfind('\n') + 1);  // whole records; nothing left if the first one is longer
  if (head.empty() || head.find('"') != std::string::npos) return std::nullopt;
  try {
    return csv::Reader(head, name, options).read_pieces(file);
  } catch (const DataError&) {  // said with lines that a piece does not know
    return std::nullopt;
  }
}

}  // namespace assay
