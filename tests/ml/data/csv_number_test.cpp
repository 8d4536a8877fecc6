#include "assay/ml/data/csv_number.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

#include "assay/core/decimal.h"
#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

/// The fast readers on a text with other bytes around it, as in a file. One takes what the next shorter one takes, with the
/// same value.
bool plain(const std::string& text, double& value, char around) {
  const std::string padded = std::string(24, around) + text + std::string(8, around);
  csv::NumberCells one(1);
  const char *const begin = padded.data() + 24, *const end = begin + text.size();
  one.set(0, begin, end);
  one.set_early(0, end);
  one.set_first(0, end);
  double of_8 = 0, of_16 = 0, of_24 = 0;
  csv::parse_8(one, 1, &of_8);
  csv::parse_16(one, 1, &of_16);
  csv::parse_24(one, 1, &of_24);
  const auto disagree = [](double a, double b) { return !std::isnan(a) && std::memcmp(&a, &b, sizeof a) != 0; };
  if (disagree(of_8, of_16) || disagree(of_16, of_24))
    throw std::logic_error("parse_8, parse_16 and parse_24 do not agree on " + text);
  if (std::isnan(of_24)) return false;
  value = of_24;
  return true;
}

}  // namespace

TEST_CASE("csv numbers: the fast reader takes what tables are made of") {
  double v = 0;
  CHECK((plain("5.1", v, ',') && v == 5.1));
  CHECK((plain("-0.123456", v, ',') && v == -0.123456));
  CHECK((plain("12345678", v, ',') && v == 12345678));
  CHECK((plain("123456789.25", v, ',') && v == 123456789.25));
  CHECK((plain("1.23456789012345", v, ',') && v == 1.23456789012345));
  CHECK((plain("0.49671415301123267", v, ',') && v == 0.49671415301123267));
  CHECK((plain("-3.1415926535897931", v, ',') && v == -3.1415926535897931));
  CHECK((plain("0.00000000000000000", v, ',') && v == 0));
  CHECK((plain("-0", v, ',') && v == 0 && std::signbit(v)));
}

TEST_CASE("csv numbers: what the fast reader takes has the exact reader's bits, and nothing else is taken") {
  Rng rng(7);
  const std::string alphabet = "0123456789012345678901234567890123456789....-+eE ,:/\x1e\x80\xff";
  size_t taken = 0, wrong = 0;
  for (int i = 0; i < 3000000; ++i) {
    std::string text = rng.below(3) == 0 ? "-" : "";
    const bool wild = i % 3 == 0;
    const uint64_t size = rng.below(30);
    const uint64_t point = rng.below(size + 8);
    for (uint64_t k = 0; k < size; ++k)
      text += wild ? alphabet[rng.below(alphabet.size())] : k == point ? '.' : static_cast<char>('0' + rng.below(10));
    double fast = 1, exact = 1;
    const char around = "0.,\xff"[rng.below(4)];
    if (!plain(text, fast, around)) continue;
    ++taken;
    const bool right = parse_decimal(text, exact) && std::bit_cast<uint64_t>(fast) == std::bit_cast<uint64_t>(exact);
    if (!right && ++wrong < 5) {
      CAPTURE(text, fast, exact);
      CHECK(right);
    }
  }
  CHECK(wrong == 0);
  CHECK(taken > 1000000);
}
