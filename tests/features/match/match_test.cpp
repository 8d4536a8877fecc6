#include "assay/features/match/match.h"

#include <cmath>
#include <set>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

Descriptors table(const std::vector<std::vector<float>>& rows) {
  Descriptors out(static_cast<int>(rows.size()), rows.empty() ? 0 : static_cast<int>(rows[0].size()));
  for (int i = 0; i < out.rows; ++i)
    std::copy(rows[static_cast<size_t>(i)].begin(), rows[static_cast<size_t>(i)].end(), out[i]);
  return out;
}

// Whole numbers of a few values: many equal distances.
Descriptors whole_numbers(int n, int d, uint64_t values, Rng& rng) {
  Descriptors out(n, d);
  for (float& v : out) v = static_cast<float>(rng.below(values));
  return out;
}

// Descriptors of one object in two pictures: row i of both belongs together, but for the last `alone` rows of each.
std::pair<Descriptors, Descriptors> pair_of_sets(int n, int d, int alone, Rng& rng) {
  Descriptors A(n, d), B(n, d);
  for (int i = 0; i < n; ++i)
    for (int f = 0; f < d; ++f) {
      A(i, f) = static_cast<float>(std::abs(rng.normal()));
      B(i, f) = i < n - alone ? A(i, f) + static_cast<float>(0.15 * rng.normal())
                              : static_cast<float>(std::abs(rng.normal()));
    }
  return {A, B};
}

MatchParams with(std::optional<double> ratio, bool mutual = false) {
  MatchParams p;
  p.ratio = ratio;
  p.mutual = mutual;
  return p;
}

}  // namespace

TEST_CASE("match: by hand, the ratio and the mutual check") {
  const Descriptors A = table({{0, 0}, {10, 0}, {0, 9}}), B = table({{1, 0}, {10, 1}, {10, 3}, {2, 0}});
  const auto near = two_nearest(A, B);
  CHECK(near[0].first == 0);
  CHECK(near[0].first_squared == 1);
  CHECK(near[0].second == 3);
  CHECK(near[0].second_squared == 4);
  CHECK(near[1].first == 1);
  CHECK(near[1].second == 2);
  CHECK(near[2].first == 0);  // 82; (2, 0) is 85 away

  auto matches = match(A, B);  // 1 < 0.8 * 2, 1 < 0.8 * 3, but sqrt 82 is not below 0.8 sqrt 85
  REQUIRE(matches.size() == 2);
  CHECK(matches[0].a == 0);
  CHECK(matches[0].b == 0);
  CHECK(matches[0].distance == 1);
  CHECK(matches[0].second == 2);
  CHECK(matches[1].b == 1);
  CHECK(match(A, B, with(0.5)).size() == 1);  // 1 < 0.5 * 2 does not hold: the test is strict
  CHECK(match(A, B, with(std::nullopt)).size() == 3);
  matches = match(A, B, with(std::nullopt, true));  // b 0 is nearer to a 0 than to a 2
  REQUIRE(matches.size() == 2);
  CHECK(matches[1].a == 1);
}

TEST_CASE("match: the fast search is the textbook's, bit for bit, also where distances are equal") {
  Rng rng(1);
  for (int d : {1, 3, 8, 31, 64, 128, 200})
    for (const auto& [n, m] :
         std::vector<std::pair<int, int>>{{1, 1}, {1, 2}, {7, 49}, {130, 47}, {50, 301}, {300, 96}})
      for (int kind = 0; kind < 7; ++kind) {
        CAPTURE(d, n, m, kind);
        Descriptors A = whole_numbers(n, d, kind == 0 ? 2 : 255, rng),
                    B = whole_numbers(m, d, kind == 0 ? 2 : 255, rng);
        if (kind == 2) {  // far from the origin: the product loses most of its digits
          for (float& v : A) v = 1000 + v * 1e-3F;
          for (float& v : B) v = 1000 + v * 1e-3F;
        }
        if (kind == 3)  // one number that is not whole
          B(m - 1, d - 1) += 0.5F;
        if (kind == 4) {  // as long as whole numbers are multiplied as such, of either sign
          const auto most = static_cast<float>(std::floor(std::sqrt(0x1p23 / d)));
          for (float& v : A) v = v < 128 ? -most : most;
          for (float& v : B) v = v < 64 ? -most : most;
        }
        if (kind == 5) {  // longer, and near each other: what single precision rounds decides
          const auto far = static_cast<float>(std::ceil(4 * std::sqrt(0x1p23 / d)));
          for (float& v : A) v = far + (v < 128);
          for (float& v : B) v = far + (v < 64);
        }
        if (kind == 6)  // and one above 16 bits
          A(0, 0) = 1e5F;
        const auto fast = two_nearest(A, B), slow = two_nearest_direct(A, B);
        bool same = true;
        for (size_t i = 0; i < slow.size(); ++i)
          same = same && fast[i].first == slow[i].first && fast[i].second == slow[i].second &&
                 fast[i].first_squared == slow[i].first_squared && fast[i].second_squared == slow[i].second_squared;
        CHECK(same);
      }
}

TEST_CASE("match: of equal distances the lower index, and equal neighbours are no match") {
  const Descriptors A = table({{5, 5}}), B = table({{9, 9}, {5, 6}, {5, 4}, {5, 6}});
  const auto near = two_nearest(A, B);
  CHECK(near[0].first == 1);
  CHECK(near[0].second == 2);
  CHECK(match(A, B, with(1.0)).empty());
  CHECK(match(A, table({{5, 5}, {5, 5}})).empty());  // 0 < 0.8 * 0 does not hold
}

TEST_CASE("match: a set matched with itself is the identity, and mutual matches are the same from both sides") {
  Rng rng(2);
  const auto [A, B] = pair_of_sets(150, 32, 50, rng);
  const auto self = match(A, A);
  REQUIRE(self.size() == 150);
  for (const Match& m : self) CHECK((m.a == m.b && m.distance == 0));
  std::set<std::pair<int, int>> there, back;
  for (const Match& m : match(A, B, with(std::nullopt, true))) there.insert({m.a, m.b});
  for (const Match& m : match(B, A, with(std::nullopt, true))) back.insert({m.b, m.a});
  CHECK(there == back);
}

TEST_CASE("match: what belongs together is found, and the ratio test refuses what does not") {
  Rng rng(3);
  const auto [A, B] = pair_of_sets(400, 128, 200, rng);
  int right = 0, wrong = 0;
  for (const Match& m : match(A, B)) (m.a == m.b && m.a < 200 ? right : wrong)++;
  CHECK(right == 200);
  CHECK(wrong == 0);
  CHECK(match(A, B, with(std::nullopt)).size() == 400);
}

TEST_CASE("match: any number of threads", "[parallel]") {
  Rng rng(4);
  const auto [A, B] = pair_of_sets(500, 64, 100, rng);
  const auto one = two_nearest(A, B, Context(0, 1)), four = two_nearest(A, B, Context(0, 4));
  for (size_t i = 0; i < one.size(); ++i) CHECK((one[i].first == four[i].first && one[i].second == four[i].second));
}

TEST_CASE("match: nothing to match, one row, huge numbers, and what is refused") {
  const Descriptors none(0, 128), one = table({{1, 2, 3}}), two = table({{1, 2, 3}, {4, 5, 6}});
  CHECK(match(none, none).empty());
  CHECK(match(two, Descriptors(0, 3)).empty());
  CHECK(match(Descriptors(0, 3), two).empty());
  CHECK(match(two, one).empty());  // no second: the ratio test has nothing to go by
  CHECK(match(two, one, with(std::nullopt)).size() == 2);
  CHECK(match(two, one, with(std::nullopt, true)).size() == 1);
  const Descriptors huge = table({{3e38F, -3e38F, 1}, {-3e38F, 3e38F, 2}});
  CHECK(two_nearest(huge, huge)[1].first == 1);  // squares overflow single precision
  CHECK_THROWS_AS(match(one, table({{1, 2}})), DataError);
  CHECK_THROWS_AS(match(one, table({{1, std::nanf(""), 3}})), DataError);
  CHECK_THROWS_AS(match(one, two, with(0.0)), ParameterError);
  CHECK_THROWS_AS(match(one, two, with(1.5)), ParameterError);
}
