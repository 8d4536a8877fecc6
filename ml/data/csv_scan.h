// ml/data/csv_scan.h: internal: where the records of a CSV text are, found before any cell is looked at.
//
// The grammar is that of RFC 4180 [Shafranovich2005], and more lenient: records end at \n, \r\n or \r outside quotes; empty
// lines are no records. A quote changes sides wherever it stands (a doubled one twice), so whether a byte is quoted is the
// parity of the quotes before it, and a text can be cut anywhere.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "assay/core/parallel.h"

namespace assay::csv {

/// Whole records, in order: the bytes begin..end of the text.
struct Block {
  size_t begin = 0, end = 0;
  Index first_row = 0, rows = 0;
  int64_t line = 1;  ///< of the byte `begin`
};

struct Scan {
  std::vector<Block> blocks;
  Index rows = 0;
  int64_t lines = 0;         ///< line ends before the last record's own
  bool quotes = false;       ///< there is a quote somewhere
  bool open_quote = false;   ///< the last quote is never closed
  bool simple_lines = true;  ///< row i stands on line `line of the first record` + i
  size_t nul = SIZE_MAX;     ///< the first NUL byte
};

/// Finds the records of text[from..]; `first_line` is the line of text[from].
Scan find_records(std::string_view text, size_t from, int64_t first_line, int threads);

/// The same for a text of `size` bytes that is looked at in pieces: read(begin, end, buffer) gives text[begin, end), in the
/// buffer where it stands nowhere else.
using ReadText = function_ref<std::string_view(size_t begin, size_t end, std::vector<char>& buffer)>;
Scan find_records(size_t size, size_t from, int64_t first_line, int threads, ReadText read);

/// Cuts a block into its cells: where each ends. The first of several line-end bytes in a row ends a record, the others
/// (the \n of \r\n, empty lines) stand before the next one.
class RecordCutter {
 public:
  RecordCutter(std::string_view text, const Block& block, char separator, bool quotes, size_t d);
  /// Ends of the cells of the next `rows` records, d each, row after row; [-1] is the end of the cell before them (of the
  /// first cell of all: the byte before the block). Null where one of them does not have d cells.
  const char* const* take(Index rows);

 private:
  void cut_next();
  const char *next_, *end_;
  char separator_;
  bool quotes_;
  size_t d_;
  uint64_t quoted_ = 0,
           after_end_ = 0;         ///< of the byte at next_: all ones if it is quoted; 1 if a line end stands before it
  std::vector<const char*> ends_;  ///< found and not yet left behind; ends_[0] is the last one left behind
  std::vector<uint32_t> last_cells_;            ///< places in ends_ of the ends of records
  size_t found_ = 1, taken_ = 0, records_ = 0;  ///< in use of ends_; of it taken; in use of last_cells_
};

/// Line ends in a piece of text: \n, and \r where no \n follows.
int64_t count_lines(std::string_view text, size_t begin, size_t end);

}  // namespace assay::csv
