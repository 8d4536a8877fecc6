#include "assay/imgproc/geometry/pyramid.h"

#include "assay/imgproc/filter/border.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

constexpr double kWeights[5] = {1, 4, 6, 4, 1};

double rounded(const cv::Mat& image, double v) {  // sums are whole over a power of two: f64 holds them exactly
  return image.depth() == CV_32F ? v : std::nearbyint(v);
}

double reduced(const cv::Mat& image, int y, int x, int c) {
  double sum = 0;
  for (int n = -2; n <= 2; ++n)
    for (int m = -2; m <= 2; ++m)
      sum += kWeights[n + 2] * kWeights[m + 2] *
             test::value_at(image, border_index(2 * y + n, image.rows, Border::reflect101),
                            border_index(2 * x + m, image.cols, Border::reflect101), c);
  return rounded(image, sum / 256);
}

// Equation 2: only whole (i - m) / 2 count; places beyond the edge of the finer grid are mirrored in it.
double expanded(const cv::Mat& image, const cv::Size& size, int y, int x, int c) {
  double sum = 0;
  for (int n = -2; n <= 2; ++n)
    for (int m = -2; m <= 2; ++m) {
      if ((y - n) % 2 || (x - m) % 2) continue;
      const int row = border_index(y - n, size.height, Border::reflect101),
                column = border_index(x - m, size.width, Border::reflect101);
      sum += kWeights[n + 2] * kWeights[m + 2] * test::value_at(image, row / 2, column / 2, c);
    }
  return rounded(image, 4 * sum / 256);
}

}  // namespace

TEST_CASE("pyramid: a row of five by hand, and a half to the even number") {
  const cv::Mat row = (cv::Mat_<uint8_t>(1, 5) << 16, 0, 0, 0, 32);
  // (6*16 + 0) / 16 = 6;  (16 + 32) / 16 = 3;  6*32 / 16 = 12
  CHECK(test::same_pixels(pyramid(row), (cv::Mat_<uint8_t>(1, 3) << 6, 3, 12)));
  const cv::Mat tie = (cv::Mat_<uint8_t>(1, 5) << 8, 0, 0, 0, 0);  // the middle is 8 / 16
  CHECK(pyramid(tie).at<uint8_t>(0, 1) == 0);
  PyramidParams p;
  p.convention = PyramidConvention::opencv;
  CHECK(pyramid(tie, p).at<uint8_t>(0, 1) == 1);
}

TEST_CASE("pyramid: reduce and expand are the paper's sums, at every depth, size and channel count") {
  for (int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_32FC1, CV_32FC4})
    for (const cv::Size size : {cv::Size(1, 1), {2, 1}, {1, 2}, {3, 2}, {4, 5}, {37, 29}, {70, 131}}) {
      CAPTURE(type, size.width, size.height);
      const cv::Mat image = test::random_image(size.height, size.width, type), down = pyramid(image);
      REQUIRE(down.size() == cv::Size((size.width + 1) / 2, (size.height + 1) / 2));
      double worst = 0;
      for (int y = 0; y < down.rows; ++y)
        for (int x = 0; x < down.cols; ++x)
          for (int c = 0; c < down.channels(); ++c)
            worst = std::max(worst, std::abs(test::value_at(down, y, x, c) - reduced(image, y, x, c)));
      CHECK(worst <= (image.depth() == CV_32F ? 1e-6 : 0));
      for (int less : {0, 1}) {
        cv::Mat up;
        pyramid_expand(image, {2 * size.width - less, 2 * size.height - less}, PyramidConvention::exact, up, {});
        worst = 0;
        for (int y = 0; y < up.rows; ++y)
          for (int x = 0; x < up.cols; ++x)
            for (int c = 0; c < up.channels(); ++c)
              worst = std::max(worst, std::abs(test::value_at(up, y, x, c) - expanded(image, up.size(), y, x, c)));
        CHECK(worst <= (image.depth() == CV_32F ? 1e-6 : 0));
      }
    }
}

TEST_CASE("pyramid: collapsing the details gives the picture back, bit for bit on integers") {
  for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC4, CV_32FC1, CV_32FC3})
    for (int levels : {0, 1, 3, 9}) {
      CAPTURE(type, levels);
      const cv::Mat image = test::random_image(53, 90, type);
      const std::vector<cv::Mat> details = laplacian_pyramid(image, levels);
      REQUIRE(details.size() == static_cast<size_t>(levels) + 1);
      const cv::Mat back = collapse_pyramid(details);
      if (CV_MAT_DEPTH(type) == CV_32F)
        CHECK(test::largest_difference(back, image) <= 0x1p-23);
      else
        CHECK(test::same_pixels(back, image));
    }
}

TEST_CASE("pyramid: a constant stays constant, and has no details") {
  for (int type : {CV_8UC1, CV_16UC3, CV_32FC1}) {
    const cv::Mat flat(21, 34, type, cv::Scalar::all(0.5 + (CV_MAT_DEPTH(type) == CV_32F ? 0 : 200)));
    const std::vector<cv::Mat> details = laplacian_pyramid(flat, 4);
    for (size_t l = 0; l < 4; ++l) CHECK(cv::norm(details[l].reshape(1), cv::NORM_INF) == 0);
    CHECK(test::value_at(details[4], 0, 0) == test::value_at(flat, 0, 0));
  }
}

TEST_CASE("pyramid: the operator gives the level, the detail and the enlargement of the library") {
  const cv::Mat image = test::scene(45, 61, CV_8UC3);
  PyramidParams p;
  p.levels = 2;
  CHECK(test::same_pixels(pyramid(image, p), gaussian_pyramid(image, 2)[2]));
  p.kind = PyramidKind::laplacian;
  CHECK(test::same_pixels(pyramid(image, p), laplacian_pyramid(image, 2)[1]));
  p.kind = PyramidKind::expand;
  CHECK(pyramid(image, p).size() == cv::Size(4 * 61, 4 * 45));
  p.levels = 30;
  CHECK_THROWS_WITH(pyramid(image, p), Catch::Contains("megapixels"));
}

TEST_CASE("pyramid: convention opencv gives OpenCV's pixels") {
  const nlohmann::json file = test::golden("images/pyramid.json");
  int cases = 0;
  for (const auto& c : file.at("opencv").at("cases")) {
    CAPTURE(c.dump());
    const cv::Mat image = test::golden_input(c.at("input"));
    cv::Mat out;
    if (c.at("kind") == "gaussian")
      pyramid_reduce(image, PyramidConvention::opencv, out, {});
    else
      pyramid_expand(image, {c.at("width"), c.at("height")}, PyramidConvention::opencv, out, {});
    CHECK(test::largest_difference(out, test::golden_image(c.at("output"))) <= (image.depth() == CV_32F ? 1e-6 : 0));
    ++cases;
  }
  CHECK(cases == 21);
}
