#include "assay/imgproc/filter/integral.h"

#include "assay/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

// A row's running sums from left to right, then the row above.
cv::Mat by_definition(const cv::Mat& image, bool squares) {
  const int channels = image.channels();
  cv::Mat sums(image.rows + 1, image.cols + 1, CV_64FC(channels), cv::Scalar::all(0));
  for (int y = 0; y < image.rows; ++y)
    for (int c = 0; c < channels; ++c) {
      double along = 0;
      for (int x = 0; x < image.cols; ++x) {
        const double v = test::value_at(image, y, x, c);
        along += squares ? v * v : v;
        sums.ptr<double>(y + 1, x + 1)[c] = sums.ptr<double>(y, x + 1)[c] + along;
      }
    }
  return sums;
}

}  // namespace

TEST_CASE("integral: every sum and sum of squares is the definition's, bit for bit, in every depth and width") {
  for (int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_16UC4, CV_32FC1, CV_32FC3, CV_32FC4})
    for (const cv::Size& size :
         {cv::Size(1, 1), cv::Size(1, 6), cv::Size(5, 3), cv::Size(15, 2), cv::Size(16, 4), cv::Size(17, 5),
          cv::Size(33, 7), cv::Size(319, 3), cv::Size(321, 2), cv::Size(977, 2)}) {
      CAPTURE(type, size.width, size.height);
      const cv::Mat wide = test::random_image(size.height, size.width + 3, type, 3);
      const cv::Mat image = wide(cv::Rect(2, 0, size.width, size.height));  // rows with a stride
      cv::Mat sums, squares;
      integral_image(image, sums);
      integral_of_squares(image, squares);
      CHECK(test::same_pixels(sums, by_definition(image, false)));
      CHECK(test::same_pixels(squares, by_definition(image, true)));
      if (image.depth() != CV_8U) continue;
      cv::Mat whole, expected;
      integral_image(image, whole, SumDepth::s32);
      by_definition(image, false).convertTo(expected, CV_32S);
      CHECK(test::same_pixels(whole, expected));
    }
}

TEST_CASE("integral: rows too wide for running sums of 32 bits, of the largest values") {
  const int columns = 33100;  // 33100 * 65535 > 2^31 > 32000 * 65535
  for (int type : {CV_8U, CV_16U}) {
    const cv::Mat white(2, columns, type, cv::Scalar::all(type == CV_8U ? 255 : 65535));
    cv::Mat sums, squares;
    integral_image(white, sums);
    integral_of_squares(white, squares);
    const double one = type == CV_8U ? 255 : 65535;
    for (int x : {1, 32767, 32768, columns}) {
      CHECK(sums.at<double>(2, x) == 2.0 * x * one);
      CHECK(squares.at<double>(2, x) == 2.0 * x * one * one);
    }
  }
}

TEST_CASE("integral: any rectangle's sum is four look-ups") {
  const cv::Mat image = test::random_image(20, 30, CV_16UC3, 3), I = integral_image(image);
  REQUIRE(I.size() == cv::Size(31, 21));
  double sum = 0;
  for (int y = 4; y < 11; ++y)
    for (int x = 7; x < 22; ++x) sum += test::value_at(image, y, x, 1);
  CHECK(test::value_at(I, 11, 22, 1) - test::value_at(I, 4, 22, 1) - test::value_at(I, 11, 7, 1) +
            test::value_at(I, 4, 7, 1) ==
        sum);
}

TEST_CASE("integral: 32 bits are refused where they do not suffice, and a picture must be one") {
  cv::Mat sums;
  CHECK_THROWS_AS(integral_image(cv::Mat(3, 3, CV_16U), sums, SumDepth::s32), DataError);
  CHECK_THROWS_AS(integral_image(cv::Mat(2903, 2902, CV_8U), sums, SumDepth::s32), DataError);
  CHECK_NOTHROW(integral_image(cv::Mat(2902, 2901, CV_8U), sums, SumDepth::s32));
  CHECK_THROWS_AS(integral_image(cv::Mat(), sums), DataError);
  CHECK_THROWS_AS(integral_of_squares(cv::Mat(3, 3, CV_64F), sums), DataError);
}

TEST_CASE("integral: a picture that is written to is not read from") {
  cv::Mat image = test::random_image(9, 9, CV_8U, 1);
  const cv::Mat expected = integral_image(image);
  cv::Mat sums = image;
  integral_image(image, sums);
  CHECK(test::same_pixels(sums, expected));
}
