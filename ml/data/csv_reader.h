// ml/data/csv_reader.h: internal: a CSV text on its way to a table; csv.cpp has the method, csv_sniff.cpp its first step.
#pragma once
#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assay/ml/data/csv_cells.h"
#include "assay/ml/data/csv_number.h"
#include "assay/ml/data/csv_scan.h"
#include "assay/ml/data/table.h"

namespace assay::csv {

inline constexpr size_t kSampleRecords = 200, kSampleBytes = size_t{1} << 20;

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

/// The columns of one text as they are being read.
class Reader {
 public:
  Reader(std::string_view text, const std::string& name, const TableOptions& options)
      : text_(text), options_(options), source_{text, name, options.budget.cell_bytes} {}
  Table read();
  std::optional<Table> read_pieces(const PiecewiseInput& file);

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
  void parse_block(const Source& source, const Block& block, BlockResult& result, NumberCells& cells);
  Cell cell_at(const Source& source, const char* const* ends, Index r, size_t j) const;
  void parse_numbers(const Source& source, const char* const* ends, Index rows, size_t j, NumberCells& cells,
                     double* out);
  NumberCells number_cells() const;
  void count_rows();
  Table finish();
  double number_or_missing(const Source& source, Cell cell, size_t column);
  double code_of(size_t begin, size_t end, size_t column, Dictionary& dictionary);
  [[noreturn]] void fail_ragged(const Source& source, const Block& block) const;
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

}  // namespace assay::csv
