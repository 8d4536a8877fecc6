#include "assay/imgproc/edge/sobel.h"

#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

SobelParams along(Direction direction, Border border = Border::reflect101) {
  SobelParams p;
  p.direction = direction;
  p.border = border;
  return p;
}

// The definition: a 3x3 correlation.
cv::Mat defined(const cv::Mat& image, bool x_direction, Border border, double value) {
  const int kernel[3][3] = {{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}};
  cv::Mat out(image.size(), CV_64FC(image.channels()), cv::Scalar::all(0));
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      for (int c = 0; c < image.channels(); ++c)
        for (int j = -1; j <= 1; ++j)
          for (int i = -1; i <= 1; ++i) {
            const int row = border_index(y + j, image.rows, border), col = border_index(x + i, image.cols, border);
            const double v = row < 0 || col < 0 ? value : test::value_at(image, row, col, c);
            out.ptr<double>(y)[x * image.channels() + c] +=
                (x_direction ? kernel[j + 1][i + 1] : kernel[i + 1][j + 1]) * v;
          }
  return out;
}

}  // namespace

TEST_CASE("sobel: a linear ramp gives eight times its slope, exactly, inside") {
  for (int type : {CV_8U, CV_16U, CV_32F}) {
    cv::Mat image(12, 15, type);
    for (int y = 0; y < 12; ++y)
      for (int x = 0; x < 15; ++x) {
        const int v = 3 * x + 5 * y + 7;
        if (type == CV_8U) image.at<uint8_t>(y, x) = static_cast<uint8_t>(v);
        if (type == CV_16U) image.at<uint16_t>(y, x) = static_cast<uint16_t>(v);
        if (type == CV_32F) image.at<float>(y, x) = static_cast<float>(v);
      }
    const cv::Mat gx = sobel(image, along(Direction::x)), gy = sobel(image, along(Direction::y));
    const cv::Mat m = sobel(image, along(Direction::magnitude));
    REQUIRE(gx.type() == CV_32F);
    for (int y = 1; y < 11; ++y)
      for (int x = 1; x < 14; ++x) {
        REQUIRE(gx.at<float>(y, x) == 24);
        REQUIRE(gy.at<float>(y, x) == 40);
        REQUIRE(m.at<float>(y, x) == std::sqrt(24.f * 24.f + 40.f * 40.f));
      }
  }
}

TEST_CASE("sobel: the sign says where it is brighter") {
  cv::Mat image = cv::Mat::zeros(5, 6, CV_8U);
  image.colRange(3, 6).setTo(255);
  const cv::Mat gx = sobel(image, along(Direction::x));
  CHECK(gx.at<float>(2, 2) == 1020);
  CHECK(gx.at<float>(2, 3) == 1020);
  CHECK(gx.at<float>(2, 1) == 0);
  CHECK(cv::countNonZero(sobel(image, along(Direction::y))) == 0);
  CHECK(sobel(test::transposed(image), along(Direction::y)).at<float>(3, 2) == 1020);
}

TEST_CASE("sobel: equals the 3x3 correlation for every depth, channel count, border and size; exactly for integers") {
  for (int type : {CV_8U, CV_8UC3, CV_8UC4, CV_16U, CV_16UC3, CV_32F, CV_32FC3})
    for (const auto& [word, border] : border_names.items)
      for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 7), cv::Size(8, 1), cv::Size(2, 2), cv::Size(37, 70)})
        for (const double value : {0.5, 1.0}) {  // beyond the edge: no whole number, and one
          CAPTURE(type, word, size.width, size.height, value);
          const cv::Mat image = test::random_image(size.height, size.width, type, 9);
          SobelParams p = along(Direction::x, border);
          p.value = value;
          const cv::Mat x = defined(image, true, border, value), y = defined(image, false, border, value);
          const double tolerance = CV_MAT_DEPTH(type) == CV_32F ? 1e-6 : 0;  // of sums of eight f32 values up to 1
          CHECK(test::largest_difference(sobel(image, p), x) <= tolerance);
          p.direction = Direction::y;
          CHECK(test::largest_difference(sobel(image, p), y) <= tolerance);
        }
}

TEST_CASE("sobel: the derivative along y is the transposed derivative along x, bit for bit") {
  for (int type : {CV_8U, CV_16U, CV_32F, CV_32FC3}) {
    const cv::Mat image = test::random_image(33, 41, type, 4);
    CHECK(test::same_pixels(test::transposed(sobel(image, along(Direction::x))),
                            sobel(test::transposed(image), along(Direction::y))));
  }
}

TEST_CASE("sobel: a constant picture has no slope, at the border neither") {
  for (Border border : {Border::reflect101, Border::reflect, Border::replicate, Border::wrap})
    CHECK(cv::countNonZero(sobel(cv::Mat(9, 9, CV_16U, cv::Scalar(4711)), along(Direction::magnitude, border))) == 0);
}
