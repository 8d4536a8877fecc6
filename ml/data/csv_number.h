// ml/data/csv_number.h: internal: a cell that is plainly a number, [-] digits [. digits], eight digits at a step.
//
// Notation   a word holds eight bytes of text, the first in its lowest byte, '0' taken off; so the last digit is the highest
// Method     1 load the words that end at the cell's end and blank what stands before it   2 find the point by the exact
//            zero-byte test of Mycroft and close the gap it leaves   3 refuse the cell unless all bytes are digits   4 join
//            neighbours in pairs, pairs of pairs, and those: three products turn eight digits into a number
//            5 w 10^-k by one exact division, or by decimal_fraction
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#include "assay/core/decimal.h"

namespace assay::csv {

inline constexpr uint64_t kOnes = 0x0101010101010101ull, kHighs = 0x8080808080808080ull;

inline uint64_t load_word(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word ^ (kOnes * '0');
}

/// The last `size` bytes of a word (1..8), zeros before them.
inline uint64_t keep_last(uint64_t word, unsigned size) { return word & (~uint64_t{0} << (64 - 8 * size)); }

/// The high bit of the first byte that is a point; 0 where none is.
inline uint64_t find_point(uint64_t word) {
  const uint64_t t = word ^ (kOnes * ('.' ^ '0'));
  const uint64_t zero = (t - kOnes) & ~t & kHighs;
  return zero & (0 - zero);
}

/// Nonzero where a byte is no digit.
inline uint64_t not_digits(uint64_t word) { return ((word + kOnes * 0x76) | word) & kHighs; }

/// Eight digits as a number.
inline uint64_t join_digits(uint64_t word) {
  word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FFull;
  word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFFull;
  return (word * 10000 + (word >> 32)) & 0xFFFFFFFFull;
}

inline constexpr double kTens[17] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                     1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
inline constexpr uint64_t kWholeTens[20] = {1ull,
                                            10ull,
                                            100ull,
                                            1000ull,
                                            10000ull,
                                            100000ull,
                                            1000000ull,
                                            10000000ull,
                                            100000000ull,
                                            1000000000ull,
                                            10000000000ull,
                                            100000000000ull,
                                            1000000000000ull,
                                            10000000000000ull,
                                            100000000000000ull,
                                            1000000000000000ull,
                                            10000000000000000ull,
                                            100000000000000000ull,
                                            1000000000000000000ull,
                                            10000000000000000000ull};

/// Closes the gap of a point at `place`: the bytes before it move one up, and `into` becomes the first.
inline uint64_t close_gap(uint64_t word, unsigned place, uint64_t into) {
  const uint64_t before = (uint64_t{1} << (8 * place)) - 1;
  return (word & ~(before << 8 | 0xFF)) | (word & before) << 8 | into;
}

inline unsigned place_of(uint64_t point) { return static_cast<unsigned>(std::countr_zero(point)) / 8; }

inline double signed_value(double magnitude, bool negative) {  // without a branch: a sign is as good as random
  return std::bit_cast<double>(std::bit_cast<uint64_t>(magnitude) | static_cast<uint64_t>(negative) << 63);
}

/// A number of 17 to 28 bytes without its sign: at most seven digits, a point, at most 19 digits after it, 19 in all.
inline bool parse_long(const char* begin, const char* end, bool negative, double& value) {
  const uint64_t head = load_word(begin);
  const uint64_t point = find_point(head);
  if (!point) return false;
  const auto before = place_of(point);                                 // digits before the point, 0..7
  const auto after = static_cast<unsigned>(end - begin) - 1 - before;  // digits after it, 9..19
  if (after > 19 || before + after > 19) return false;
  const uint64_t whole = before == 0 ? 0 : head << (64 - 8 * before);
  const uint64_t last = load_word(end - 8), middle = keep_last(load_word(end - 16), after >= 16 ? 8 : after - 8),
                 first = after > 16 ? keep_last(load_word(end - 24), after - 16) : 0;
  if (not_digits(whole) | not_digits(last) | not_digits(middle) | not_digits(first)) return false;
  const uint64_t w = (join_digits(first) * 100000000 + join_digits(middle)) * 100000000 + join_digits(last) +
                     join_digits(whole) * kWholeTens[after];
  const double magnitude = w == 0 ? 0.0 : decimal_fraction(w, static_cast<int>(after));
  value = signed_value(magnitude, negative);
  return true;
}

/// True and the value where the cell is such a number; false: look at it more slowly. 24 bytes before `end` are readable.
inline bool parse_plain(const char* begin, const char* end, double& value) {
  if (begin == end) return false;
  const bool negative = *begin == '-';
  begin += negative;
  const auto size = static_cast<unsigned>(end - begin);
  uint64_t w;
  unsigned fraction = 0;  // digits after the point
  if (size - 1 < 8) {
    uint64_t low = keep_last(load_word(end - 8), size);
    if (const uint64_t point = find_point(low)) {
      if (size == 1) return false;
      fraction = 7 - place_of(point);
      low = close_gap(low, place_of(point), 0);
    }
    if (not_digits(low)) return false;
    w = join_digits(low);
  } else if (size - 1 < 16) {
    uint64_t low = load_word(end - 8), high = keep_last(load_word(end - 16), size - 8);
    if (const uint64_t point = find_point(low)) {
      fraction = 7 - place_of(point);
      low = close_gap(low, place_of(point), high >> 56);
      high <<= 8;
    } else if (const uint64_t above = find_point(high)) {
      fraction = 15 - place_of(above);
      high = close_gap(high, place_of(above), 0);
    }
    if (not_digits(low) | not_digits(high)) return false;
    w = join_digits(high) * 100000000 + join_digits(low);
    if (w > uint64_t{1} << 53) return false;
  } else {
    return size - 17 < 12 && parse_long(begin, end, negative, value);
  }
  value = signed_value(static_cast<double>(static_cast<int64_t>(w)) / kTens[fraction], negative);
  return true;
}

}  // namespace assay::csv
