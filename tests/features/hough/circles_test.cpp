#include "assay/features/hough/circles.h"

#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

// A grey disc on grey: each pixel is the mean of 8 x 8 points.
void draw_disc(cv::Mat& image, double x, double y, double r, int value) {
  for (int py = 0; py < image.rows; ++py)
    for (int px = 0; px < image.cols; ++px) {
      if (std::abs(std::hypot(px - x, py - y) - r) > 2 && std::hypot(px - x, py - y) > r) continue;
      int inside = 0;
      for (int i = 0; i < 64; ++i)
        inside += std::hypot(px + (i % 8 + 0.5) / 8 - 0.5 - x, py + (i / 8 + 0.5) / 8 - 0.5 - y) <= r;
      uint8_t& v = image.at<uint8_t>(py, px);
      v = static_cast<uint8_t>(std::lround(v + (value - v) * inside / 64.0));
    }
}

}  // namespace

TEST_CASE("circles: a drawn disc is one circle, its centre and radius found to a tenth of a pixel") {
  Rng rng(7, 3);
  for (double r = 11; r < 70; r += 6.3) {
    const double x = 100 + rng.uniform(), y = 90 + rng.uniform();
    cv::Mat image(180, 200, CV_8U, cv::Scalar(80));
    draw_disc(image, x, y, r, rng.below(2) ? 160 : 10);
    const FeatureTable table = circles(image);
    CAPTURE(r, x, y);
    REQUIRE(table.rows() == 1);
    CHECK(std::hypot(table.at(0, 0) - x, table.at(0, 1) - y) < 0.1);
    CHECK(std::abs(table.at(0, 2) - r) < 0.1);
    CHECK(table.at(0, 3) > 0.8 * 2 * CV_PI * r);
  }
}

TEST_CASE("circles: concentric rings are circles of their own; noise takes a third of a pixel at most") {
  cv::Mat image(200, 220, CV_8U, cv::Scalar(60));
  draw_disc(image, 70.3, 90.6, 50, 140);
  draw_disc(image, 70.3, 90.6, 28, 220);
  draw_disc(image, 165.2, 150.8, 22, 150);
  Rng rng(3, 3);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      image.at<uint8_t>(y, x) = cv::saturate_cast<uchar>(image.at<uint8_t>(y, x) + 8 * rng.normal());
  const FeatureTable table = circles(image);
  REQUIRE(table.rows() == 3);
  const double truth[3][3] = {{70.3, 90.6, 50}, {70.3, 90.6, 28}, {165.2, 150.8, 22}};
  for (size_t i = 0; i < 3; ++i) {
    CHECK(std::hypot(table.at(i, 0) - truth[i][0], table.at(i, 1) - truth[i][1]) < 0.3);
    CHECK(std::abs(table.at(i, 2) - truth[i][2]) < 0.3);
  }
}

TEST_CASE("circles: one scale for every depth; radii and support bound what is found") {
  cv::Mat image(120, 160, CV_8U, cv::Scalar(90));
  draw_disc(image, 60, 60, 30, 180);
  cv::Mat words, reals;
  image.convertTo(words, CV_16U, 257);
  image.convertTo(reals, CV_32F, 1 / 255.0);
  const FeatureTable bytes = circles(image);
  REQUIRE(bytes.rows() == 1);
  for (const cv::Mat& other : {words, reals}) {
    const FeatureTable table = circles(other);
    REQUIRE(table.rows() == 1);
    for (size_t c = 0; c < 3; ++c) CHECK(table.at(0, c) == Approx(bytes.at(0, c)).margin(1e-3));
  }
  CirclesParams p;
  p.min_radius = 35;
  CHECK(circles(image, p).rows() == 0);
  p = {};
  p.max_radius = 25;
  CHECK(circles(image, p).rows() == 0);
  p = {};
  image.colRange(0, 60).setTo(90);  // half a disc
  p.support = 0.7;
  CHECK(circles(image, p).rows() == 0);
  p.support = 0.4;
  CHECK(circles(image, p).rows() == 1);
}

TEST_CASE("circles: straight edges and noise make none; nothing to find is an empty table") {
  cv::Mat square(120, 160, CV_8U, cv::Scalar(60));
  square(cv::Rect(40, 30, 60, 50)).setTo(200);
  CHECK(circles(square).rows() == 0);
  CirclesParams demanding;
  demanding.support = 0.7;  // among edges this dense, half a circle comes about by chance
  CHECK(circles(test::random_image(100, 120, CV_8U), demanding).rows() == 0);
  CHECK(circles(cv::Mat(1, 1, CV_8U, cv::Scalar(9))).rows() == 0);
  CHECK(circles(cv::Mat(1, 50, CV_8U, cv::Scalar(9))).rows() == 0);
  CHECK(circles(cv::Mat(40, 50, CV_8U, cv::Scalar(9))).rows() == 0);
  CHECK_THROWS_AS(circles(cv::Mat()), DataError);
  CHECK_THROWS_AS(circles(cv::Mat(9, 9, CV_8UC3, cv::Scalar::all(0))), DataError);
  CirclesParams p;
  p.max_radius = 5;
  CHECK_THROWS_AS(circles(square, p), ParameterError);
}

TEST_CASE("circles: threads 1, 2 and 7 give the same bits", "[parallel]") {
  const cv::Mat image = test::scene(300, 140, CV_8U);
  CirclesParams p;
  p.support = 0.2;
  const FeatureTable one = circles(image, p, Context(0, 1));
  CHECK(circles(image, p, Context(0, 2)).values == one.values);
  CHECK(circles(image, p, Context(0, 7)).values == one.values);
}
