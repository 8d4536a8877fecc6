#include "assay/features/homography/dlt.h"

#include "assay/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/homography.h"

using namespace assay;

TEST_CASE("dlt: a square becomes the quadrilateral of a matrix found by hand") {
  // (x, y) -> (x, y) / (1 + y): the two upper corners move to the middle of their sides
  const std::vector<PointPair> pairs{{0, 0, 0, 0}, {1, 0, 1, 0}, {0, 1, 0, 0.5}, {1, 1, 0.5, 0.5}};
  const auto H = homography_dlt(pairs);
  REQUIRE(H);
  CHECK(test::difference(*H, {1, 0, 0, 0, 1, 0, 0, 1, 1}) < 1e-14);
}

TEST_CASE("dlt: exact pairs give the exact matrix, four or many") {
  double worst = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    const Matrix3 H = test::random_homography(rng);
    const std::vector<PointPair> pairs = test::exact_pairs(H, 4 + static_cast<int>(seed % 30), rng);
    const auto found = homography_dlt(pairs);
    REQUIRE(found);
    // in normalised coordinates: what is compared does not depend on where the pictures lie
    const auto n = normalise(pairs);
    const Matrix3 back = *inverse(n->T1);
    worst = std::max(worst, test::difference(test::unit(product(n->T2, product(*found, back))),
                                             test::unit(product(n->T2, product(H, back)))));
  }
  CHECK(worst < 1e-12);
}

TEST_CASE("dlt: the result goes along with a similarity of either picture") {
  // [HartleyZisserman2004, sec. 4.4.4]: what the normalisation is for
  Rng rng(7);
  const std::vector<PointPair> pairs = test::noisy_pairs(test::random_homography(rng), 20, 0.8, rng);
  const Matrix3 S1{30, 40, -5000, -40, 30, 777, 0, 0, 1}, S2{0.001, 0, 12, 0, 0.001, -9, 0, 0, 1};
  std::vector<PointPair> moved;
  for (const PointPair& p : pairs) {
    const cv::Point2d a = map_point(S1, p.x1, p.y1), b = map_point(S2, p.x2, p.y2);
    moved.push_back({a.x, a.y, b.x, b.y});
  }
  const Matrix3 H = *homography_dlt(pairs), G = *homography_dlt(moved);
  CHECK(test::difference(with_unit_corner(product(*inverse(S2), product(G, S1))), H) < 1e-9);
  CHECK(test::corner_error(with_unit_corner(product(*inverse(S2), product(G, S1))), H) < 1e-9);
}

TEST_CASE("dlt: a map that sends the origin to infinity has length 1") {
  const Matrix3 H{0, 0, 1, 0, 1, 0, 1, 0, 0};  // (x, y) -> (1 / x, y / x)
  std::vector<PointPair> pairs;
  for (double x : {1.0, 2.0, 4.0})
    for (double y : {-1.0, 0.0, 3.0}) pairs.push_back({x, y, 1 / x, y / x});
  const auto found = homography_dlt(pairs);
  REQUIRE(found);
  CHECK(test::difference(*found, test::unit(H)) < 1e-14);
}

TEST_CASE("dlt: pairs that determine no homography have no answer") {
  const std::vector<PointPair> square{{0, 0, 5, 5}, {9, 0, 14, 5}, {9, 9, 14, 14}, {0, 9, 5, 14}};
  REQUIRE(homography_dlt(square));
  CHECK_FALSE(homography_dlt(std::span(square).first(3)));
  CHECK_FALSE(homography_dlt({}));

  std::vector<PointPair> pairs = square;
  pairs[3] = pairs[2];  // a duplicate leaves three
  CHECK_FALSE(homography_dlt(pairs));
  pairs = square;
  pairs[2].x1 = 18, pairs[2].y1 = 0;  // three on a line in the first picture only: H would flatten the plane
  CHECK_FALSE(homography_dlt(pairs));
  pairs = square;
  pairs[2].x2 = 23, pairs[2].y2 = 5;  // in the second picture only
  CHECK_FALSE(homography_dlt(pairs));
  pairs[2].x1 = 18, pairs[2].y1 = 0;  // in both: a family of answers
  CHECK_FALSE(homography_dlt(pairs));

  std::vector<PointPair> line, point;
  for (int i = 0; i < 20; ++i) {
    const auto x = static_cast<float>(i * 31.7),
               y = static_cast<float>(17.3 - i * 11.9);  // rounded to single precision
    line.push_back({x, y, 2 * y, x});
    point.push_back({3.5, 4.25, static_cast<double>(i), static_cast<double>(i * i)});
  }
  CHECK_FALSE(homography_dlt(line));
  CHECK_FALSE(homography_dlt(point));
}

TEST_CASE("dlt: points in a narrow strip still determine it") {
  Rng rng(8);
  std::vector<PointPair> pairs;  // 1000 by 0.1 becomes a square
  for (int i = 0; i < 30; ++i) {
    const double x = rng.uniform(0, 1000), y = rng.uniform(0, 0.1);
    pairs.push_back({x, y, x / 10, 1000 * y});
  }
  const auto H = homography_dlt(pairs);
  REQUIRE(H);
  for (const PointPair& p : pairs) CHECK(transfer_error(*H, p) < 1e-8);
}

TEST_CASE("dlt: a number that is not finite is named") {
  std::vector<PointPair> pairs{{0, 0, 5, 5}, {9, 0, 14, 5}, {9, 9, 14, 14}, {0, 9, 5, 14}};
  for (double bad : {std::nan(""), HUGE_VAL}) {
    pairs[2].y2 = bad;
    CHECK_THROWS_AS(homography_dlt(pairs), DataError);
    CHECK_THROWS_WITH(homography_dlt(pairs), Catch::Matchers::Contains("pair 3 of 4"));
  }
}

TEST_CASE("dlt: scikit-image's estimate_transform to 1e-10") {
  const auto golden = test::golden("homography.json");
  for (const auto& c : golden.at("cases")) {
    const std::vector<PointPair> pairs = test::golden_pairs(c);
    CAPTURE(pairs.size());
    const auto H = homography_dlt(pairs);
    REQUIRE(H);
    const Matrix3 expected = test::matrix(c.at("projective"));
    CHECK(test::difference(*H, expected) < 1e-10);
    CHECK(test::corner_error(*H, expected) < 1e-10 * 1000);
  }
}
