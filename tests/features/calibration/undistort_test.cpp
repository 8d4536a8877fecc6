#include "assay/features/calibration/undistort.h"

#include "assay/core/error.h"
#include "assay/features/calibration/chessboard.h"
#include "assay/features/calibration/undistort_kernels.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"
#include "tests/support/rendered_board.h"

using namespace assay;

namespace {

Camera lens_camera() {
  Camera c;
  c.size = {640, 480};
  c.fx = c.fy = 530, c.cx = 322, c.cy = 236;
  c.k1 = -0.27, c.k2 = 0.05, c.p1 = 0.0012, c.p2 = -0.0008;
  return c;
}

}  // namespace

TEST_CASE("undistort: no lens, the same matrix: the picture, bit for bit") {
  Camera c = lens_camera();
  c.k1 = c.k2 = c.p1 = c.p2 = 0;
  for (int type : {CV_8U, CV_8UC3, CV_16U, CV_32F}) {
    const cv::Mat image = test::random_image(480, 640, type, 2);
    cv::Mat out;
    undistort(c, c, {}, image, out);
    CHECK(test::same_pixels(out, image));
  }
}

TEST_CASE("undistort: along a row the lens is the camera's own, to the last place of single precision") {
  Camera c = lens_camera();
  c.fy = 560, c.k3 = 0.11, c.p1 = 0.02, c.p2 = -0.03, c.skew = 7;
  const auto lens = c.values();
  std::vector<float> u(640), v(640);
  for (double y : {-0.44, 0.0, 0.13, 0.61}) {
    const double x0 = -0.6, dx = 0.0019;
    lens_row(lens.data(), x0, dx, y, 640, u.data(), v.data());
    double off = 0;
    for (int i = 0; i < 640; ++i) {
      const cv::Point2d p = to_pixel(c, {x0 + i * dx, y}), found(u[static_cast<size_t>(i)], v[static_cast<size_t>(i)]);
      off = std::max({off, std::abs(found.x - p.x), std::abs(found.y - p.y)});
    }
    CAPTURE(y);
    CHECK(off < 3.06e-5);  // half a step below 1024
  }
}

TEST_CASE("undistort: a rendered board is straight again") {
  const Camera c = lens_camera();
  test::View view;
  view.f = 530, view.centre = {322, 236}, view.turn_x = 0.2;
  const cv::Matx33d H = view.homography(), inverse = H.inv();
  const test::RenderedBoard drawn;
  // seen through the lens: pixel -> ideal pixel -> board
  const cv::Mat image = test::render(drawn, [&](cv::Point2d p) {
    const auto q = from_pixel(c, p);
    return test::map_point(inverse, {c.fx * q->x + c.cx, c.fy * q->y + c.cy});
  });
  Camera shown = c;
  cv::Mat straight;
  undistort(c, shown, {}, image, straight);
  const Chessboard before = find_chessboard(image), after = find_chessboard(straight);
  REQUIRE(before.found());
  REQUIRE(after.found());
  const std::vector<cv::Point2d> truth = test::true_corners(drawn, H);
  double off = 0, bent = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    off = std::max(off, cv::norm(after.corners[i] - truth[i]));
    bent = std::max(bent, cv::norm(before.corners[i] - truth[i]));
  }
  CHECK(off < 0.25);
  CHECK(bent > 4);
}

TEST_CASE("undistort: alpha 0 shows only what was seen, alpha 1 everything that was") {
  const Camera c = lens_camera();
  const cv::Mat white(480, 640, CV_8U, cv::Scalar(255));
  cv::Mat out;
  const Camera inner = shown_camera(c, 0, c.size);
  undistort(c, inner, {}, white, out);
  int dark = 0;
  for (int y = 1; y < 479; ++y)
    for (int x = 1; x < 639; ++x) dark += out.at<uint8_t>(y, x) < 250;
  CHECK(dark == 0);
  const Camera outer = shown_camera(c, 1, {800, 500});
  for (double x = 0; x < 640; x += 1)
    for (double y : {0.0, 240.0, 479.0}) {
      const auto p = from_pixel(c, {x, y});
      REQUIRE(p);
      CHECK(outer.fx * p->x + outer.cx > -1e-6);
      CHECK(outer.fx * p->x + outer.cx < 799 + 1e-6);
      CHECK(outer.fy * p->y + outer.cy > -1e-6);
      CHECK(outer.fy * p->y + outer.cy < 499 + 1e-6);
    }
  undistort(c, outer, {}, white, out);
  CHECK(out.size() == cv::Size(800, 500));
  CHECK(out.at<uint8_t>(0, 400) == 0);  // the lens reaches furthest in the corners
  CHECK(out.at<uint8_t>(250, 400) == 255);
}

TEST_CASE("undistort: pictures of another size, lenses that fold") {
  const Camera c = lens_camera();
  cv::Mat out;
  CHECK_THROWS_AS(undistort(c, c, {}, cv::Mat(479, 640, CV_8U, cv::Scalar(1)), out), DataError);
  Camera fold = c;
  fold.k1 = -0.9, fold.k2 = 0;
  CHECK_THROWS_AS(shown_camera(fold, 0, c.size), DataError);
}

TEST_CASE("undistort: one thread and seven give the same bytes") {
  const Camera c = lens_camera();
  const cv::Mat image = test::scene(480, 640, CV_8UC3);
  cv::Mat one, seven;
  undistort(c, c, {}, image, one, Context(0, 1));
  undistort(c, c, {}, image, seven, Context(0, 7));
  CHECK(test::same_pixels(one, seven));
}
