#include "assay/features/hough/segments.h"

#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "tests/features/hough/drawn.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

cv::Mat clutter(int rows, int cols, double density, uint64_t seed) {
  Rng rng(seed, 9);
  cv::Mat edges(rows, cols, CV_8U, cv::Scalar(0));
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x)
      if (rng.uniform() < density) edges.at<uint8_t>(y, x) = 255;
  return edges;
}

}  // namespace

TEST_CASE("segments: a horizontal stroke from 20 to 90 is one segment with these ends") {
  cv::Mat edges(60, 120, CV_8U, cv::Scalar(0));
  edges(cv::Rect(20, 31, 71, 1)).setTo(255);
  const FeatureTable table = segments(edges);
  REQUIRE(table.rows() == 1);
  CHECK(std::min(table.at(0, 0), table.at(0, 2)) == Approx(20).margin(1e-6));
  CHECK(std::max(table.at(0, 0), table.at(0, 2)) == Approx(90).margin(1e-6));
  CHECK(table.at(0, 1) == Approx(31).margin(1e-6));
  CHECK(table.at(0, 3) == Approx(31).margin(1e-6));
}

TEST_CASE("segments: a drawn line is one segment at every angle, its ends where it ends") {
  double sum = 0;
  int drawn = 0;
  for (double degrees = 2; degrees < 180; degrees += 5.3) {
    const double theta = degrees * CV_PI / 180;
    const Line truth{160 * std::cos(theta) + 120 * std::sin(theta), theta};
    cv::Mat edges(240, 320, CV_8U, cv::Scalar(0));
    test::draw_edge_line(edges, truth, 90);
    const FeatureTable table = segments(edges);
    CAPTURE(degrees);
    REQUIRE(table.rows() == 1);
    const double length = std::hypot(table.at(0, 2) - table.at(0, 0), table.at(0, 3) - table.at(0, 1));
    CHECK(length > 176);
    CHECK(length < 181.5);
    for (int end : {0, 2}) {
      const double d = table.at(0, static_cast<size_t>(end)) * std::cos(theta) +
                       table.at(0, static_cast<size_t>(end) + 1) * std::sin(theta);
      sum += std::abs(d - truth.rho);
      ++drawn;
    }
  }
  CHECK(sum / drawn < 0.15);
}

TEST_CASE("segments: gaps are bridged up to max-gap, and what is shorter than min-length is dropped") {
  cv::Mat edges(40, 200, CV_8U, cv::Scalar(0));
  edges(cv::Rect(10, 20, 60, 1)).setTo(255);
  edges(cv::Rect(78, 20, 60, 1)).setTo(255);  // 8 pixels between them
  SegmentsParams p;
  p.votes = 20.0;
  p.max_gap = 7;
  CHECK(segments(edges, p).rows() == 2);
  p.max_gap = 8;
  CHECK(segments(edges, p).rows() == 1);
  p.min_length = 128;
  CHECK(segments(edges, p).rows() == 0);
}

TEST_CASE("segments: counted by batches they are the paper's, pixel by pixel") {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    cv::Mat edges = clutter(150, 200, 0.02 * static_cast<double>(seed % 3), seed);
    for (int i = 0; i < 6; ++i) {
      const double theta = 0.1 + 0.5 * i;
      test::draw_edge_line(edges, {100 * std::cos(theta) + 75 * std::sin(theta) + 9 * i - 27, theta}, 60);
    }
    SegmentsParams p;
    if (seed > 2) p.votes = 12.0;  // many cells to look at
    const FeatureTable fast = segments(edges, p, Context(seed, 1)),
                       slow = segments_textbook(edges, p, Context(seed, 1));
    CHECK(fast.rows() >= 4);
    CHECK(fast.values == slow.values);
    CHECK(segments(edges, p, Context(seed, 7)).values == fast.values);
  }
}

TEST_CASE("segments: nothing to find is an empty table; mistakes are refused") {
  CHECK(segments(cv::Mat(1, 1, CV_8U, cv::Scalar(255))).rows() == 0);
  CHECK(segments(cv::Mat(30, 30, CV_8U, cv::Scalar(0))).rows() == 0);
  CHECK(segments(cv::Mat(30, 30, CV_8U, cv::Scalar(255))).rows() == 0);
  CHECK(segments(clutter(120, 160, 0.05, 1)).rows() == 0);
  CHECK_THROWS_AS(segments(cv::Mat()), DataError);
  CHECK_THROWS_AS(segments(cv::Mat(1, 40000, CV_8U, cv::Scalar(0))), DataError);
  SegmentsParams p;
  p.max_gap = -1;
  CHECK_THROWS_AS(segments(cv::Mat(9, 9, CV_8U, cv::Scalar(0)), p), ParameterError);
}
