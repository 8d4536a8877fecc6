#include "assay/imgproc/color/gray.h"

#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {
cv::Mat pixel(int b, int g, int r) { return cv::Mat(1, 1, CV_8UC3, cv::Scalar(b, g, r)); }
GrayParams as(GrayConvention c) { return GrayParams{c}; }
}  // namespace

TEST_CASE("gray: the primaries have the weights of BT.601") {
  CHECK(gray(pixel(255, 0, 0)).at<uint8_t>(0, 0) == 29);   // 29.07
  CHECK(gray(pixel(0, 255, 0)).at<uint8_t>(0, 0) == 150);  // 149.685
  CHECK(gray(pixel(0, 0, 255)).at<uint8_t>(0, 0) == 76);   // 76.245
  CHECK(gray(pixel(255, 255, 255)).at<uint8_t>(0, 0) == 255);
}

TEST_CASE("gray: every colour is rounded to the nearest, ties to even") {
  cv::Mat image(256, 256, CV_8UC3);
  int ties = 0;
  for (int r = 0; r < 256; r += 3) {
    for (int g = 0; g < 256; ++g)
      for (int b = 0; b < 256; ++b)
        image.at<cv::Vec3b>(g, b) = cv::Vec3b(static_cast<uchar>(b), static_cast<uchar>(g), static_cast<uchar>(r));
    const cv::Mat out = gray(image);
    for (int g = 0; g < 256; ++g)
      for (int b = 0; b < 256; ++b) {
        const int thousandths = 299 * r + 587 * g + 114 * b, low = thousandths / 1000, rest = thousandths % 1000;
        const int expected = rest < 500 ? low : rest > 500 ? low + 1 : low + low % 2;
        ties += rest == 500;
        REQUIRE(out.at<uint8_t>(g, b) == expected);
      }
  }
  CHECK(ties > 100);
}

TEST_CASE("gray: rows of every length, and nothing is written behind them") {
  for (int n = 1; n <= 140; ++n) {
    CAPTURE(n);
    const cv::Mat wide = test::random_image(2, n + 5, CV_8UC3);
    cv::Mat holder(2, n + 5, CV_8U, cv::Scalar(77)), out = holder(cv::Rect(0, 0, n, 2));
    apply_op<Gray>({}, wide(cv::Rect(0, 0, n, 2)), out, {});
    REQUIRE(out.data == holder.data);
    CHECK(test::same_pixels(out, gray(wide)(cv::Rect(0, 0, n, 2))));
    CHECK(test::same_pixels(holder(cv::Rect(n, 0, 5, 2)), cv::Mat(2, 5, CV_8U, cv::Scalar(77))));
    CHECK(test::same_pixels(out(cv::Rect(n - 1, 1, 1, 1)), gray(wide(cv::Rect(n - 1, 1, 1, 1)))));
  }
}

TEST_CASE("gray: 16 bits are rounded to the nearest, ties to even; OpenCV's in its fixed point") {
  for (int type : {CV_16UC3, CV_16UC4}) {
    const cv::Mat image = test::random_image(101, 531, type);
    const cv::Mat exact = gray(image), opencv = gray(image, as(GrayConvention::opencv));
    int ties = 0;
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x) {
        const uint16_t* p = image.ptr<uint16_t>(y) + x * image.channels();
        const int thousandths = 299 * p[2] + 587 * p[1] + 114 * p[0], low = thousandths / 1000,
                  rest = thousandths % 1000;
        ties += rest == 500;
        REQUIRE(exact.at<uint16_t>(y, x) == (rest < 500 ? low : rest > 500 ? low + 1 : low + low % 2));
        REQUIRE(opencv.at<uint16_t>(y, x) == (9798u * p[2] + 19235u * p[1] + 3735u * p[0] + 16384u) / 32768u);
      }
    CHECK(ties > 10);
  }
}

TEST_CASE("gray: a grey colour keeps its level at every depth; 16 bits do not overflow") {
  for (int level : {0, 1, 32767, 65534, 65535})
    CHECK(gray(cv::Mat(2, 2, CV_16UC3, cv::Scalar::all(level))).at<uint16_t>(1, 1) == level);
  CHECK(gray(cv::Mat(2, 2, CV_32FC3, cv::Scalar::all(0.3))).at<float>(0, 0) == Approx(0.3));
}

TEST_CASE("gray: alpha is left out, and a grey picture is copied") {
  const cv::Mat four = test::random_image(7, 9, CV_8UC4);
  cv::Mat three(7, 9, CV_8UC3);
  for (int y = 0; y < 7; ++y)
    for (int x = 0; x < 9; ++x)
      for (int c = 0; c < 3; ++c) three.at<cv::Vec3b>(y, x)[c] = four.at<cv::Vec4b>(y, x)[c];
  CHECK(test::same_pixels(gray(four), gray(three)));
  const cv::Mat one = test::random_image(7, 9, CV_16U);
  const cv::Mat copy = gray(one);
  CHECK(test::same_pixels(copy, one));
  CHECK(copy.data != one.data);
}

TEST_CASE("gray: skimage's weights give full scale 1") {
  const cv::Mat out = gray(cv::Mat(1, 1, CV_8UC3, cv::Scalar(51, 102, 204)), as(GrayConvention::skimage));
  REQUIRE(out.type() == CV_32F);
  CHECK(static_cast<double>(out.at<float>(0, 0)) == Approx(0.0721 * 0.2 + 0.7154 * 0.4 + 0.2125 * 0.8).epsilon(1e-7));
}
