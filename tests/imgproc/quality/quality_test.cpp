#include "assay/imgproc/quality/quality.h"

#include "assay/core/error.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/op.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

TEST_CASE("quality: mean squared error and PSNR by hand") {
  const cv::Mat a = (cv::Mat_<uint8_t>(1, 4) << 0, 10, 255, 7), b = (cv::Mat_<uint8_t>(1, 4) << 3, 10, 0, 8);
  CHECK(mean_squared_error(a, b) == (9 + 65025 + 1) / 4.0);
  CHECK(psnr(65025, 255) == Approx(0).margin(1e-12));
  CHECK(psnr(1, 255) == Approx(48.1308036086791));
  CHECK(std::isinf(psnr(0, 255)));
  CHECK(mean_squared_error(cv::Mat(3, 3, CV_16U, cv::Scalar(65535)), cv::Mat(3, 3, CV_16U, cv::Scalar(0))) ==
        65535.0 * 65535);
}

TEST_CASE("quality: scikit-image's SSIM to 1e-9, MS-SSIM as restated from the paper") {
  const nlohmann::json file = test::golden("quality.json");
  for (const auto& c : file.at("cases")) {
    CAPTURE(c.dump());
    const cv::Mat a = test::golden_image(c.at("a")), b = test::golden_image(c.at("b"));
    CHECK(std::abs(ssim(a, b) - c.at("ssim").get<double>()) <= 1e-9);
    const double mse = mean_squared_error(a, b);
    CHECK(mse == Approx(c.at("mse").get<double>()).epsilon(1e-12));
    CHECK(psnr(mse, full_scale(a)) == Approx(c.at("psnr").get<double>()).epsilon(1e-12));
    if (c.contains("ms_ssim")) CHECK(std::abs(ms_ssim(a, b) - c.at("ms_ssim").get<double>()) <= 1e-9);
  }
}

TEST_CASE(
    "quality: a picture is like itself, measures are symmetric, and scaling both with the depth changes nothing") {
  for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_32FC1, CV_32FC3}) {
    CAPTURE(type);
    const cv::Mat a = test::scene(180, 200, type), b = gaussian(a);
    CHECK(ssim(a, a) == Approx(1).epsilon(1e-12));
    CHECK(ms_ssim(a, a) == Approx(1).epsilon(1e-12));
    CHECK(mean_squared_error(a, a) == 0);
    CHECK(ssim(a, b) == ssim(b, a));
    CHECK(ms_ssim(a, b) == ms_ssim(b, a));
    CHECK(ssim(a, b) < 1);
  }
  const cv::Mat a = test::scene(60, 50), b = gaussian(a);
  cv::Mat a16, b16;
  a.convertTo(a16, CV_16U, 257), b.convertTo(b16, CV_16U, 257);
  CHECK(ssim(a16, b16) == Approx(ssim(a, b)).epsilon(1e-12));
  CHECK(psnr(mean_squared_error(a16, b16), 65535) == Approx(psnr(mean_squared_error(a, b), 255)));
}

TEST_CASE("quality: more blur is less like, and a negative is nothing like") {
  const cv::Mat a = test::scene(200, 220);
  double last = 1, last_ms = 1;
  for (double sigma : {0.5, 1.0, 2.0, 4.0}) {
    GaussianParams p;
    p.sigma = sigma;
    const cv::Mat b = gaussian(a, p);
    CHECK(ssim(a, b) < last);
    CHECK(ms_ssim(a, b) < last_ms);
    last = ssim(a, b), last_ms = ms_ssim(a, b);
  }
  cv::Mat negative;
  cv::bitwise_not(a, negative);
  CHECK(ssim(a, negative) < 0.2);
  CHECK(ms_ssim(a, negative) == 0);
}

TEST_CASE("quality: threads change no bit, strides and alpha do not count", "[parallel]") {
  const cv::Mat a = test::scene(230, 700, CV_8UC4), b = gaussian(a);
  CHECK(ssim(a, b, Context(0, 2)) == ssim(a, b, Context(0, 1)));
  CHECK(ms_ssim(a, b, Context(0, 7)) == ms_ssim(a, b, Context(0, 1)));
  CHECK(mean_squared_error(a, b, Context(0, 3)) == mean_squared_error(a, b));
  CHECK(ssim(test::strided(a), test::strided(b)) == ssim(a, b));
  cv::Mat other = b.clone();
  for (int y = 0; y < other.rows; ++y)
    for (int x = 0; x < other.cols; ++x) other.at<cv::Vec4b>(y, x)[3] = 1;
  CHECK(mean_squared_error(a, other) == mean_squared_error(a, b));
  CHECK(ssim(a, other) == ssim(a, b));
  CHECK(mean_ciede2000(a, a) == 0);
  CHECK(mean_ciede2000(a, b) > 0);
}

TEST_CASE("quality: unlike or small pictures are refused in words") {
  const cv::Mat a = test::scene(20, 30);
  CHECK_THROWS_WITH(ssim(a, test::scene(20, 31)), Catch::Contains("30 x 20 and 31 x 20"));
  CHECK_THROWS_WITH(ssim(a, test::scene(20, 30, CV_16U)), Catch::Contains("type"));
  CHECK_THROWS_WITH(ssim(test::scene(10, 30), test::scene(10, 30)), Catch::Contains("at least 11"));
  CHECK_THROWS_WITH(ms_ssim(a, a), Catch::Contains("at least 176"));
  CHECK_THROWS_AS(mean_ciede2000(a, a), DataError);
  CHECK_THROWS_AS(mean_squared_error(cv::Mat(), cv::Mat()), DataError);
}
