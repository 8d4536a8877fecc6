#include "assay/core/decimal.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

#include "assay/core/rng.h"
#include "assay/core/text.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

/// The bits from_chars gives; 1 where it refuses or finds infinity.
uint64_t reference(const std::string& text) {
  double value = 0;
  const char* begin = text.c_str() + (text[0] == '+');
  const auto result = std::from_chars(begin, text.c_str() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.c_str() + text.size() && std::isfinite(value)
             ? std::bit_cast<uint64_t>(value)
             : 1;
}

uint64_t ours(const std::string& text) {
  double value = 0;
  return parse_decimal(text, value) ? std::bit_cast<uint64_t>(value) : 1;
}

std::string random_digits(Rng& rng, uint64_t most) {
  std::string text;
  for (uint64_t n = rng.below(most + 1); n > 0; --n) text += static_cast<char>('0' + rng.below(10));
  return text;
}

}  // namespace

TEST_CASE("decimal: plain numbers by hand") {
  double v = 7;
  CHECK((parse_decimal("0.1", v) && v == 0.1));
  CHECK((parse_decimal("+2.50", v) && v == 2.5));
  CHECK((parse_decimal("-3", v) && v == -3));
  CHECK((parse_decimal(".5", v) && v == 0.5));
  CHECK((parse_decimal("5.", v) && v == 5));
  CHECK((parse_decimal("1E-3", v) && v == 0.001));
  CHECK((parse_decimal("007", v) && v == 7));
  CHECK((parse_decimal("-0.0", v) && v == 0 && std::signbit(v)));
  CHECK((parse_decimal("1e-400", v) && v == 0));
  CHECK((parse_decimal("-1e-400", v) && v == 0 && std::signbit(v)));
  CHECK((parse_decimal("0e999999999999", v) && v == 0));
}

TEST_CASE("decimal: what is not a finite number is refused and leaves the value alone") {
  for (const char* text :
       {"",    "+",   "-",     ".",      "e5",    "1e",  "1e+", "1 ",    " 1", "1,5",      "0x10",
        "inf", "nan", "1e400", "-1e400", "1.2.3", "--1", "+-1", "1e5.5", "1f", "\xd9\xa1", "1_000"}) {
    CAPTURE(text);
    double v = 42;
    CHECK_FALSE(parse_decimal(text, v));
    CHECK(v == 42);
  }
  double v = 42;
  CHECK_FALSE(parse_decimal(std::string_view("1\0", 2), v));
}

TEST_CASE("decimal: halfway cases round to even") {
  double v = 0;
  CHECK((parse_decimal("9007199254740993", v) && v == 9007199254740992.0));  // 2^53 + 1
  CHECK((parse_decimal("9007199254740995", v) && v == 9007199254740996.0));  // 2^53 + 3
  CHECK((parse_decimal("9007199254740993.0000000000000000001", v) && v == 9007199254740994.0));
  CHECK((parse_decimal("0.500000000000000055511151231257827021181583404541015625", v) && v == 0.5));
  CHECK((parse_decimal("2.2250738585072011e-308", v) && v == 2.2250738585072011e-308));
  CHECK((parse_decimal("179769313486231580793e289", v)) == (reference("179769313486231580793e289") != 1));
}

TEST_CASE("decimal: shortest and 17-digit texts of random doubles read back bit for bit") {
  Rng rng(1);
  for (int i = 0; i < 400000; ++i) {
    uint64_t bits = rng.next();
    if (i % 2) bits = (bits & 0x800fffffffffffffull) | (1023 - 40 + rng.below(80)) << 52;  // the exponents tables have
    const double x = std::bit_cast<double>(bits);
    if (!std::isfinite(x)) continue;
    const std::string text = shortest(x);
    char fixed[64];
    std::snprintf(fixed, sizeof fixed, "%.16e", x);
    if (ours(text) != bits || ours(fixed) != bits) {
      CAPTURE(text, fixed);
      CHECK(ours(text) == bits);
      CHECK(ours(fixed) == bits);
    }
  }
}

TEST_CASE("decimal: millions of random texts give from_chars' bits") {
  Rng rng(2);
  int differ = 0;
  for (int i = 0; i < 3000000; ++i) {
    std::string text = rng.below(3) == 0 ? "-" : "";
    text += random_digits(rng, i % 4 == 0 ? 25 : 9);
    if (rng.below(4)) text += "." + random_digits(rng, i % 5 == 0 ? 25 : 9);
    if (rng.below(4) == 0) text += (rng.below(2) ? "e-" : "e") + std::to_string(rng.below(i % 7 == 0 ? 340 : 30));
    if (text.empty()) continue;
    const uint64_t expected = reference(text);
    if (expected == 1 && text.find('e') != std::string::npos) {  // underflow is zero here and an error there
      double v = 1;
      if (parse_decimal(text, v) && v == 0) continue;
    }
    if (ours(text) != expected && ++differ < 5) {
      CAPTURE(text);
      CHECK(ours(text) == expected);
    }
  }
  CHECK(differ == 0);
}
