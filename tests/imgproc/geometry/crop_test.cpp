#include "assay/imgproc/geometry/crop.h"

#include "assay/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

TEST_CASE("crop: the rectangle, whole or cut short of a side") {
  const cv::Mat image = test::random_image(21, 34, CV_16UC3);
  CropParams p;
  CHECK(test::same_pixels(crop(image), image));
  p.x = 5, p.y = 7, p.width = 11, p.height = 3;
  CHECK(test::same_pixels(crop(image, p), image(cv::Rect(5, 7, 11, 3))));
  p.width = p.height = std::nullopt;
  CHECK(test::same_pixels(crop(image, p), image(cv::Rect(5, 7, 29, 14))));
}

TEST_CASE("crop: a rectangle that leaves the picture is an error that says both sizes") {
  const cv::Mat image = test::random_image(10, 12, CV_8U);
  CropParams p;
  p.x = 3, p.width = 10;
  CHECK_THROWS_WITH(crop(image, p), Catch::Contains("10 x 10") && Catch::Contains("12 x 10"));
  p.x = 12, p.width = std::nullopt;
  CHECK_THROWS_AS(crop(image, p), DataError);
  p.x = 2147483647, p.width = 2147483647;
  CHECK_THROWS_AS(crop(image, p), DataError);
}

TEST_CASE("pad: every border of any width, as border_index says; cropping takes the frame off") {
  for (int type : {CV_8UC1, CV_8UC3, CV_16UC4, CV_32FC1, CV_32FC3})
    for (const cv::Size size : {cv::Size(1, 1), {5, 1}, {6, 4}, {40, 5}})
      for (const auto& [name, border] : border_names.items) {
        CAPTURE(type, size.width, size.height, name);
        const cv::Mat image = test::random_image(size.height, size.width, type);
        PadParams p;
        p.left = 9, p.right = 3, p.top = 2, p.bottom = 11, p.border = border, p.value = 1;
        const cv::Mat out = pad(image, p);
        REQUIRE(out.size() == cv::Size(size.width + 12, size.height + 13));
        for (int y = 0; y < out.rows; ++y)
          for (int x = 0; x < out.cols; ++x)
            for (int c = 0; c < out.channels(); ++c) {
              const int fx = border_index(x - 9, image.cols, border), fy = border_index(y - 2, image.rows, border);
              REQUIRE(test::value_at(out, y, x, c) == (fx < 0 || fy < 0 ? 1 : test::value_at(image, fy, fx, c)));
            }
        CropParams back;
        back.x = 9, back.y = 2, back.width = size.width, back.height = size.height;
        CHECK(test::same_pixels(crop(out, back), image));
      }
  CHECK(test::same_pixels(pad(test::scene(7, 9)), test::scene(7, 9)));
}

TEST_CASE("pad: the constant is clamped and rounded to what the depth holds; too large a result is refused") {
  PadParams p;
  p.left = 1, p.value = 300.2;
  CHECK(pad(cv::Mat(1, 1, CV_8U, cv::Scalar(7)), p).at<uint8_t>(0, 0) == 255);
  CHECK(pad(cv::Mat(1, 1, CV_16U, cv::Scalar(7)), p).at<uint16_t>(0, 0) == 300);
  CHECK(pad(cv::Mat(1, 1, CV_32F, cv::Scalar(7)), p).at<float>(0, 0) == 300.2f);
  p.left = p.top = 100000;
  CHECK_THROWS_WITH(pad(cv::Mat(1, 1, CV_8U, cv::Scalar(7)), p), Catch::Contains("megapixels"));
}
