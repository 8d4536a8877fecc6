// ml/data/csv_scan.h: internal: where the records of a CSV text are, found before any cell is looked at.
//
// The grammar is that of RFC 4180 [Shafranovich2005]. Records end at \n, \r\n or \r outside quotes; empty lines are no records. A quote changes sides wherever it stands (a
// doubled one twice), so whether a byte is quoted is the parity of the quotes before it, and a text can be cut
// anywhere.
#pragma once
#include <cstdint>
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

/// Positions (relative to `begin`) of the separators and line-end bytes of text[begin, end) that are not quoted; the
/// byte at `begin` is not quoted. `positions` has room for end - begin + 8; returns how many there are.
size_t find_ends(std::string_view text, size_t begin, size_t end, char separator, bool quotes, uint32_t* positions);

/// Line ends in a piece of text: \n, and \r where no \n follows.
int64_t count_lines(std::string_view text, size_t begin, size_t end);

}  // namespace assay::csv
