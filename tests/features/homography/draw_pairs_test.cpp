#include "assay/features/homography/draw_pairs.h"

#include "tests/support/catch.h"
#include "tests/support/homography.h"
#include "tests/support/images.h"

using namespace assay;

TEST_CASE("draw pairs: side by side, a green line for an inlier, a red one for the other, yellow the frame") {
  const cv::Mat first(40, 60, CV_8U, cv::Scalar(100)), second(50, 30, CV_8UC3, cv::Scalar(0, 0, 0));
  const std::vector<PointPair> pairs{{10, 10, 10, 10}, {10, 30, 20, 30}};
  const cv::Mat drawing = draw_matches(first, second, pairs, {0}, Matrix3{0.25, 0, 5, 0, 0.25, 35, 0, 0, 1});
  REQUIRE(drawing.size() == cv::Size(90, 50));
  REQUIRE(drawing.type() == CV_8UC3);
  CHECK(drawing.at<cv::Vec3b>(45, 10) == cv::Vec3b(0, 0, 0));  // below the first picture
  CHECK(drawing.at<cv::Vec3b>(2, 2) == cv::Vec3b(60, 60, 60));
  const cv::Vec3b right = drawing.at<cv::Vec3b>(10, 40), wrong = drawing.at<cv::Vec3b>(30, 45);
  CHECK(right[1] > right[2] + 50);
  CHECK(wrong[2] > wrong[1] + 50);
  const cv::Vec3b frame = drawing.at<cv::Vec3b>(35, 72);  // the upper side of the frame: y 35, x from 65
  CHECK(frame[2] > 150);
  CHECK(frame[1] > 100);
}

TEST_CASE("draw pairs: an estimate over its own plane, also of equal points and across the horizon") {
  Rng rng(3);
  const Matrix3 H = test::random_homography(rng);
  const auto pairs = test::noisy_pairs(H, 30, 1, rng);
  const cv::Mat drawing = draw_estimate(pairs, {0, 1, 2}, H);
  CHECK(std::max(drawing.cols, drawing.rows) == 641);
  const std::vector<PointPair> same(5, PointPair{1, 1, 4, 4});
  CHECK(draw_estimate(same, {}, identity3).total() > 0);
  CHECK(draw_estimate(pairs, {}, {1, 0, 0, 0, 1, 0, 0.002, 0, -1}).total() > 0);
}
