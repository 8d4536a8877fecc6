#include "assay/ml/data/csv_number.h"

#include <bit>

#include "assay/core/decimal.h"

namespace assay::csv {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101ull, kHighs = 0x8080808080808080ull, kZeros = kOnes * '0';
constexpr uint64_t kExact = uint64_t{1} << 53;         // whole numbers up to here are doubles
constexpr uint64_t kNotPlain = 0x7ff8000000000000ull;  // a NaN: look at the cell more slowly

/// The last `size` bytes of a word (0..8), zeros before them.
uint64_t keep_last(uint64_t word, uint64_t size) {
  const uint64_t gap = 32 - 4 * size;  // twice: a shift by 64 is not defined
  return word >> gap >> gap << gap << gap;
}

/// The high bit of the first byte that is a point; 0 where none is.
uint64_t find_point(uint64_t word) {
  const uint64_t t = word ^ (kOnes * ('.' ^ '0'));
  const uint64_t zero = (t - kOnes) & ~t & kHighs;
  return zero & (0 - zero);
}

/// Nonzero where a byte is no digit.
uint64_t not_digits(uint64_t word) { return ((word + kOnes * 0x76) | word) & kHighs; }

/// Eight digits as a number.
uint64_t join_digits(uint64_t word) {
  word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FFull;
  word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFFull;
  return (word * 10000 + (word >> 32)) & 0xFFFFFFFFull;
}

/// All ones where x is not 0. Arithmetic in place of conditions throughout: that is what the compiler makes vectors of.
uint64_t all_if(uint64_t x) { return 0 - ((x | (0 - x)) >> 63); }

/// The point and all bytes before it, where there is one.
uint64_t up_to(uint64_t point) { return ((point << 1) - 1) & all_if(point); }

/// +-w / power (w where that is 0), or NaN where anything is set in `wrong`.
double finish(uint64_t w, uint64_t power, uint64_t sign, uint64_t wrong) {
  const double magnitude =
      static_cast<double>(static_cast<int64_t>(w)) / static_cast<double>(static_cast<int64_t>(power + (power == 0)));
  const uint64_t bits = std::bit_cast<uint64_t>(magnitude) | sign, refused = all_if(wrong);
  return std::bit_cast<double>((bits & ~refused) | (kNotPlain & refused));
}

/// Bytes before the point.
uint64_t place_of(uint64_t point) { return static_cast<uint64_t>(__builtin_popcountll(point - 1)) / 8; }

/// 10^(bytes after the point), 0 where there is none: a 1 in the place of the point, read as digits.
uint64_t power_of(uint64_t point) { return join_digits(point >> 7); }

/// The last `size` bytes of `bytes` as a word.
uint64_t word_of(uint64_t bytes, uint64_t size) { return keep_last(bytes ^ kZeros, size); }

/// The bytes before the point move one up, over it; the last of the word before this one becomes the first.
uint64_t close_gap(uint64_t word, uint64_t moves, uint64_t before) {
  return (word & ~moves) | ((word << 8 | before >> 56) & moves);
}

}  // namespace

void parse_8(const NumberCells& cells, size_t n, double* __restrict value) {
  const uint64_t* const __restrict words = cells.late.data();
  const uint64_t* const __restrict sizes = cells.size.data();
  for (size_t i = 0; i < n; ++i) {
    const uint64_t size = sizes[i] & ~kSign, kept = size < 8 ? size : 8;
    const uint64_t word = word_of(words[i], kept);
    const uint64_t point = find_point(word), moves = up_to(point);
    const uint64_t digits = close_gap(word, moves, 0);
    const uint64_t wrong_size = (size - 1) >> 3, lone_point = point & ~all_if(size - 1);
    value[i] =
        finish(join_digits(digits), power_of(point), sizes[i] & kSign, not_digits(digits) | wrong_size | lone_point);
  }
}

void parse_16(const NumberCells& cells, size_t n, double* __restrict value) {
  const uint64_t* const __restrict early_words = cells.early.data();
  const uint64_t* const __restrict late_words = cells.late.data();
  const uint64_t* const __restrict sizes = cells.size.data();
  for (size_t i = 0; i < n; ++i) {
    const uint64_t size = sizes[i] & ~kSign;
    const uint64_t in_late = size < 8 ? size : 8, in_both = size < 16 ? size : 16;
    const uint64_t late = word_of(late_words[i], in_late), early = word_of(early_words[i], in_both - in_late);
    const uint64_t early_point = find_point(early), late_point = find_point(late) & ~all_if(early_point);
    const uint64_t late_moves = up_to(late_point), early_moves = up_to(early_point) | all_if(late_point);
    const uint64_t late_digits = close_gap(late, late_moves, early), early_digits = close_gap(early, early_moves, 0);
    const uint64_t w = join_digits(early_digits) * 100000000 + join_digits(late_digits);
    const uint64_t too_large = (kExact - w) & kSign, wrong_size = (size - 1) >> 4;
    const uint64_t lone_point = late_point & ~all_if(size - 1);
    value[i] = finish(w, power_of(early_point | late_point) * (1 + (99999999 & all_if(early_point))), sizes[i] & kSign,
                      not_digits(early_digits) | not_digits(late_digits) | too_large | wrong_size | lone_point);
  }
}

void parse_24(NumberCells& cells, size_t n, double* __restrict value) {
  uint64_t* const __restrict first_words = cells.first.data();
  uint64_t* const __restrict early_words = cells.early.data();
  const uint64_t* const __restrict late_words = cells.late.data();
  const uint64_t* const __restrict sizes = cells.size.data();
  for (size_t i = 0; i < n; ++i) {
    const uint64_t size = sizes[i] & ~kSign;
    const uint64_t in_late = size < 8 ? size : 8, in_two = size < 16 ? size : 16, in_three = size < 24 ? size : 24;
    const uint64_t late = word_of(late_words[i], in_late), early = word_of(early_words[i], in_two - in_late),
                   first = word_of(first_words[i], in_three - in_two);
    const uint64_t first_point = find_point(first), early_point = find_point(early) & ~all_if(first_point),
                   late_point = find_point(late) & ~all_if(first_point | early_point);
    const uint64_t late_moves = up_to(late_point), early_moves = up_to(early_point) | all_if(late_point),
                   first_moves = up_to(first_point) | all_if(early_point | late_point);
    const uint64_t late_digits = close_gap(late, late_moves, early),
                   early_digits = close_gap(early, early_moves, first), first_digits = close_gap(first, first_moves, 0);
    const uint64_t point = first_point | early_point | late_point, top = join_digits(first_digits);
    const uint64_t fraction =
        (7 - place_of(point) + (all_if(early_point) & 8) + (all_if(first_point) & 16)) & all_if(point);
    const uint64_t too_large = (999 - top) & kSign, wrong_size = ((size - 1) | (24 - size)) & kSign;
    const uint64_t lone_point = late_point & ~all_if(size - 1);
    const uint64_t wrong = not_digits(first_digits) | not_digits(early_digits) | not_digits(late_digits) | too_large |
                           wrong_size | lone_point;
    first_words[i] = (top * 100000000 + join_digits(early_digits)) * 100000000 + join_digits(late_digits);
    early_words[i] = fraction | (kSign & all_if(wrong));
  }
  for (size_t i = 0; i < n; ++i) {
    const uint64_t w = first_words[i], fraction = early_words[i] & ~kSign;
    const double magnitude =
        w == 0 || fraction == 0 ? static_cast<double>(w) : decimal_fraction(w, static_cast<int>(fraction));
    const uint64_t bits = std::bit_cast<uint64_t>(magnitude) | (sizes[i] & kSign);
    value[i] = std::bit_cast<double>(early_words[i] & kSign ? kNotPlain : bits);
  }
}

}  // namespace assay::csv
