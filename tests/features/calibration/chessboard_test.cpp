#include "assay/features/calibration/chessboard.h"

#include <algorithm>

#include "assay/core/error.h"
#include "assay/imgproc/color/gray.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/io/image_file.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"
#include "tests/support/paths.h"
#include "tests/support/rendered_board.h"

using namespace assay;

namespace {

ChessboardParams board(const char* size) {
  ChessboardParams p;
  p.board = size;
  return p;
}

// Root mean square distance, in the order given or the reverse.
double rms_apart(const std::vector<cv::Point2d>& a, const std::vector<cv::Point2d>& b) {
  if (a.size() != b.size() || a.empty()) return INFINITY;
  double forth = 0, back = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const cv::Point2d d = a[i] - b[i], e = a[i] - b[b.size() - 1 - i];
    forth += d.dot(d), back += e.dot(e);
  }
  return std::sqrt(std::min(forth, back) / static_cast<double>(a.size()));
}

std::vector<std::string> photographs() {
  std::vector<std::string> names;
  for (int i = 1; i <= 14; ++i)
    if (i != 10) names.push_back("left" + std::string(i < 10 ? "0" : "") + std::to_string(i));
  return names;
}
cv::Mat photograph(const std::string& name) { return read_image(test::dataset_path("chessboards/" + name + ".jpg")); }

cv::Mat with_noise(const cv::Mat& image, double sigma, uint64_t seed) {
  Rng rng(seed, 5);
  cv::Mat out = image.clone();
  for (int y = 0; y < out.rows; ++y)
    for (int x = 0; x < out.cols; ++x)
      out.at<uint8_t>(y, x) = cv::saturate_cast<uint8_t>(image.at<uint8_t>(y, x) + sigma * rng.normal());
  return out;
}

}  // namespace

TEST_CASE("chessboard: a board drawn square on, its corners where the squares end") {
  // 4 x 3 inner corners, squares of 20 pixels: corners at 59.5, 79.5, ... (between the pixels 59 and 60)
  cv::Mat image(160, 200, CV_8U, cv::Scalar(255));
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 5; ++i)
      if ((i + j) % 2 == 0) image(cv::Rect(40 + 20 * i, 40 + 20 * j, 20, 20)).setTo(0);
  const Chessboard found = find_chessboard(image, board("4x3"));
  REQUIRE(found.found());
  CHECK(found.reason.empty());
  REQUIRE(found.corners.size() == 12);
  for (int j = 0; j < 3; ++j)
    for (int i = 0; i < 4; ++i) {
      const cv::Point2d c = found.corners[static_cast<size_t>(4 * j + i)];
      CHECK(c.x == Approx(59.5 + 20 * i).margin(0.01));
      CHECK(c.y == Approx(59.5 + 20 * j).margin(0.01));
    }
}

TEST_CASE("chessboard: rendered boards with noise 3, corners to 0.04 px") {
  test::RenderedBoard drawn;
  drawn.noise = 3;
  Rng rng(7, 1);
  double sum = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    test::View view;
    view.turn_x = 1.0 * rng.uniform() - 0.5;
    view.turn_y = 1.0 * rng.uniform() - 0.5;
    view.turn_z = 0.6 * rng.uniform() - 0.3;
    view.at = {-4 + rng.uniform(), -2.5 + rng.uniform(), 12 + 6 * rng.uniform()};
    const cv::Matx33d H = view.homography();
    const Chessboard found = find_chessboard(test::render(drawn, H, seed));
    CAPTURE(seed, found.reason);
    REQUIRE(found.found());
    const double rms = rms_apart(found.corners, test::true_corners(drawn, H));
    CHECK(rms < 0.06);
    sum += rms;
  }
  CHECK(sum / 20 < 0.04);
}

TEST_CASE("chessboard: the numbering turns with the picture, never mirrors, and begins nearest to the top left") {
  test::RenderedBoard drawn;
  test::View view;
  view.turn_x = 0.3, view.turn_y = -0.2, view.turn_z = 0.15;
  cv::Mat image = test::render(drawn, view.homography());
  for (int quarter = 0; quarter < 4; ++quarter) {
    const Chessboard found = find_chessboard(image);
    CAPTURE(quarter, found.reason);
    REQUIRE(found.found());
    const auto& c = found.corners;
    const cv::Point2d along = c[8] - c[0], down = c[45] - c[0];
    CHECK(along.cross(down) > 0);
    CHECK(cv::norm(c[0]) <= cv::norm(c[53]));
    image = test::rotate_90(image);
  }
}

TEST_CASE("chessboard: a square board begins at the corner nearest to the top left, whichever way it is turned") {
  test::RenderedBoard drawn;
  drawn.columns = drawn.rows = 5;
  test::View view;
  view.at = {-2, -2, 10};
  view.turn_z = 0.2;
  cv::Mat image = test::render(drawn, view.homography());
  for (int quarter = 0; quarter < 4; ++quarter) {
    const Chessboard found = find_chessboard(image, board("5x5"));
    REQUIRE(found.found());
    for (size_t other : {4U, 20U, 24U}) CHECK(cv::norm(found.corners[0]) <= cv::norm(found.corners[other]));
    CHECK((found.corners[4] - found.corners[0]).cross(found.corners[20] - found.corners[0]) > 0);
    image = test::rotate_90(image);
  }
}

TEST_CASE("chessboard: small and large boards, in small and large pictures") {
  for (const auto& [columns, rows] : {std::pair{3, 2}, {3, 3}, {4, 7}, {14, 9}, {20, 15}})
    for (const double scale : {0.5, 1.0, 2.0}) {
      if (columns == 20 && scale < 1) continue;  // squares of eight pixels
      test::RenderedBoard drawn;
      drawn.columns = columns, drawn.rows = rows, drawn.noise = 2;
      drawn.size = cv::Size(static_cast<int>(640 * scale), static_cast<int>(480 * scale));
      test::View view;
      view.turn_x = 0.2, view.turn_y = 0.25;
      view.f = 600 * scale;
      view.centre = {320 * scale, 240 * scale};
      view.at = {-(columns - 1) / 2.0, -(rows - 1) / 2.0, 1.5 * std::max(columns, rows) + 4};
      const cv::Matx33d H = view.homography();
      const Chessboard found = find_chessboard(test::render(drawn, H),
                                               board((std::to_string(columns) + "x" + std::to_string(rows)).c_str()));
      CAPTURE(columns, rows, scale, found.reason);
      CHECK(found.found());
      if (columns != rows && found.found()) CHECK(rms_apart(found.corners, test::true_corners(drawn, H)) < 0.1);
    }
}

TEST_CASE("chessboard: a board of another size is refused, and the reason names what is there") {
  test::RenderedBoard drawn;
  test::View view;
  view.turn_x = 0.3;
  const cv::Mat image = test::render(drawn, view.homography());
  for (const char* size : {"8x6", "9x5", "8x5", "6x4", "3x3"}) {
    const Chessboard found = find_chessboard(image, board(size));
    CAPTURE(size, found.reason);
    CHECK_FALSE(found.found());
    CHECK(found.stage == ChessboardStage::size);
    CHECK(found.corners.empty());
  }
  for (const char* size : {"10x6", "9x7", "12x9"}) {
    const Chessboard found = find_chessboard(image, board(size));
    CAPTURE(size, found.reason);
    CHECK_FALSE(found.found());
    CHECK(found.stage == ChessboardStage::grid);
    CHECK(found.reason.find("54 of") == 0);
  }
  CHECK(find_chessboard(image, board("6x9")).found());
}

TEST_CASE("chessboard: a board half out of the picture is refused") {
  test::View view;
  view.at = {-7.5, -2.5, 14};
  const Chessboard found = find_chessboard(test::render({}, view.homography()));
  CHECK_FALSE(found.found());
  CHECK(found.stage == ChessboardStage::grid);
}

TEST_CASE("chessboard: pictures without one") {
  for (const cv::Size size :
       {cv::Size(1, 1), cv::Size(1, 300), cv::Size(23, 24), cv::Size(25, 30), cv::Size(400, 300)}) {
    CHECK_FALSE(find_chessboard(cv::Mat(size, CV_8U, cv::Scalar(90))).found());
    CHECK_FALSE(find_chessboard(test::random_image(size.height, size.width, CV_8U, 4)).found());
  }
  CHECK_FALSE(find_chessboard(test::scene(300, 400)).found());
  for (const char* name : {"astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "clock.png",
                           "coffee.png", "coins.png", "grass.png", "gravel.png", "rocket.jpg", "text.png"}) {
    cv::Mat image = read_image(test::dataset_path(std::string("pictures/") + name));
    if (image.channels() > 1) image = gray(image);
    for (const char* size : {"9x6", "5x4"}) {
      const Chessboard found = find_chessboard(image, board(size));
      CAPTURE(name, size);
      CHECK_FALSE(found.found());
      CHECK_FALSE(found.reason.empty());
      CHECK(found.corners.empty());
    }
  }
}

TEST_CASE("chessboard: what is no board size, and no grey picture") {
  const cv::Mat image(60, 60, CV_8U, cv::Scalar(9));
  for (const char* size : {"", "9", "9x", "x6", "9x6x2", "1x6", "2x2", "-3x4", "201x6", "9.5x6"})
    CHECK_THROWS_AS(find_chessboard(image, board(size)), ParameterError);
  CHECK_THROWS_AS(find_chessboard(cv::Mat(60, 60, CV_8UC3, cv::Scalar::all(9))), DataError);
  CHECK_THROWS_AS(find_chessboard(cv::Mat()), DataError);
}

TEST_CASE("chessboard: every depth gives the same corners") {
  test::View view;
  view.turn_y = 0.3;
  const cv::Mat bytes = test::render({}, view.homography());
  cv::Mat words, reals;
  bytes.convertTo(words, CV_16U, 257);
  bytes.convertTo(reals, CV_32F, 1 / 255.0);
  const Chessboard found = find_chessboard(bytes);
  REQUIRE(found.found());
  CHECK(rms_apart(find_chessboard(words).corners, found.corners) < 1e-3);
  CHECK(rms_apart(find_chessboard(reals).corners, found.corners) < 1e-3);
  CHECK(rms_apart(find_chessboard(test::strided(bytes)).corners, found.corners) == 0);
}

TEST_CASE("chessboard: thirteen photographs, as they are, blurred, noisy, dark, glaring, vignetted") {
  int found = 0;
  for (const std::string& name : photographs()) {
    const cv::Mat image = photograph(name);
    GaussianParams blur;
    blur.sigma = 2.5;
    cv::Mat dark, glare, vignette = image.clone();
    image.convertTo(dark, CV_8U, 0.25);
    image.convertTo(glare, CV_8U, 1.6, 50);
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x)
        vignette.at<uint8_t>(y, x) = cv::saturate_cast<uint8_t>(
            image.at<uint8_t>(y, x) * std::min(1.2, std::max(0.08, 1.2 - 1.1 * x / image.cols)));
    for (const cv::Mat& shown :
         {image, gaussian(image, blur), with_noise(image, 15, 3), with_noise(image, 35, 4), dark, glare, vignette}) {
      const Chessboard board = find_chessboard(shown);
      CAPTURE(name, board.reason);
      CHECK(board.found());
      found += board.found();
    }
  }
  CHECK(found == 13 * 7);
}

TEST_CASE("chessboard: corners of the photographs lie where OpenCV's cornerSubPix puts them") {
  const nlohmann::json golden = test::golden("calibration.json");
  std::vector<double> apart;
  for (const auto& photo : golden.at("photographs")) {
    const std::string name = photo.at("name");
    const std::vector<double> place = photo.at("window_5");
    const Chessboard found = find_chessboard(photograph(name));
    REQUIRE(found.found());
    const bool same_way = cv::norm(found.corners[0] - cv::Point2d(place[0], place[1])) < 20;
    for (size_t i = 0; i < 54; ++i)
      apart.push_back(cv::norm(found.corners[same_way ? i : 53 - i] - cv::Point2d(place[2 * i], place[2 * i + 1])));
  }
  REQUIRE(apart.size() == 13 * 54);
  std::sort(apart.begin(), apart.end());
  CHECK(apart[apart.size() / 2] < 0.1);
  CHECK(apart[apart.size() * 99 / 100] < 0.5);
}

TEST_CASE("chessboard: the drawing is the picture in colour with the corners joined") {
  test::View view;
  const cv::Mat image = test::render({}, view.homography());
  const cv::Mat drawing = draw_chessboard(image, find_chessboard(image));
  CHECK(drawing.type() == CV_8UC3);
  CHECK(drawing.size() == image.size());
  const cv::Mat failed = draw_chessboard(image, find_chessboard(image, board("8x5")));
  CHECK_FALSE(test::same_pixels(drawing, failed));
}
