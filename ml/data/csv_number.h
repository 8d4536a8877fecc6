// ml/data/csv_number.h: internal: cells that are plainly numbers, [-] digits [. digits], without a branch.
//
// In a table the length of the next cell and the place of its point are as good as random, so the cells of a column are read
// by one loop that does the same for each: the compiler makes it do eight at a time.
//
// Notation   a word holds eight bytes of text, the first in its lowest byte, '0' taken off; so the last digit is the highest.
//            Of the 24 bytes that end where a cell ends, `first` has the first eight, `early` the next, `late` the last
// Method     1 take off what stands before the cell   2 find the point by the zero-byte test of Mycroft and close the gap
//            it leaves   3 refuse the cell unless all bytes are digits   4 join neighbours in pairs, pairs of pairs, and
//            those: three products turn eight digits into a number   5 w 10^-k by one exact division, or by decimal_fraction
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

namespace assay::csv {

inline constexpr uint64_t kSign = uint64_t{1} << 63;

inline uint64_t load_bytes(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}

/// Cells to be read together, as arrays.
struct NumberCells {
  std::vector<uint64_t> first, early, late;  ///< the 24 bytes that end where the cell ends
  std::vector<uint64_t> size;                ///< bytes without the sign; kSign is set where there was one

  explicit NumberCells(size_t n) : first(n), early(n), late(n), size(n) {}
  /// Cell i is begin..end of a text in which 24 bytes before `end` are readable, and one after it. Sets what parse_8 reads.
  void set(size_t i, const char* begin, const char* end) {
    const auto sign = static_cast<uint64_t>(*begin == '-');
    late[i] = load_bytes(end - 8);
    size[i] = (static_cast<uint64_t>(end - begin) - sign) | sign << 63;
  }
  /// What parse_16 and parse_24 read besides.
  void set_early(size_t i, const char* end) { early[i] = load_bytes(end - 16); }
  void set_first(size_t i, const char* end) { first[i] = load_bytes(end - 24); }
};

/// The values of cells 0..n: plain numbers of at most 8 bytes without the sign; NaN where a cell is something else.
void parse_8(const NumberCells& cells, size_t n, double* value);
/// At most 16 bytes, and at most 2^53 without the point.
void parse_16(const NumberCells& cells, size_t n, double* value);
/// At most 24 bytes and 19 digits, not counting zeros before the first. Overwrites `first` and `early`.
void parse_24(NumberCells& cells, size_t n, double* value);

}  // namespace assay::csv
