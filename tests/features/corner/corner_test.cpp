#include "assay/features/corner/corner.h"

#include "assay/core/rng.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

std::vector<Corner> random_corners(size_t n, int width, int height, bool ties, uint64_t seed = 1) {
  Rng rng(seed, 5);
  std::vector<Corner> corners;
  for (size_t i = 0; i < n; ++i)
    corners.push_back({static_cast<int>(rng.below(static_cast<uint64_t>(width))),
                       static_cast<int>(rng.below(static_cast<uint64_t>(height))),
                       ties ? static_cast<double>(1 + rng.below(20)) : rng.uniform()});
  std::stable_sort(corners.begin(), corners.end(),
                   [](const Corner& a, const Corner& b) { return a.response > b.response; });
  return corners;
}

cv::Mat_<float> picture_of(const std::vector<Corner>& corners, int width, int height) {
  cv::Mat_<float> R(height, width, 0.0F);
  for (const Corner& c : corners) R(c.y, c.x) = static_cast<float>(c.response);
  return R;
}

}  // namespace

TEST_CASE("corners: local maxima by hand, of equal ones the first") {
  const cv::Mat_<float> R = (cv::Mat_<float>(4, 6) << 1, 0, 0, 0, 0, 2,  //
                             0, 0, 5, 5, 0, 0,                           //
                             0, 0, 0, 5, 0, -1,                          //
                             3, 0, 0, 0, 0, 4);
  const std::vector<Corner> found = find_maxima(R, 1.5F, {});
  REQUIRE(found.size() == 4);
  CHECK((found[0].x == 5 && found[0].y == 0 && found[0].response == 2));
  CHECK((found[1].x == 2 && found[1].y == 1 && found[1].response == 5));
  CHECK((found[2].x == 0 && found[2].y == 3 && found[2].response == 3));
  CHECK((found[3].x == 5 && found[3].y == 3 && found[3].response == 4));
  CHECK(find_maxima(R, 0.0F, {}).size() == 5);
  CHECK(find_maxima(cv::Mat_<float>(9, 9, 0.0F), 0.0F, {}).empty());
  CHECK(find_maxima(cv::Mat_<float>(1, 1, 2.0F), 0.0F, {}).size() == 1);
}

TEST_CASE("corners: local maxima are those of the definition, for any number of threads", "[parallel]") {
  for (const cv::Size size : {cv::Size(200, 150), cv::Size(64, 3), cv::Size(1, 70), cv::Size(131, 1)}) {
    const cv::Mat noise = test::random_image(size.height, size.width, CV_8U, 9);
    cv::Mat_<float> R;
    noise.convertTo(R, CV_32F);
    const float threshold = 100;
    std::vector<Corner> want;
    for (int y = 0; y < R.rows; ++y)
      for (int x = 0; x < R.cols; ++x) {
        bool largest = R(y, x) >= threshold;
        for (int j = std::max(0, y - 1); j <= std::min(R.rows - 1, y + 1); ++j)
          for (int i = std::max(0, x - 1); i <= std::min(R.cols - 1, x + 1); ++i)
            largest &= (j < y || (j == y && i < x)) ? R(j, i) < R(y, x) : R(j, i) <= R(y, x);
        if (largest) want.push_back({x, y, static_cast<double>(R(y, x))});
      }
    for (int threads : {1, 2, 7}) {
      const std::vector<Corner> got = find_maxima(R, threshold, Context(0, threads));
      REQUIRE(got.size() == want.size());
      for (size_t i = 0; i < got.size(); ++i) CHECK((got[i].x == want[i].x && got[i].y == want[i].y));
    }
  }
}

TEST_CASE("corners: suppression by radius keeps the strongest, none nearer than the distance, and drops nothing else") {
  const std::vector<Corner> corners = random_corners(400, 120, 90, false);
  CornerSelection p;
  p.suppression = CornerSuppression::radius, p.min_distance = 7;
  const std::vector<Corner> kept = select_corners(corners, picture_of(corners, 120, 90), p);
  REQUIRE(kept.size() > 30);
  CHECK(kept[0].response == corners[0].response);
  const auto near = [](const Corner& a, const Corner& b) { return std::hypot(a.x - b.x, a.y - b.y) < 7; };
  for (size_t i = 0; i < kept.size(); ++i)
    for (size_t j = 0; j < i; ++j) CHECK_FALSE(near(kept[i], kept[j]));
  for (const Corner& c : corners)
    CHECK(std::any_of(kept.begin(), kept.end(), [&](const Corner& k) {
      return (k.x == c.x && k.y == c.y) || (near(k, c) && k.response >= c.response);
    }));
}

TEST_CASE("corners: adaptive suppression by hand: a weak one alone stays before a strong one beside a stronger") {
  const std::vector<Corner> corners{{0, 0, 10}, {1, 0, 9.5}, {2, 0, 8}, {50, 0, 1}};
  const std::vector<double> r2 = suppression_radii(corners);
  CHECK(std::isinf(r2[0]));
  CHECK(std::isinf(r2[1]));  // 0.9 of 10 is not more than 9.5
  CHECK(r2[2] == 1);
  CHECK(r2[3] == 48 * 48);
  CornerSelection p;
  p.suppression = CornerSuppression::adaptive, p.max_features = 3;
  const std::vector<Corner> kept = select_corners(corners, picture_of(corners, 60, 1), p);
  REQUIRE(kept.size() == 3);
  CHECK(kept[2].x == 50);
}

TEST_CASE("corners: suppression radii from the grid are those of all pairs") {
  for (bool ties : {false, true})
    for (size_t n : {0, 1, 2, 30, 3000}) {
      const std::vector<Corner> corners = random_corners(n, 500, n == 30 ? 3 : 400, ties, n + 1);
      CHECK(suppression_radii(corners) == suppression_radii_textbook(corners));
    }
}
