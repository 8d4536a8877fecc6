#include "assay/features/corner/fast.h"

#include <set>

#include "assay/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

constexpr int kX[16] = {0, 1, 2, 3, 3, 3, 2, 1, 0, -1, -2, -3, -3, -3, -2, -1};
constexpr int kY[16] = {-3, -3, -2, -1, 0, 1, 2, 3, 3, 3, 2, 1, 0, -1, -2, -3};

// A grey picture whose circle around (3, 3) has `count` brighter pixels from the k-th on.
cv::Mat circle(int first, int count, int level) {
  cv::Mat image(7, 7, CV_8U, cv::Scalar(100));
  for (int k = first; k < first + count; ++k)
    image.at<uint8_t>(3 + kY[k % 16], 3 + kX[k % 16]) = static_cast<uint8_t>(level);
  return image;
}

}  // namespace

TEST_CASE("fast: nine pixels in a row on the circle are a corner, eight are not; by hand") {
  for (int first = 0; first < 16; ++first) {
    CHECK(fast(circle(first, 8, 150)).rows() == 0);
    for (int count : {9, 12, 16}) {
      const FeatureTable t = fast(circle(first, count, 150));
      REQUIRE(t.rows() == 1);
      CHECK(t.values == std::vector<double>{3, 3, 49});  // at 50 they are not brighter by more
      CHECK(fast(circle(first, count, 50)).values == std::vector<double>{3, 3, 49});
    }
    CHECK(fast(circle(first, 9, 111)).rows() == 1);
    CHECK(fast(circle(first, 9, 110)).rows() == 0);  // more than 10, not 10
  }
  FastParams p;
  p.threshold = 0;
  CHECK(fast(circle(0, 9, 101), p).values == std::vector<double>{3, 3, 0});
}

TEST_CASE("fast: the response is the largest threshold at which the pixel is still a corner") {
  const cv::Mat image = test::scene(40, 50, CV_8U, 3);
  FastParams p;
  p.nms = false;
  const FeatureTable found = fast(image, p);
  REQUIRE(found.rows() > 5);
  for (size_t i = 0; i < found.rows(); ++i) {
    const int x = static_cast<int>(found.at(i, 0)), y = static_cast<int>(found.at(i, 1));
    const cv::Mat around = image(cv::Rect(x - 3, y - 3, 7, 7));
    p.threshold = found.at(i, 2);
    CHECK(fast(around, p).rows() == 1);
    p.threshold += 1;
    CHECK(fast(around, p).rows() == 0);
  }
}

TEST_CASE("fast: turned and mirrored pictures have the turned and mirrored responses; one scale for every depth") {
  for (int type : {CV_8U, CV_16U, CV_32F}) {
    const cv::Mat image = test::random_image(61, 147, type, 4), R = fast_response(image);
    CHECK(cv::countNonZero(R) > 100);
    CHECK(test::same_pixels(fast_response(test::rotate_90(image)), test::rotate_90(R)));
    CHECK(test::same_pixels(fast_response(test::flip_lr(image)), test::flip_lr(R)));
    CHECK(test::same_pixels(R, fast_response_textbook(image)));
    CHECK(test::same_pixels(R, fast_response(image, {}, Context(0, 2))));
  }
  const cv::Mat bytes = test::scene(60, 70, CV_8U);
  cv::Mat words;
  bytes.convertTo(words, CV_16U, 257);
  const FeatureTable a = fast(bytes), b = fast(words);
  REQUIRE(a.rows() == b.rows());
  for (size_t i = 0; i < a.rows(); ++i) CHECK(a.at(i, 2) == Approx(b.at(i, 2)).margin(1));
}

TEST_CASE("fast: the corners are those of the response at every pixel, at every width, depth and threshold") {
  for (const int columns : {7, 69, 70, 71, 134, 197})
    for (const int type : {CV_8U, CV_16U, CV_32F})
      for (const double threshold : {0.0, 10.0, 60.0, 255.0})
        for (const bool nms : {false, true}) {
          const cv::Mat image = columns > 100 ? test::scene(75, columns, type) : test::random_image(75, columns, type);
          FastParams p;
          p.threshold = threshold, p.nms = nms;
          FastParams one_less =
              p;  // where the response is 0 and threshold 0, a corner may be all the same: by its list
          one_less.nms = false;
          const cv::Mat_<float> R = fast_response_textbook(image, p);
          std::set<std::pair<int, int>> candidates;
          const FeatureTable all = fast(image, one_less), found = fast(image, p);
          for (size_t i = 0; i < all.rows(); ++i)
            candidates.emplace(static_cast<int>(all.at(i, 0)), static_cast<int>(all.at(i, 1)));
          CAPTURE(columns, type, threshold, nms);
          if (threshold > 0) CHECK(candidates.size() == static_cast<size_t>(cv::countNonZero(R)));
          size_t expected = 0;
          for (const auto& [x, y] : candidates) {
            bool is = true;
            for (int j = -1; j <= 1; ++j)
              for (int i = -1; i <= 1; ++i)
                is = is && ((i == 0 && j == 0) || candidates.count({x + i, y + j}) == 0 || R(y + j, x + i) < R(y, x));
            expected += !nms || is;
          }
          REQUIRE(found.rows() == expected);
          for (size_t i = 0; i < found.rows(); ++i) {
            const int x = static_cast<int>(found.at(i, 0)), y = static_cast<int>(found.at(i, 1));
            REQUIRE(found.at(i, 2) == double{R(y, x)});
            if (i > 0) REQUIRE(found.at(i, 2) <= found.at(i - 1, 2));
          }
          if (columns == 134) CHECK(test::same_pixels(cv::Mat(R), fast_response(image, p)));
        }
}

TEST_CASE("fast: nothing to find is an empty list") {
  CHECK(fast(cv::Mat(20, 20, CV_8U, cv::Scalar(77))).rows() == 0);
  CHECK(fast(cv::Mat(1, 1, CV_8U, cv::Scalar(77))).rows() == 0);
  CHECK(fast(test::random_image(6, 100, CV_8U)).rows() == 0);
  CHECK_THROWS_AS(fast(test::random_image(9, 9, CV_8UC3)), DataError);
}

TEST_CASE("fast: the corners of OpenCV with their responses, and those of scikit-image") {
  const nlohmann::json golden = test::golden("corners.json");
  int cases = 0;
  for (const char* group : {"fast_opencv", "fast_skimage"})
    for (const auto& c : golden.at(group).at("cases")) {
      CAPTURE(group, c.at("input").dump(), c.at("threshold").dump());
      FastParams p;
      p.threshold = c.at("threshold");
      p.nms = c.value("nms", false);
      const FeatureTable found = fast(test::golden_input(c.at("input")), p);
      std::set<std::vector<double>> got, want;
      for (size_t i = 0; i < found.rows(); ++i) {
        got.insert({found.at(i, 0), found.at(i, 1)});
        if (p.nms) got.insert({found.at(i, 0), found.at(i, 1), found.at(i, 2)});
      }
      for (const auto& q : c.at("points")) {
        want.insert({q[0].get<double>(), q[1].get<double>()});
        if (p.nms) want.insert({q[0].get<double>(), q[1].get<double>(), q[2].get<double>()});
      }
      CHECK(got == want);
      ++cases;
    }
  CHECK(cases == 18);
}
