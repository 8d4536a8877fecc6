#include "assay/features/corner/harris.h"

#include "assay/core/error.h"
#include "assay/imgproc/filter/gaussian.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

// Mean over the pixel's square of a picture that is `inside` where the test holds: 16 x 16 samples.
template <class Inside>
cv::Mat drawn(int rows, int cols, double dark, double bright, Inside&& inside) {
  constexpr int kSamples = 16;
  cv::Mat image(rows, cols, CV_32F);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x) {
      int count = 0;
      for (int j = 0; j < kSamples; ++j)
        for (int i = 0; i < kSamples; ++i)
          count += inside(x - 0.5 + (i + 0.5) / kSamples, y - 0.5 + (j + 0.5) / kSamples);
      image.at<float>(y, x) = static_cast<float>(dark + (bright - dark) * count / (kSamples * kSamples));
    }
  return image;
}

HarrisParams with(SubPixel sub_pixel) {
  HarrisParams p;
  p.sub_pixel = sub_pixel;
  return p;
}

}  // namespace

TEST_CASE("harris: the response is the formula, summed by hand") {
  const cv::Mat image = test::random_image(15, 17, CV_8U, 3);
  HarrisParams p;
  p.sigma = 0.5;  // radius 2
  p.k = 0.04;
  const cv::Mat R = harris_response(image, p);
  REQUIRE(R.type() == CV_32F);
  const double w[] = {1, std::exp(-2.0), std::exp(-8.0)}, sum = w[0] + 2 * (w[1] + w[2]);
  const auto f = [&](int y, int x) { return image.at<uint8_t>(y, x) / 255.0; };
  for (int y = 4; y < 11; ++y)
    for (int x = 4; x < 13; ++x) {
      double A = 0, B = 0, C = 0;
      for (int j = -2; j <= 2; ++j)
        for (int i = -2; i <= 2; ++i) {
          const int v = y + j, u = x + i;
          const double gx = (f(v - 1, u + 1) - f(v - 1, u - 1) + 2 * (f(v, u + 1) - f(v, u - 1)) + f(v + 1, u + 1) -
                             f(v + 1, u - 1)) /
                            8;
          const double gy = (f(v + 1, u - 1) - f(v - 1, u - 1) + 2 * (f(v + 1, u) - f(v - 1, u)) + f(v + 1, u + 1) -
                             f(v - 1, u + 1)) /
                            8;
          const double weight = w[std::abs(i)] * w[std::abs(j)] / (sum * sum);
          A += weight * gx * gx, B += weight * gy * gy, C += weight * gx * gy;
        }
      CHECK(static_cast<double>(R.at<float>(y, x)) ==
            Approx(A * B - C * C - 0.04 * (A + B) * (A + B)).epsilon(2e-5).margin(1e-9));
    }
}

TEST_CASE("harris: corners respond positively, edges negatively, flat ground not at all") {
  cv::Mat image = cv::Mat::zeros(40, 40, CV_8U);
  image(cv::Rect(12, 12, 16, 16)).setTo(255);
  const cv::Mat R = harris_response(image);
  CHECK(R.at<float>(12, 12) > 0);
  CHECK(R.at<float>(20, 12) < 0);
  CHECK(R.at<float>(2, 2) == 0);
  CHECK(R.at<float>(20, 20) == 0);
}

TEST_CASE("harris: rotations by 90 degrees and flips permute the responses, bit for bit") {
  for (int type : {CV_8U, CV_16U, CV_32F})
    for (auto convention : {CornerConvention::exact, CornerConvention::skimage})
      for (const cv::Size size : {cv::Size(61, 47), cv::Size(300, 90), cv::Size(5, 3)}) {
        HarrisParams p;
        p.convention = convention;
        p.sigma = 1.3;
        const cv::Mat image = test::random_image(size.height, size.width, type, 8), R = harris_response(image, p);
        CAPTURE(type, size.width);
        CHECK(test::same_pixels(harris_response(test::rotate_90(image), p), test::rotate_90(R)));
        CHECK(test::same_pixels(harris_response(test::flip_lr(image), p), test::flip_lr(R)));
        CHECK(test::same_pixels(harris_response(test::flip_ud(image), p), test::flip_ud(R)));
      }
}

TEST_CASE("harris: one scale for every depth") {
  const cv::Mat bytes = test::scene(30, 40, CV_8U);
  cv::Mat words, reals;
  bytes.convertTo(words, CV_16U, 257);
  bytes.convertTo(reals, CV_32F, 1 / 255.0);
  const cv::Mat R = harris_response(bytes);
  double largest = 0;
  cv::minMaxLoc(cv::abs(R), nullptr, &largest);
  CHECK(test::largest_difference(harris_response(words), R) <= 1e-5 * largest);
  CHECK(test::largest_difference(harris_response(reals), R) <= 1e-5 * largest);
}

TEST_CASE("harris: a drawn corner is found within a tenth of a pixel, wherever it lies between pixels") {
  for (double fx : {0.0, 0.25, 0.5, 0.8})
    for (double fy : {0.0, 0.4, 0.65})
      for (double turn : {0.0, 0.3}) {
        const double cx = 20 + fx, cy = 19 + fy, c = std::cos(turn), s = std::sin(turn);
        CAPTURE(fx, fy, turn);
        const auto u = [&](double x, double y) { return c * (x - cx) + s * (y - cy); };
        const auto v = [&](double x, double y) { return -s * (x - cx) + c * (y - cy); };
        // the corner of a square, and the crossing of a chessboard
        const cv::Mat corner = drawn(40, 41, 0.2, 0.8, [&](double x, double y) { return u(x, y) > 0 && v(x, y) > 0; });
        const cv::Mat crossing =
            drawn(40, 41, 0.2, 0.8, [&](double x, double y) { return (u(x, y) > 0) == (v(x, y) > 0); });
        for (const cv::Mat& image : {corner, crossing}) {
          const FeatureTable table = harris(image);
          REQUIRE(table.rows() >= 1);
          CHECK(std::hypot(table.at(0, 0) - cx, table.at(0, 1) - cy) < 0.1);
        }
      }
}

TEST_CASE("harris: the peak of the parabola is several times nearer to a smooth crossing than the pixel") {
  double refined = 0, whole = 0;
  for (double fx : {0.0, 0.25, 0.5, 0.8})
    for (double fy : {0.1, 0.4, 0.65}) {
      const double cx = 20 + fx, cy = 19 + fy;
      GaussianParams smooth;
      smooth.sigma = 0.8;
      const cv::Mat crossing =
          gaussian(drawn(40, 41, 0.2, 0.8, [&](double x, double y) { return (x > cx) == (y > cy); }), smooth);
      HarrisParams p = with(SubPixel::peak);
      p.sigma = 3;
      const FeatureTable peak = harris(crossing, p);
      p.sub_pixel = SubPixel::none;
      const FeatureTable pixel = harris(crossing, p);
      refined += std::hypot(peak.at(0, 0) - cx, peak.at(0, 1) - cy);
      whole += std::hypot(pixel.at(0, 0) - cx, pixel.at(0, 1) - cy);
    }
  CHECK(refined < whole / 4);
}

TEST_CASE("harris: four corners of a square, strongest first, each the only one within the distance") {
  cv::Mat image = cv::Mat::zeros(50, 60, CV_8U);
  image(cv::Rect(15, 12, 25, 20)).setTo(200);
  const FeatureTable table = harris(image, with(SubPixel::none));
  CHECK(table.columns == std::vector<std::string>{"x", "y", "response"});
  REQUIRE(table.rows() == 4);
  for (size_t i = 1; i < 4; ++i) CHECK(table.at(i, 2) <= table.at(i - 1, 2));
  HarrisParams p;
  p.max_features = 2;
  CHECK(harris(image, p).rows() == 2);
  p = {};
  p.min_distance = 21;  // the corners of each column see one another (19 rows apart), those of each row do not (24)
  CHECK(harris(image, p).rows() == 2);
  p.min_distance = 24;
  CHECK(harris(image, p).rows() == 1);
}

TEST_CASE("harris: nothing to find is an empty list") {
  CHECK(harris(cv::Mat(20, 20, CV_8U, cv::Scalar(77))).rows() == 0);
  CHECK(harris(cv::Mat(1, 1, CV_8U, cv::Scalar(77))).rows() == 0);
  CHECK(harris(test::random_image(1, 30, CV_8U)).rows() == 0);  // one row has edges only
  CHECK_THROWS_AS(harris(test::random_image(9, 9, CV_8UC3)), DataError);
  HarrisParams p;
  p.k = 0.3;
  CHECK_THROWS_AS(harris(test::random_image(9, 9, CV_8U), p), ParameterError);
}

TEST_CASE("harris: convention skimage is scikit-image's corner_harris to 1e-10") {
  int cases = 0;
  const nlohmann::json index = test::golden("images/index.json");
  for (const auto& c : index.at("harris_skimage").at("cases")) {
    CAPTURE(c.dump());
    HarrisParams p;
    p.k = c.at("k");
    p.sigma = c.at("sigma");
    p.convention = CornerConvention::skimage;
    const cv::Mat R = harris_response(test::golden_input(c.at("input")), p);
    CHECK(test::largest_difference(R, test::golden_image(c.at("output"))) <= 1e-10 * c.at("greatest").get<double>());
    ++cases;
  }
  CHECK(cases == 2);
}

TEST_CASE("harris: the drawing is the picture in colour with a ring around each point") {
  cv::Mat image = cv::Mat::zeros(50, 60, CV_16U);
  image(cv::Rect(15, 12, 25, 20)).setTo(40000);
  const FeatureTable table = harris(image, with(SubPixel::none));
  const cv::Mat drawing = draw_points(image, table);
  REQUIRE(drawing.type() == CV_8UC3);
  REQUIRE(drawing.size() == image.size());
  CHECK(drawing.at<cv::Vec3b>(45, 55) == cv::Vec3b(0, 0, 0));
  CHECK(drawing.at<cv::Vec3b>(22, 27) == cv::Vec3b(93, 93, 93));  // 40000 / 257 * 0.6
  int coloured = 0;
  for (int y = 0; y < 50; ++y)
    for (int x = 0; x < 60; ++x) coloured += drawing.at<cv::Vec3b>(y, x)[2] > drawing.at<cv::Vec3b>(y, x)[0];
  CHECK(coloured >= 4 * 16);
}
