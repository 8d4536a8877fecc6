// Notation   the number is w 10^e, w an integer of at most 19 digits (so w < 2^64)
// Method     1 collect w and e   2 w <= 2^53 and |e| <= 22: one exact product or quotient of doubles
//            [Clinger1990, sec. 4]   3 |e| <= 27: 5^|e| < 2^63, so products are exact in 128-bit integers, and quotients are
//            decided in them (decimal_fraction), and rounding once is rounding the true value   4 anything else (rare):
//            std::from_chars
// Departures from the paper: step 3 replaces Clinger's arbitrary precision for the exponents that tables have.
#include "assay/core/decimal.h"

#include <bit>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace assay {
namespace {

using namespace detail;

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// w 10^e, e in 0..27: w 5^e is exact in 128 bits, its conversion rounds once, and 2^e only moves the exponent.
double scaled_up(uint64_t w, int e) {
  return static_cast<double>(static_cast<u128>(w) * kPowersOfFive.of[e].power) * power_of_two(e);
}

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

// q = floor(W 2^62 / D) has 62 or 63 bits, nine more than a double holds, so a remainder kept as the last bit of q decides
// the rounding as the true quotient would.
double detail::divide_by_power_of_ten(uint64_t w, int k) {
  const PowerOfFive& by = kPowersOfFive.of[k];
  const int a = std::countl_zero(w);
  const u128 numerator = static_cast<u128>(w << a) << 62;
  const auto q = static_cast<uint64_t>(numerator / by.D);
  const bool rest = numerator % by.D != 0;
  return static_cast<double>(static_cast<int64_t>(q | (rest ? 1 : 0))) * power_of_two(by.shift - a - k - 62);
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
