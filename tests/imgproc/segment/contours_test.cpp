#include "assay/imgproc/segment/contours.h"

#include "assay/core/input.h"
#include "assay/imgproc/segment/components.h"
#include "assay/imgproc/segment/polygon.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"
#include "tests/support/scratch.h"

using namespace assay;

namespace {

cv::Mat squares() {  // a frame with a square in its hole
  cv::Mat image(20, 24, CV_8U, cv::Scalar(0));
  image(cv::Rect(2, 3, 16, 12)).setTo(255);
  image(cv::Rect(4, 5, 12, 8)).setTo(0);
  image(cv::Rect(8, 7, 4, 3)).setTo(255);
  image.at<uint8_t>(18, 22) = 255;
  return image;
}

int depth(const std::vector<Contour>& contours, size_t k) {
  int d = 0;
  for (int i = contours[k].parent; i >= 0; i = contours[static_cast<size_t>(i)].parent) ++d;
  return d;
}

}  // namespace

TEST_CASE("contours: a frame has two, what is within has its hole as parent, a pixel alone is a contour of one point") {
  const std::vector<Contour> c = find_contours(squares());
  REQUIRE(c.size() == 4);
  CHECK((!c[0].hole && c[0].parent == -1));
  CHECK((c[1].hole && c[1].parent == 0));
  CHECK((!c[2].hole && c[2].parent == 1));
  CHECK((!c[3].hole && c[3].parent == -1));
  CHECK(c[3].points == std::vector<cv::Point>{{22, 18}});
  CHECK(std::abs(signed_area(c[0].points)) == 15 * 11);
  CHECK(perimeter(c[0].points) == 2 * (15 + 11));
  CHECK(std::abs(signed_area(c[1].points)) ==
        13 * 9 - 2);  // through white pixels around the hole, corners cut: 4 times 1/2
  CHECK(c[0].points[0] == cv::Point(2, 3));
}

TEST_CASE("contours: steps go to neighbours, and all border pixels are on a contour") {
  for (int width : {53, 64, 150}) {  // words of 64 pixels
    const double share = width == 53 ? 0.3 : width == 64 ? 0.7 : 0.5;
    cv::Mat image(41, width, CV_8U);
    Rng rng(4, 1);
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x) image.at<uint8_t>(y, x) = rng.uniform() < share;
    const std::vector<Contour> contours = find_contours(image);
    cv::Mat drawn(image.size(), CV_8U, cv::Scalar(0));
    size_t outer = 0;
    for (const Contour& c : contours) {
      outer += !c.hole;
      for (size_t i = 0; i < c.points.size(); ++i) {
        const cv::Point step = c.points[(i + 1) % c.points.size()] - c.points[i];
        REQUIRE(std::max(std::abs(step.x), std::abs(step.y)) <= 1);
        drawn.at<uint8_t>(c.points[i]) = 1;
      }
    }
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x) {
        const auto black = [&](int i, int j) {
          return i < 0 || j < 0 || i >= image.cols || j >= image.rows || image.at<uint8_t>(j, i) == 0;
        };
        const bool border = !black(x, y) && (black(x - 1, y) || black(x + 1, y) || black(x, y - 1) || black(x, y + 1));
        REQUIRE(drawn.at<uint8_t>(y, x) == border);
      }
    cv::Mat_<int> labels;
    CHECK(outer == label_components(image, PathNeighbours::eight, labels).size());  // one outer border a component
    const size_t black_regions = label_components(image == 0, PathNeighbours::four, labels).size();
    cv::Mat padded(image.rows + 2, image.cols + 2, CV_8U, cv::Scalar(0));
    image.copyTo(padded(cv::Rect(1, 1, image.cols, image.rows)));
    CHECK(contours.size() - outer == label_components(padded == 0, PathNeighbours::four, labels).size() - 1);
    CHECK(black_regions > 0);
    for (int depth : {CV_16U, CV_32F}) {
      cv::Mat other;
      image.convertTo(other, depth, 0.25 / 255 + (depth == CV_16U ? 256 : 0));
      const std::vector<Contour> same = find_contours(other);
      REQUIRE(same.size() == contours.size());
      for (size_t k = 0; k < same.size(); ++k) REQUIRE(same[k].points == contours[k].points);
    }
  }
}

// cv2.findContours(255 * (input > 100), RETR_TREE, CHAIN_APPROX_NONE) of OpenCV 4.6.0, 2026-11-28: number, holes, points, and the
// sums of contourArea, arcLength, depth in the tree, contourArea(convexHull), and of the area of minAreaRect
TEST_CASE("contours: numbers and measures of OpenCV") {
  struct Peer {
    const char* input;
    size_t count, holes, points;
    double area, length, depth, hull, rectangle;
  };
  for (const Peer& peer :
       {Peer{"u8_64x65.png", 387, 386, 3318, 6078.0, 4254.951023340225, 386, 6727.0, 7274.888843758261},
        Peer{"u8_37x29.png", 102, 95, 868, 1383.0, 1096.4448626041412, 99, 1599.0, 1726.9697882855176},
        Peer{"smooth8_64x65.png", 17, 15, 671, 3831.5, 761.7127648591995, 15, 4447.0, 4658.943796913902}}) {
    CAPTURE(peer.input);
    const std::vector<Contour> contours = find_contours(test::golden_input(peer.input) > 100);
    CHECK(contours.size() == peer.count);
    size_t holes = 0, points = 0;
    double area = 0, length = 0, depths = 0, hulls = 0, rectangles = 0;
    for (size_t k = 0; k < contours.size(); ++k) {
      const Contour& c = contours[k];
      holes += c.hole;
      points += c.points.size();
      area += std::abs(signed_area(c.points));
      length += perimeter(c.points);
      depths += depth(contours, k);
      const std::vector<cv::Point> hull = convex_hull(c.points);
      hulls += signed_area(hull);
      const TurnedRectangle r = least_rectangle(hull);
      rectangles += r.width * r.height;
    }
    CHECK(holes == peer.holes);
    CHECK(points == peer.points);
    CHECK(area == peer.area);
    CHECK(length == Approx(peer.length).epsilon(1e-6));  // OpenCV adds up in f32
    CHECK(depths == peer.depth);
    CHECK(hulls == peer.hull);
    CHECK(rectangles == Approx(peer.rectangle).epsilon(1e-5));
  }
}

TEST_CASE("polygon: moments, hull and least rectangle of a turned rectangle and of degenerate sets") {
  const std::vector<cv::Point> turned{{10, 0}, {40, 40}, {32, 46}, {2, 6}};  // 50 x 10, along (3, 4) / 5
  CHECK(signed_area(turned) == 500);
  const PolygonMoments m = moments(turned);
  CHECK(m.m10 / m.m00 == Approx(21));
  CHECK(m.m01 / m.m00 == Approx(23));
  const TurnedRectangle r = least_rectangle(convex_hull(turned));
  CHECK(r.width * r.height == Approx(500));
  CHECK(r.x == Approx(21));
  CHECK(r.y == Approx(23));
  CHECK(r.angle_rad == Approx(std::atan2(4, 3)));
  CHECK(r.width == Approx(50));
  const PolygonMoments square = moments({{0, 0}, {6, 0}, {6, 6}, {0, 6}});
  CHECK(square.m20 == Approx(6.0 * 6 * 6 * 6 / 3));
  CHECK(square.m11 == Approx(18.0 * 18));
  CHECK(convex_hull({{0, 0}, {1, 1}, {2, 2}, {4, 0}, {2, 0}, {1, 0}}).size() == 3);
  CHECK(convex_hull({{5, 5}, {5, 5}}).size() == 1);
  CHECK(least_rectangle(convex_hull({{0, 0}, {3, 4}})).width + least_rectangle(convex_hull({{0, 0}, {3, 4}})).height ==
        Approx(5));
}

TEST_CASE("contours: the tables have a line a contour and a line a point") {
  test::Scratch folder;
  ContoursParams p;
  p.table = folder / "c.csv";
  p.points = folder / "p.csv";
  cv::Mat out;
  const ImageFacts facts = apply_op<Contours>(p, squares(), out, {});
  CHECK(facts[0].second == 4);
  CHECK(facts[1].second == 1);
  const std::string table(Input::open(p.table).bytes()), points(Input::open(p.points).bytes());
  CHECK(std::count(table.begin(), table.end(), '\n') == 5);
  CHECK(table.find("\n0,-1,0,52,165.0,52.0000,9.5000,8.5000,2,3,16,12,165.0,9.5000,8.5000,15.0000,11.0000,0.0000\n") !=
        std::string::npos);
  CHECK(points.find("\n3,22,18\n") != std::string::npos);
}
