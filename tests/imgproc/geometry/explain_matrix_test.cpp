#include "assay/imgproc/geometry/explain_matrix.h"

#include "assay/core/rng.h"
#include "assay/core/text.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

MatrixStory story_of(const char* text) { return explain_matrix(parse_matrix3("test", text)); }
std::string told(const MatrixStory& s) { return join(s.sentences, "; "); }

}  // namespace

TEST_CASE("explain matrix: each group is known by its smallest member") {
  CHECK(story_of("1 0 0; 0 1 0").group == PlaneGroup::identity);
  CHECK(story_of("3 0 0; 0 3 0; 0 0 3").group == PlaneGroup::identity);  // the same map
  CHECK(story_of("1 0 5; 0 1 -2").group == PlaneGroup::translation);
  CHECK(story_of("0 1 0; -1 0 0").group == PlaneGroup::euclidean);
  CHECK(story_of("-1 0 0; 0 1 0").group == PlaneGroup::euclidean);
  CHECK(story_of("0 2 7; -2 0 1").group == PlaneGroup::similarity);
  CHECK(story_of("1 0.5 0; 0 1 0").group == PlaneGroup::affine);
  CHECK(story_of("2 0 0; 0 3 0").group == PlaneGroup::affine);
  CHECK(story_of("1 0 0; 0 1 0; 0.001 0 1").group == PlaneGroup::projective);
  CHECK(story_of("0 0 1; 0 1 0; 1 0 0").group == PlaneGroup::projective);
  CHECK(story_of("1 2 0; 2 4 0").group == PlaneGroup::singular);
  const int freedom[] = {0, 2, 3, 4, 6, 8};
  const char* examples[] = {"1 0 0; 0 1 0", "1 0 1; 0 1 0", "0 1 0; -1 0 0",
                            "2 0 0; 0 2 0", "1 1 0; 0 1 0", "1 0 0; 0 1 0; 0.1 0 1"};
  for (int i = 0; i < 6; ++i) CHECK(story_of(examples[i]).degrees_of_freedom == freedom[i]);
}

TEST_CASE("explain matrix: the factors multiply back to the matrix, for a thousand random ones") {
  Rng rng(4, 1);
  for (int k = 0; k < 1000; ++k) {
    Matrix3 H;
    for (double& v : H) v = rng.normal();
    H[6] *= 0.1, H[7] *= 0.1, H[8] = 1 + 0.3 * rng.uniform();
    const MatrixStory s = explain_matrix(H);
    if (!s.factored) continue;
    const Matrix3 back = compose(s);
    double largest = 1;
    for (double v : H) largest = std::max(largest, std::abs(v));
    for (size_t i = 0; i < 9; ++i) CHECK(std::abs(back[i] - H[i] / H[8]) <= 1e-9 * largest * (1 + std::abs(s.shear)));
  }
}

TEST_CASE("explain matrix: made from known factors, it tells them") {
  MatrixStory known;
  known.sx = 2, known.sy = 0.5, known.shear = 0.25, known.angle_deg = -30, known.tx = 10, known.ty = -4,
  known.g = 0.001;
  const MatrixStory s = explain_matrix(compose(known));
  CHECK(s.sx == Approx(2));
  CHECK(s.sy == Approx(0.5));
  CHECK(s.shear == Approx(0.25));
  CHECK(s.angle_deg == Approx(-30));
  CHECK(s.tx == Approx(10));
  CHECK(s.ty == Approx(-4));
  CHECK(s.g == Approx(0.001));
  CHECK(s.h == Approx(0).margin(1e-15));
  CHECK_THAT(told(s), Catch::Contains("rotation by 30 degrees clockwise") && Catch::Contains("shear by 0.25") &&
                          Catch::Contains("scale by 2 along x and 0.5 along y"));
}

TEST_CASE("explain matrix: a rotation about a point names the point, a mirror image says so") {
  const MatrixStory turn = explain_matrix(about(rotation3(40), 12, 7));
  CHECK_THAT(told(turn),
             Catch::Contains("rotation by 40 degrees counter-clockwise as the picture is seen, about (12, 7)"));
  REQUIRE(turn.fixed_point);
  CHECK(turn.fixed_point->first == Approx(12));
  const MatrixStory flip = story_of("-1 0 99; 0 1 0");
  CHECK(flip.mirrors);
  CHECK_THAT(told(flip), Catch::Contains("mirror image"));
  CHECK_THAT(join(flip.loses, ", "), Catch::Contains("orientation"));
  CHECK_THAT(told(story_of("1 0 0; 0 1 0; 0.01 0 1")),
             Catch::Contains("0.01 x + 0 y + 1 = 0") && Catch::Contains("meet at (100, 0)"));
}
