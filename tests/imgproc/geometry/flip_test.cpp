#include "assay/imgproc/geometry/flip.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

constexpr int kTypes[] = {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_16UC4, CV_32FC1, CV_32FC3, CV_32FC4};

cv::Mat turned(const cv::Mat& image, int turns) {
  cv::Mat out;
  quarter_turns(image, turns, out, {});
  return out;
}

}  // namespace

TEST_CASE("flip: six pixels by hand") {
  const cv::Mat in = (cv::Mat_<uint8_t>(2, 3) << 1, 2, 3, 4, 5, 6);
  CHECK(test::same_pixels(flip(in), (cv::Mat_<uint8_t>(2, 3) << 3, 2, 1, 6, 5, 4)));
  CHECK(test::same_pixels(flip(in, {FlipDirection::vertical}), (cv::Mat_<uint8_t>(2, 3) << 4, 5, 6, 1, 2, 3)));
  CHECK(test::same_pixels(flip(in, {FlipDirection::both}), (cv::Mat_<uint8_t>(2, 3) << 6, 5, 4, 3, 2, 1)));
  CHECK(test::same_pixels(turned(in, 1), (cv::Mat_<uint8_t>(3, 2) << 3, 6, 2, 5, 1, 4)));
  CHECK(test::same_pixels(turned(in, -1), (cv::Mat_<uint8_t>(3, 2) << 4, 1, 5, 2, 6, 3)));
}

TEST_CASE("flip: twice is the picture again, and both directions are a half turn, whatever the pixel") {
  for (int type : kTypes)
    for (const cv::Size size : {cv::Size(1, 1), {1, 19}, {67, 1}, {67, 45}, {150, 70}}) {
      CAPTURE(type, size.width, size.height);
      const cv::Mat image = test::random_image(size.height, size.width, type);
      for (FlipDirection d : {FlipDirection::horizontal, FlipDirection::vertical, FlipDirection::both})
        CHECK(test::same_pixels(flip(flip(image, {d}), {d}), image));
      CHECK(test::same_pixels(flip(image, {FlipDirection::both}), turned(image, 2)));
    }
}

TEST_CASE("quarter turns: they are the turns of OpenCV's core, and four of them are the picture again") {
  for (int type : kTypes)
    for (const cv::Size size : {cv::Size(1, 1), {1, 19}, {67, 1}, {67, 45}, {150, 270}}) {
      CAPTURE(type, size.width, size.height);
      const cv::Mat image = test::strided(test::random_image(size.height, size.width, type));
      cv::Mat expected;
      cv::rotate(image, expected, cv::ROTATE_90_COUNTERCLOCKWISE);
      CHECK(test::same_pixels(turned(image, 1), expected));
      CHECK(test::same_pixels(turned(image, -3), expected));
      CHECK(test::same_pixels(turned(image, -1), test::rotate_90(image)));
      CHECK(test::same_pixels(turned(turned(turned(turned(image, 1), 1), 1), 1), image));
      CHECK(test::same_pixels(turned(image, 4), image));
    }
}

TEST_CASE(
    "flip: a quarter turn moves pixel (x, y) to (y, W-1-x), whole blocks and what is left over, whatever the pixel") {
  for (int type : kTypes)
    for (const cv::Size size : {cv::Size(1, 1), {53, 37}, {64, 32}, {3, 40}, {40, 3}, {47, 130}}) {
      CAPTURE(type, size.width, size.height);
      const cv::Mat image = test::random_image(size.height, size.width, type), left = turned(image, 1),
                    right = turned(image, 3);
      const size_t bytes = image.elemSize();
      int wrong = 0;
      for (int y = 0; y < image.rows; ++y)
        for (int x = 0; x < image.cols; ++x) {
          const uchar* pixel = image.ptr(y) + static_cast<size_t>(x) * bytes;
          wrong += !std::equal(pixel, pixel + bytes, left.ptr(image.cols - 1 - x) + static_cast<size_t>(y) * bytes);
          wrong += !std::equal(pixel, pixel + bytes, right.ptr(x) + static_cast<size_t>(image.rows - 1 - y) * bytes);
        }
      CHECK(wrong == 0);
    }
}
