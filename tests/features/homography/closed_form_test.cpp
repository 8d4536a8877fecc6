#include "assay/features/homography/closed_form.h"

#include <numbers>

#include "assay/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/homography.h"

using namespace assay;

TEST_CASE("closed forms: a triangle moved by hand") {
  const std::vector<PointPair> shifted{{0, 0, 5, -2}, {4, 0, 9, -2}, {0, 3, 5, 1}};
  CHECK(test::difference(*translation_least_squares(shifted), {1, 0, 5, 0, 1, -2, 0, 0, 1}) < 1e-15);
  const std::vector<PointPair> turned{{0, 0, 1, 1}, {4, 0, 1, 5}, {0, 3, -2, 1}};  // a quarter turn
  CHECK(test::difference(*rigid_least_squares(turned), {0, -1, 1, 1, 0, 1, 0, 0, 1}) < 1e-15);
  CHECK(test::difference(*similarity_least_squares(turned), {0, -1, 1, 1, 0, 1, 0, 0, 1}) < 1e-15);
  const std::vector<PointPair> doubled{{0, 0, 1, 1}, {4, 0, 1, 9}, {0, 3, -5, 1}};
  CHECK(test::difference(*similarity_least_squares(doubled), {0, -2, 1, 2, 0, 1, 0, 0, 1}) < 1e-15);
  const std::vector<PointPair> sheared{{0, 0, 7, 0}, {4, 0, 11, 0}, {0, 3, 13, 6}};
  CHECK(test::difference(*affine_least_squares(sheared), {1, 2, 7, 0, 2, 0, 0, 0, 1}) < 1e-15);
}

TEST_CASE("closed forms: exact pairs give the exact matrix of each group") {
  Rng rng(3);
  for (int t = 0; t < 50; ++t) {
    const double turn = rng.uniform(-std::numbers::pi, std::numbers::pi), s = rng.uniform(0.1, 5);
    const double c = std::cos(turn), d = std::sin(turn), x = rng.uniform(-500, 500), y = rng.uniform(-500, 500);
    const int n = 3 + t;
    const Matrix3 shift{1, 0, x, 0, 1, y, 0, 0, 1}, rigid{c, -d, x, d, c, y, 0, 0, 1};
    const Matrix3 similar{s * c, -s * d, x, s * d, s * c, y, 0, 0, 1}, affine{c, s, x, -2 * s, d, y, 0, 0, 1};
    CHECK(test::corner_error(*translation_least_squares(test::exact_pairs(shift, n, rng)), shift) < 1e-11);
    CHECK(test::corner_error(*rigid_least_squares(test::exact_pairs(rigid, n, rng)), rigid) < 1e-11);
    CHECK(test::corner_error(*similarity_least_squares(test::exact_pairs(similar, n, rng)), similar) < 1e-11);
    CHECK(test::corner_error(*affine_least_squares(test::exact_pairs(affine, n, rng)), affine) < 1e-9);
  }
}

TEST_CASE("closed forms: no neighbour in the group does better") {
  Rng rng(5);
  const std::vector<PointPair> pairs = test::noisy_pairs({0.9, -0.3, 12, 0.25, 1.1, -7, 0, 0, 1}, 15, 3, rng);
  const auto cost = [&](const Matrix3& M) {
    double sum = 0;
    for (const PointPair& p : pairs) sum += transfer_error(M, p) * transfer_error(M, p);
    return sum;
  };
  const Matrix3 R = *rigid_least_squares(pairs), S = *similarity_least_squares(pairs), A = *affine_least_squares(pairs);
  const double turn = 1e-4, grow = 1 + 1e-4;
  for (double sign : {-1.0, 1.0}) {
    const Matrix3 rotation{
        std::cos(turn), -sign * std::sin(turn), 0, sign * std::sin(turn), std::cos(turn), 0, 0, 0, 1};
    const double g = sign > 0 ? grow : 1 / grow;
    for (const Matrix3& M : {R, S, A}) {
      CHECK(cost(product(rotation, M)) > cost(M));
      CHECK(cost(product({1, 0, sign * 1e-2, 0, 1, 0, 0, 0, 1}, M)) > cost(M));
      CHECK(cost(product({1, 0, 0, 0, 1, sign * 1e-2, 0, 0, 1}, M)) > cost(M));
    }
    for (const Matrix3& M : {S, A}) CHECK(cost(product(M, {g, 0, 0, 0, g, 0, 0, 0, 1})) > cost(M));
    CHECK(cost(product(A, {g, 0, 0, 0, 1, 0, 0, 0, 1})) > cost(A));
    CHECK(cost(product(A, {1, sign * 1e-4, 0, 0, 1, 0, 0, 0, 1})) > cost(A));
  }
  CHECK(cost(A) < cost(S));
  CHECK(cost(S) < cost(R));
}

TEST_CASE("closed forms: a mirror image is answered with a rotation") {
  // [Umeyama1991, sec. IV]: the worked example. The nearest orthogonal matrix is a reflection; the rotation asked for is
  // R = (0.832 0.555; -0.555 0.832), c = 0.721, t = (-0.800, 0.400)
  const std::vector<PointPair> mirrored{{0, 0, 0, 0}, {1, 0, -1, 0}, {0, 2, 0, 2}};
  const Matrix3 R = *rigid_least_squares(mirrored), S = *similarity_least_squares(mirrored);
  CHECK(R[0] * R[4] - R[1] * R[3] == Approx(1));
  CHECK(R[0] == Approx(0.832).margin(0.0005));
  CHECK(R[1] == Approx(0.555).margin(0.0005));
  CHECK(std::hypot(S[0], S[3]) == Approx(0.721).margin(0.0005));
  CHECK(S[0] == Approx(0.721 * 0.832).margin(0.0005));
  CHECK(S[2] == Approx(-0.8).margin(0.0005));
  CHECK(S[5] == Approx(0.4).margin(0.0005));
}

TEST_CASE("closed forms: too few, equal or collinear points have no answer") {
  const std::vector<PointPair> one{{3, 4, 5, 6}}, equal{{3, 4, 5, 6}, {3, 4, 5, 6}}, first{{3, 4, 5, 6}, {3, 4, 9, 9}};
  const std::vector<PointPair> line{{0, 0, 0, 0}, {1, 2, 1, 5}, {2, 4, 7, 1}};
  const std::vector<PointPair> flat{
      {0, 0, 0, 0}, {1, 2, 1, 5}, {2, 0, 2, 10}};  // the affine map would flatten the plane
  CHECK_FALSE(translation_least_squares({}));
  CHECK(translation_least_squares(one));
  CHECK_FALSE(rigid_least_squares(one));
  CHECK_FALSE(rigid_least_squares(equal));
  CHECK_FALSE(similarity_least_squares(first));
  CHECK(similarity_least_squares(line));
  CHECK_FALSE(affine_least_squares(std::span(line).first(2)));
  CHECK_FALSE(affine_least_squares(line));
  CHECK_FALSE(affine_least_squares(flat));
  // four points and the same four mirrored: every rotation is as near as any other
  const std::vector<PointPair> any{{1, 0, 1, 0}, {-1, 0, -1, 0}, {0, 1, 0, -1}, {0, -1, 0, 1}};
  CHECK_FALSE(rigid_least_squares(any));
  const std::vector<PointPair> nan{{0, 0, 0, 0}, {1, 2, std::nan(""), 5}, {2, 0, 2, 10}};
  CHECK_THROWS_AS(affine_least_squares(nan), DataError);
  CHECK_THROWS_AS(rigid_least_squares(nan), DataError);
}

TEST_CASE("closed forms: scikit-image's similarity and euclidean, numpy's affine, to 1e-10") {
  const auto golden = test::golden("homography.json");
  for (const auto& c : golden.at("cases")) {
    const std::vector<PointPair> pairs = test::golden_pairs(c);
    CAPTURE(pairs.size());
    CHECK(test::difference(*similarity_least_squares(pairs), test::matrix(c.at("similarity"))) < 1e-10);
    CHECK(test::difference(*rigid_least_squares(pairs), test::matrix(c.at("euclidean"))) < 1e-10);
    CHECK(test::difference(*affine_least_squares(pairs), test::matrix(c.at("affine"))) < 1e-10);
  }
}
