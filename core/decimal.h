// core/decimal.h: decimal text to the nearest double, exactly and fast. Tables are mostly made of such cells.
//
// Grammar    [+-] digits [. digits] [(e|E) [+-] digits], with a digit before or after the point; nothing around it
// Guarantees the double nearest to the decimal number, ties to even: what std::from_chars gives
// Refuses    "inf", "nan", hexadecimal, and numbers too large for a double; too small ones are zero
// Cost       about 10 ns for 17 digits
// See        [Clinger1990] for the fast path, [MollerGranlund2011] for the quotient
#pragma once
#include <cstdint>
#include <string_view>

namespace assay {

/// True and the value where the whole text is a number; else `value` is untouched.
bool parse_decimal(std::string_view text, double& value);

/// The double nearest to w 10^-k; w > 0, k in 1..27.
double decimal_fraction(uint64_t w, int k);

}  // namespace assay
