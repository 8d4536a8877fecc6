#include "assay/core/rng.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("rng: Philox4x32-10 gives the published vectors") {
  // Known answers distributed with [Salmon2011]: counter, key -> result.
  using Block = std::array<uint32_t, 4>;
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("rng: a number is a function of seed, stream and place alone") {
  Rng a(7, 3), b(7, 3), other_stream(7, 4), other_seed(8, 3);
  for (int i = 0; i < 100; ++i) {
    const uint64_t x = a.next();
    CHECK(x == b.next());
    CHECK(x != other_stream.next());
    CHECK(x != other_seed.next());
  }
}

TEST_CASE("rng: uniform numbers fill [0, 1) evenly") {
  Rng rng(1);
  std::array<int, 10> count{};
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform();
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    ++count[static_cast<size_t>(u * 10)];
  }
  double chi2 = 0;
  for (const int c : count) chi2 += (c - n / 10.0) * (c - n / 10.0) / (n / 10.0);
  CHECK(chi2 < 27.88);  // 99.9 % point of chi-squared with 9 degrees of freedom
}

TEST_CASE("rng: below(n) is unbiased where n does not divide 2^64, and stays below n") {
  Rng rng(2);
  std::array<int, 3> count{};
  for (int i = 0; i < 90000; ++i) ++count[rng.below(3)];
  double chi2 = 0;
  for (const int c : count) chi2 += (c - 30000.0) * (c - 30000.0) / 30000.0;
  CHECK(chi2 < 13.82);  // 99.9 %, 2 degrees of freedom
  const uint64_t large = (1ull << 63) + 1;
  for (int i = 0; i < 100; ++i) CHECK(rng.below(large) < large);
  CHECK(rng.below(1) == 0);
}

TEST_CASE("rng: normal numbers have mean 0, variance 1, and 2.28 % lie above 2") {
  Rng rng(3);
  constexpr int n = 200000;
  double s = 0, ss = 0;
  int above = 0;
  for (int i = 0; i < n; ++i) {
    const double z = rng.normal();
    s += z;
    ss += z * z;
    above += z > 2;
  }
  CHECK(std::abs(s / n) < 4 / std::sqrt(n));
  CHECK(std::abs(ss / n - 1) < 4 * std::sqrt(2.0 / n));
  CHECK(std::abs(above / double{n} - 0.02275) < 4 * std::sqrt(0.02275 / n));
}

TEST_CASE("rng: a permutation holds each number once, and every order of three is as likely") {
  Rng rng(4);
  std::vector<int> order = rng.permutation(50);
  std::sort(order.begin(), order.end());
  for (int i = 0; i < 50; ++i) CHECK(order[static_cast<size_t>(i)] == i);
  std::array<int, 6> count{};
  for (int i = 0; i < 60000; ++i) {
    const std::vector<int> p = rng.permutation(3);
    ++count[static_cast<size_t>(p[0] * 2 + (p[1] > p[2]))];
  }
  double chi2 = 0;
  for (const int c : count) chi2 += (c - 10000.0) * (c - 10000.0) / 10000.0;
  CHECK(chi2 < 20.52);  // 99.9 %, 5 degrees of freedom
}

TEST_CASE("rng: children of different names or numbers have streams of their own") {
  std::set<uint64_t> streams;
  for (const char* name : {"tree", "fold", "holdout", "tre", "e"})
    for (uint64_t i = 0; i < 1000; ++i) streams.insert(mix_stream(0, name, i));
  CHECK(streams.size() == 5000);
  CHECK(mix_stream(mix_stream(0, "fold", 1), "tree", 2) != mix_stream(mix_stream(0, "tree", 2), "fold", 1));
}
