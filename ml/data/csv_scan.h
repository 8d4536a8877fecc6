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

/// Walks over the separators and line-end bytes of a piece of text that are not quoted; its first byte is not.
class EndFinder {
 public:
  EndFinder(const char* begin, const char* end, char separator, bool quotes)
      : at_(begin), next_(begin), end_(end), separator_(separator), quotes_(quotes) {}
  /// The next one; `end` after the last.
  const char* next() {
    while (mask_ == 0)
      if (!refill()) return end_;
    const char* found = at_ + std::countr_zero(mask_);
    mask_ &= mask_ - 1;
    return found;
  }

 private:
  bool refill();
  const char *at_, *next_, *end_;  ///< mask_ is about the 64 bytes from at_
  uint64_t mask_ = 0, quoted_ = 0;
  char separator_;
  bool quotes_;
};

/// Line ends in a piece of text: \n, and \r where no \n follows.
int64_t count_lines(std::string_view text, size_t begin, size_t end);

}  // namespace assay::csv
