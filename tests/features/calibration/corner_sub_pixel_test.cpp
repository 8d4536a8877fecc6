#include "assay/features/calibration/corner_sub_pixel.h"

#include "assay/core/error.h"
#include "assay/imgproc/io/image_file.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"
#include "tests/support/paths.h"
#include "tests/support/rendered_board.h"

using namespace assay;

TEST_CASE("corner_sub_pixel: a crossing between two pixels, from up to two pixels away") {
  cv::Mat image(40, 40, CV_8U, cv::Scalar(30));
  image(cv::Rect(0, 0, 21, 18)).setTo(200);
  image(cv::Rect(21, 18, 19, 22)).setTo(200);
  SubPixelParams p;
  p.window = 5;
  for (const cv::Point2d& start : {cv::Point2d(20, 17), {22, 19}, {19, 18}}) {
    std::vector<cv::Point2d> corners{start};
    refine_corners(image, p, corners);
    CHECK(corners[0].x == Approx(20.5).margin(2e-3));
    CHECK(corners[0].y == Approx(17.5).margin(2e-3));
  }
}

TEST_CASE("corner_sub_pixel: at rest the weighted distances to the edge lines balance") {
  test::View view;
  view.turn_x = 0.4, view.turn_z = 0.2;
  const test::RenderedBoard drawn;
  const cv::Matx33d H = view.homography();
  const cv::Mat image = test::render(drawn, H);
  std::vector<cv::Point2d> corners = test::true_corners(drawn, H);
  const std::vector<cv::Point2d> truth = corners;
  for (cv::Point2d& c : corners) c += cv::Point2d(0.7, -0.6);
  SubPixelParams p;
  p.tolerance = 1e-5, p.max_iter = 100;
  refine_corners(image, p, corners);
  std::vector<cv::Point2d> again = corners;
  p.max_iter = 1;
  refine_corners(image, p, again);
  for (size_t i = 0; i < corners.size(); ++i) {
    CHECK(cv::norm(corners[i] - truth[i]) < 0.1);  // values between sharp pixels are not exact
    CHECK(cv::norm(corners[i] - again[i]) < 1e-4);
  }
}

TEST_CASE("corner_sub_pixel: the fast form is the textbook one, at the border too") {
  for (int type : {CV_8U, CV_32F}) {
    const cv::Mat image = test::scene(60, 70, type);
    for (int window : {1, 3, 8, 11, 24}) {
      std::vector<cv::Point2d> corners;
      for (int i = 0; i < 30; ++i) corners.emplace_back(1.3 + 2.27 * i, 58.2 - 1.9 * i);
      std::vector<cv::Point2d> plain = corners;
      SubPixelParams p;
      p.window = window, p.max_iter = 2;
      refine_corners(image, p, corners);
      refine_corners_plainly(image, p, plain);
      for (size_t i = 0; i < corners.size(); ++i) {
        CAPTURE(type, window, i);
        CHECK(corners[i].x == Approx(plain[i].x).margin(2e-3));
        CHECK(corners[i].y == Approx(plain[i].y).margin(2e-3));
      }
    }
  }
}

TEST_CASE("corner_sub_pixel: what has no corner stays where it was") {
  const cv::Mat image(30, 30, CV_8U, cv::Scalar(80));
  std::vector<cv::Point2d> corners{{10.25, 11.5}, {0, 0}};
  refine_corners(image, {}, corners);
  CHECK(corners[0] == cv::Point2d(10.25, 11.5));
  CHECK(corners[1] == cv::Point2d(0, 0));
  SubPixelParams p;
  p.window = 0;
  CHECK_THROWS_AS(refine_corners(image, p, corners), ParameterError);
  CHECK_THROWS_AS(refine_corners(cv::Mat(9, 9, CV_8UC3), {}, corners), DataError);
}

TEST_CASE("corner_sub_pixel: OpenCV's cornerSubPix on the photographs") {
  const nlohmann::json golden = test::golden("calibration.json");
  int corners_seen = 0;
  for (const auto& photo : golden.at("photographs")) {
    const cv::Mat image = read_image(test::dataset_path("chessboards/" + photo.at("name").get<std::string>() + ".jpg"));
    const std::vector<double> start = photo.at("start");
    for (int window : {5, 11}) {
      const std::vector<double> theirs = photo.at("window_" + std::to_string(window));
      std::vector<cv::Point2d> corners;
      for (size_t i = 0; i < 54; ++i) corners.emplace_back(start[2 * i], start[2 * i + 1]);
      SubPixelParams p;
      p.window = window;
      refine_corners(image, p, corners);
      for (size_t i = 0; i < 54; ++i, ++corners_seen) {
        CAPTURE(photo.at("name"), window, i);
        CHECK(cv::norm(corners[i] - cv::Point2d(theirs[2 * i], theirs[2 * i + 1])) < 2e-3);
      }
    }
  }
  CHECK(corners_seen == 13 * 2 * 54);
}
