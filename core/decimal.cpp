// Notation   the number is w 10^e, w an integer of at most 19 digits (so w < 2^64)
// Method     1 collect w and e   2 w <= 2^53 and |e| <= 22: one exact product or quotient of doubles [Clinger1990, sec.
// 4]
//            3 |e| <= 27: 5^|e| < 2^63, so product and quotient are exact in 128-bit integers, and rounding them once
//            is rounding the true value   4 anything else (rare): std::from_chars
// Departures from the paper: step 3 replaces Clinger's arbitrary precision for the exponents that tables have.
#include "assay/core/decimal.h"

#include <bit>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace assay {
namespace {

__extension__ using u128 = unsigned __int128;

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct PowersOfFive {
  uint64_t of[28];
  constexpr PowersOfFive() : of{} {
    of[0] = 1;
    for (int k = 1; k < 28; ++k) of[k] = 5 * of[k - 1];
  }
};
constexpr PowersOfFive kPowersOfFive;

double power_of_two(int e) { return std::bit_cast<double>(static_cast<uint64_t>(e + 1023) << 52); }

/// w 10^e, e in 0..27: w 5^e is exact in 128 bits, its conversion rounds once, and 2^e only moves the exponent.
double scaled_up(uint64_t w, int e) {
  return static_cast<double>(static_cast<u128>(w) * kPowersOfFive.of[e]) * power_of_two(e);
}

/// D = 5^k 2^shift in [2^63, 2^64), and v = floor((2^128 - 1) / D) - 2^64.
struct Divisor {
  uint64_t D = 0, v = 0;
  int shift = 0;
};
struct Divisors {
  Divisor of[28];
  constexpr Divisors() : of{} {
    for (int k = 0; k < 28; ++k) {
      of[k].shift = std::countl_zero(kPowersOfFive.of[k]);
      of[k].D = kPowersOfFive.of[k] << of[k].shift;
      of[k].v = static_cast<uint64_t>(~u128{0} / of[k].D - (u128{1} << 64));
    }
  }
};
constexpr Divisors kDivisors;

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// Numbers the steps above do not cover. `leading` is the decimal exponent of the first digit that is not zero.
bool parse_rare(std::string_view text, long long leading, bool negative, double& value) {
  if (text[0] == '+') text.remove_prefix(1);
  double found = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found);
  if (end != text.data() + text.size()) return false;
  if (error == std::errc::result_out_of_range) {
    if (leading > 0) return false;
    found = negative ? -0.0 : 0.0;
  } else if (error != std::errc()) {
    return false;
  }
  value = found;
  return true;
}

}  // namespace

// With W = w 2^a in [2^63, 2^64): q = floor(W 2^62 / D) has 62 or 63 bits, nine more than a double holds, so a remainder
// kept as the last bit of q decides the rounding as the true quotient would. The quotient by the reciprocal v is
// [MollerGranlund2011, alg. 4].
double decimal_fraction(uint64_t w, int k) {
  const Divisor& by = kDivisors.of[k];
  const int a = std::countl_zero(w);
  const u128 numerator = static_cast<u128>(w << a) << 62;
  const u128 guess = static_cast<u128>(by.v) * static_cast<uint64_t>(numerator >> 64) + numerator;
  uint64_t q = static_cast<uint64_t>(guess >> 64) + 1;
  uint64_t r = static_cast<uint64_t>(numerator) - q * by.D;
  if (r > static_cast<uint64_t>(guess)) {
    --q;
    r += by.D;
  }
  if (r >= by.D) {
    ++q;
    r -= by.D;
  }
  return static_cast<double>(static_cast<int64_t>(q | (r != 0))) * power_of_two(by.shift - a - k - 62);
}

bool parse_decimal(std::string_view text, double& value) {
  const char* p = text.data();
  const char* const end = p + text.size();
  if (p == end) return false;
  const bool negative = *p == '-';
  if (*p == '-' || *p == '+') ++p;

  uint64_t w = 0;
  int digits = 0;                 // of w, from the first that is not zero
  bool any = false, cut = false;  // a digit was seen; digits were dropped
  long long e = 0;
  const auto collect = [&](int after_point) {
    for (; p < end && is_digit(*p); ++p) {
      any = true;
      const auto digit = static_cast<unsigned>(*p - '0');
      if (digits < 19) {
        w = 10 * w + digit;
        digits += w != 0;
        e -= after_point;
      } else {
        cut |= digit != 0;
        e += 1 - after_point;
      }
    }
  };
  collect(0);
  if (p < end && *p == '.') {
    ++p;
    collect(1);
  }
  if (!any) return false;
  if (p < end && (*p == 'e' || *p == 'E')) {
    ++p;
    const bool down = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) ++p;
    if (p == end) return false;
    long long exponent = 0;
    for (; p < end && is_digit(*p); ++p)
      if (exponent < 1'000'000'000) exponent = 10 * exponent + (*p - '0');
    e += down ? -exponent : exponent;
  }
  if (p != end) return false;

  double magnitude;
  if (w == 0)
    magnitude = 0;
  else if (cut || e < -27 || e > 27)
    return parse_rare(text, e + digits, negative, value);
  else if (w <= uint64_t{1} << 53 && e >= -22 && e <= 22)
    magnitude = e < 0 ? static_cast<double>(w) / kPowersOfTen[-e] : static_cast<double>(w) * kPowersOfTen[e];
  else
    magnitude = e < 0 ? decimal_fraction(w, static_cast<int>(-e)) : scaled_up(w, static_cast<int>(e));
  value = negative ? -magnitude : magnitude;
  return true;
}

}  // namespace assay
