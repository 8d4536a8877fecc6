#include "assay/imgproc/filter/convolve.h"

#include <sstream>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/imgproc/filter/box.h"
#include "assay/imgproc/filter/unsharp.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"
#include "tests/support/scratch.h"

using namespace assay;

namespace {

ConvolveParams with_kernel(const std::string& kernel) {
  ConvolveParams p;
  p.kernel = kernel;
  return p;
}

}  // namespace

TEST_CASE("convolve: a single bright pixel becomes the kernel, correlation its mirror image") {
  cv::Mat image(5, 5, CV_8U, cv::Scalar(0));
  image.at<uint8_t>(2, 2) = 10;
  ConvolveParams p = with_kernel("1 2 3; 4 5 6; 7 8 9");
  const cv::Mat out = convolve(image, p);
  for (int j = 0; j < 3; ++j)
    for (int i = 0; i < 3; ++i) CHECK(out.at<uint8_t>(1 + j, 1 + i) == 10 * (1 + i + 3 * j));
  p.orientation = KernelOrientation::correlate;
  CHECK(convolve(image, p).at<uint8_t>(1, 1) == 90);
}

TEST_CASE("convolve: the kernel 1 is the identity on every depth; an offset and the ends of the range") {
  for (int type : {CV_8UC3, CV_16UC4, CV_32FC1}) {
    const cv::Mat image = test::random_image(20, 33, type);
    CHECK(test::same_pixels(convolve(image, with_kernel("0 0 0; 0 1 0; 0 0 0")), image));
  }
  ConvolveParams p = with_kernel("-1 ");
  p.offset = 255;
  const cv::Mat image = test::random_image(20, 33, CV_8U);
  CHECK(test::same_pixels(convolve(image, p), 255 - image));
  CHECK(cv::countNonZero(convolve(image, with_kernel("-1 "))) == 0);
  CHECK(cv::countNonZero(convolve(image, with_kernel("1000 ")) != 255) == cv::countNonZero(image == 0));
}

TEST_CASE("convolve: without a kernel, and with ones normalised, it is the box, bit for bit") {
  const cv::Mat image = test::random_image(40, 50, CV_16UC3);
  CHECK(test::same_pixels(convolve(image), box(image)));
  ConvolveParams p = with_kernel("1 1 1 1 1; 1 1 1 1 1; 1 1 1 1 1");
  p.normalize = true;
  BoxParams b;
  b.size = 5, b.height = 3;
  CHECK(test::same_pixels(convolve(image, p), box(image, b)));
  cv::Mat bytes = test::random_image(70, 200, CV_8U);
  CHECK(test::same_pixels(convolve(bytes, p), box(bytes, b)));
}

TEST_CASE(
    "convolve: equal to the definition for kernels with and without holes, every depth, narrow and wide pictures") {
  for (const cv::Size cells : {cv::Size(7, 7), cv::Size(4, 3), cv::Size(5, 1), cv::Size(1, 6)})
    for (const bool holes : {false, true})
      for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_32FC1, CV_32FC4})
        for (const cv::Size size : {cv::Size(1, 1), cv::Size(21, 9), cv::Size(150, 8), cv::Size(330, 6)})
          for (const Border border : {Border::reflect101, Border::constant}) {
            CAPTURE(cells.width, cells.height, holes, type, size.width);
            const cv::Mat draws = test::random_image(cells.height, cells.width, CV_8U, 11);
            std::string words;
            for (int j = 0; j < cells.height; ++j)
              for (int i = 0; i < cells.width; ++i)
                words += std::to_string((holes && (i + j) % 3 == 1) ? 0 : (draws.at<uint8_t>(j, i) - 60.5) / 4096) +
                         (i + 1 < cells.width ? " " : "; ");
            ConvolveParams p = with_kernel(words);
            const double beyond = size.width == 150 ? 3 : 0.25;
            p.orientation = KernelOrientation::correlate, p.border = border, p.value = beyond;
            const cv::Mat image = test::random_image(size.height, size.width, type, 3), out = convolve(image, p);
            const double end = image.depth() == CV_8U ? 255 : 65535;
            double worst = 0;
            for (int y = 0; y < size.height; ++y)
              for (int x = 0; x < size.width; ++x)
                for (int c = 0; c < image.channels(); ++c) {
                  double sum = 0;
                  std::istringstream numbers(words);
                  for (int j = 0; j < cells.height; ++j)
                    for (int i = 0; i < cells.width; ++i) {
                      double w = 0;
                      char separator = 0;
                      numbers >> w;
                      if (i + 1 == cells.width) numbers >> separator;
                      const int row = border_index(y + j - cells.height / 2, size.height, border);
                      const int col = border_index(x + i - cells.width / 2, size.width, border);
                      sum += w * (row < 0 || col < 0 ? beyond : test::value_at(image, row, col, c));
                    }
                  if (image.depth() != CV_32F) sum = std::nearbyint(std::clamp(sum, 0.0, end));
                  worst = std::max(worst, std::abs(sum - test::value_at(out, y, x, c)));
                }
            REQUIRE(worst <= (image.depth() == CV_32F ? 2e-6 : 0));
          }
}

TEST_CASE("convolve: kernels of few whole weights, up to sums that 16 bits just hold and just do not") {
  for (const char* kernel :
       {"-1 0 1; -2 0 2; -1 0 1", "0 -1 0; -1 5 -1; 0 -1 0", "1 2 1; 2 -64 2; 1 2 1", "-64 64", "-64 -64", "-65 -64"})
    for (double offset : {0.0, -127.0, 127.0, 128.0})
      for (int type : {CV_8UC1, CV_8UC3, CV_8UC4})
        for (const Border border : {Border::reflect101, Border::constant})
          for (int columns : {1, 33, 200}) {
            CAPTURE(kernel, offset, type, columns);
            cv::Mat image = test::random_image(7, columns, type, 5);
            image.rowRange(2, 5).setTo(cv::Scalar::all(255));
            ConvolveParams p = with_kernel(kernel);
            p.offset = offset, p.border = border, p.value = 255;
            cv::Mat wide;
            image.convertTo(wide, CV_32F);
            cv::Mat expected;
            convolve(wide, p).convertTo(expected, CV_8U);  // whole numbers, which f32 holds
            CHECK(test::same_pixels(convolve(image, p), expected));
          }
}

TEST_CASE("convolve: ties go to the even number, found through the direct sum") {
  const cv::Mat image = (cv::Mat_<uint8_t>(1, 4) << 1, 2, 3, 5);
  const cv::Mat out = convolve(image, with_kernel("0.5 "));
  CHECK(test::same_pixels(out, (cv::Mat_<uint8_t>(1, 4) << 0, 1, 2, 2)));
}

TEST_CASE("convolve: a kernel from a file; what is wrong with one is said") {
  test::Scratch folder;
  write_file(folder / "k.csv", "0,1,0\n1,-4,1\n0,1,0\n");
  const cv::Mat image = test::random_image(20, 20, CV_32F);
  CHECK(test::same_pixels(convolve(image, with_kernel(folder / "k.csv")),
                          convolve(image, with_kernel("0 1 0; 1 -4 1; 0 1 0"))));
  ConvolveParams p = with_kernel(folder / "k.csv");
  p.normalize = true;
  CHECK_THROWS_WITH(convolve(image, p), Catch::Contains("normalize"));
  CHECK_THROWS_AS(convolve(image, with_kernel(folder / "none.csv")), DataError);
  CHECK_THROWS_AS(convolve(image, with_kernel("1 2; 3")), DataError);
}

TEST_CASE("sharpen: amount 0 is the identity, a constant picture stays, and so does a ramp inside") {
  SharpenParams none;
  none.amount = 0;
  const cv::Mat image = test::random_image(20, 33, CV_8UC4), flat(9, 9, CV_16U, cv::Scalar(777));
  CHECK(test::same_pixels(sharpen(image, none), image));
  CHECK(test::same_pixels(sharpen(flat), flat));
  cv::Mat ramp(5, 30, CV_8U);
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 30; ++x) ramp.at<uint8_t>(y, x) = static_cast<uint8_t>(8 * x);
  CHECK(test::same_pixels(sharpen(ramp).colRange(1, 29), ramp.colRange(1, 29)));
}

TEST_CASE("unsharp: amount 0 and a high threshold are the identity; an edge overshoots on both sides") {
  for (int type : {CV_8UC3, CV_16UC1, CV_32FC1}) {
    const cv::Mat image = test::random_image(20, 33, type);
    UnsharpParams p;
    p.amount = 0;
    CHECK(test::same_pixels(unsharp(image, p), image));
    p.amount = 3, p.threshold = 1e6;
    CHECK(test::same_pixels(unsharp(image, p), image));
  }
  cv::Mat step(9, 40, CV_8U, cv::Scalar(100));
  step.colRange(20, 40).setTo(150);
  const cv::Mat out = unsharp(step);
  CHECK(out.at<uint8_t>(4, 19) < 100);
  CHECK(out.at<uint8_t>(4, 20) > 150);
  CHECK(out.at<uint8_t>(4, 2) == 100);
}
