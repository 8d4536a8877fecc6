// core/decimal.h: decimal text to the nearest double, exactly and fast. Tables are mostly made of such cells.
//
// Grammar    [+-] digits [. digits] [(e|E) [+-] digits], with a digit before or after the point; nothing around it
// Guarantees the double nearest to the decimal number, ties to even: what std::from_chars gives
// Refuses    "inf", "nan", hexadecimal, and numbers too large for a double; too small ones are zero
// Cost       about 10 ns for 17 digits
// See        [Clinger1990] for the fast path, [Lemire2021] for the product that nearly always decides a quotient
#pragma once
#include <bit>
#include <cstdint>
#include <string_view>

namespace assay {

/// True and the value where the whole text is a number; else `value` is untouched.
bool parse_decimal(std::string_view text, double& value);

namespace detail {

__extension__ using u128 = unsigned __int128;

/// 5^k; D = 5^k 2^shift in [2^63, 2^64); reciprocal = floor((2^127 - 1) / D), in [2^63, 2^64).
struct PowerOfFive {
  uint64_t power = 1, D = 0, reciprocal = 0;
  int shift = 0;
};
struct PowersOfFive {
  PowerOfFive of[28];
  constexpr PowersOfFive() : of{} {
    for (int k = 0; k < 28; ++k) {
      if (k > 0) of[k].power = 5 * of[k - 1].power;
      of[k].shift = std::countl_zero(of[k].power);
      of[k].D = of[k].power << of[k].shift;
      of[k].reciprocal = static_cast<uint64_t>((~u128{0} >> 1) / of[k].D);
    }
  }
};
inline constexpr PowersOfFive kPowersOfFive;

inline double power_of_two(int e) { return std::bit_cast<double>(static_cast<uint64_t>(e + 1023) << 52); }

/// What decimal_fraction does where the product cannot decide: an exact quotient.
double divide_by_power_of_ten(uint64_t w, int k);

}  // namespace detail

/// The double nearest to w 10^-k; w > 0, k in 1..27.
///
/// With W = w 2^a in [2^63, 2^64) and T = W (2^127 / D) / 2^64, H = floor(W reciprocal / 2^64) is floor(T) or one less, and
/// has at least ten bits more than a double. So it rounds as T does, unless those bits are one half or just below it: that
/// is left to the quotient. The last bit set stands for all that follows ([Lemire2021, sec. 4] with one product).
inline double decimal_fraction(uint64_t w, int k) {
  const detail::PowerOfFive& by = detail::kPowersOfFive.of[k];
  const int a = std::countl_zero(w);
  const auto H = static_cast<uint64_t>(static_cast<detail::u128>(w << a) * by.reciprocal >> 64);
  if (((H + 1) & 0x1FF) <= 1) [[unlikely]]
    return detail::divide_by_power_of_ten(w, k);
  return static_cast<double>(static_cast<int64_t>(H >> 1 | 1)) * detail::power_of_two(by.shift - a - k - 62);
}

}  // namespace assay
