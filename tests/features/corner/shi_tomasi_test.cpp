#include "assay/features/corner/shi_tomasi.h"

#include "assay/core/error.h"
#include "assay/features/corner/harris.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

TEST_CASE("shi-tomasi: the response is the smaller eigenvalue, by hand") {
  // Gradient (2, 0) / 8 on one side, (0, 1) / 8 on the other: a picture f = x for x < 0 and f = 0.5 y beside it has, under
  // a box that sees as many pixels of both, M = diag(mean gx^2, mean gy^2). Here only its law: R (trace - R) = det.
  const cv::Mat image = test::random_image(31, 40, CV_8U, 5);
  HarrisParams h;
  h.k = 0;  // det M
  const cv::Mat det = harris_response(image, h), smaller = shi_tomasi_response(image);
  HarrisParams other;
  other.k = 0.2;  // det M - 0.2 trace^2
  const cv::Mat mixed = harris_response(image, other);
  for (int y = 0; y < 31; ++y)
    for (int x = 0; x < 40; ++x) {
      const double d = static_cast<double>(det.at<float>(y, x)), r = static_cast<double>(smaller.at<float>(y, x));
      const double trace = std::sqrt((d - static_cast<double>(mixed.at<float>(y, x))) / 0.2);
      CHECK(r * (trace - r) == Approx(d).epsilon(1e-3).margin(1e-7));
      CHECK(r <= trace / 2 * (1 + 1e-6));
    }
}

TEST_CASE("shi-tomasi: a ramp or an edge has no second direction, a corner has") {
  cv::Mat image = cv::Mat::zeros(40, 40, CV_8U);
  image(cv::Rect(12, 12, 16, 16)).setTo(255);
  const cv::Mat R = shi_tomasi_response(image);
  CHECK(R.at<float>(12, 12) > 0.01F);
  CHECK(R.at<float>(20, 12) == 0);
  CHECK(R.at<float>(2, 2) == 0);
  cv::Mat ramp(20, 30, CV_32F);
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x) ramp.at<float>(y, x) = static_cast<float>(0.01 * x + 0.02 * y);
  double largest = 0;
  cv::minMaxLoc(shi_tomasi_response(ramp)(cv::Rect(5, 5, 20, 10)), nullptr, &largest);
  CHECK(largest < 1e-9);
}

TEST_CASE("shi-tomasi: rotations by 90 degrees and flips permute the responses, bit for bit") {
  for (int type : {CV_8U, CV_16U, CV_32F})
    for (auto convention : {CornerConvention::exact, CornerConvention::skimage})
      for (const cv::Size size : {cv::Size(61, 47), cv::Size(300, 90), cv::Size(5, 3)}) {
        ShiTomasiParams p;
        p.convention = convention;
        p.sigma = 1.3;
        const cv::Mat image = test::random_image(size.height, size.width, type, 8), R = shi_tomasi_response(image, p);
        CAPTURE(type, size.width);
        CHECK(test::same_pixels(shi_tomasi_response(test::rotate_90(image), p), test::rotate_90(R)));
        CHECK(test::same_pixels(shi_tomasi_response(test::flip_lr(image), p), test::flip_lr(R)));
        CHECK(test::same_pixels(shi_tomasi_response(test::flip_ud(image), p), test::flip_ud(R)));
      }
}

TEST_CASE("shi-tomasi: a box of n x n pixels is the mean of the products over them") {
  const cv::Mat image = test::random_image(20, 300, CV_8U, 4);
  for (int size : {1, 2, 3, 6, 9}) {
    ShiTomasiParams p;
    p.window = CornerWindow::box, p.size = size;
    const cv::Mat R = shi_tomasi_response(image, p);
    const auto f = [&](int y, int x) { return image.at<uint8_t>(y, x) / 255.0; };
    for (const auto& [y, x] : {std::pair(10, 150), {9, 128}, {10, 127}, {11, 200}}) {
      double A = 0, B = 0, C = 0;
      for (int j = -(size / 2); j < size - size / 2; ++j)
        for (int i = -(size / 2); i < size - size / 2; ++i) {
          const int v = y + j, u = x + i;
          const double gx = (f(v - 1, u + 1) - f(v - 1, u - 1) + 2 * (f(v, u + 1) - f(v, u - 1)) + f(v + 1, u + 1) -
                             f(v + 1, u - 1)) /
                            8;
          const double gy = (f(v + 1, u - 1) - f(v - 1, u - 1) + 2 * (f(v + 1, u) - f(v - 1, u)) + f(v + 1, u + 1) -
                             f(v - 1, u + 1)) /
                            8;
          A += gx * gx / (size * size), B += gy * gy / (size * size), C += gx * gy / (size * size);
        }
      CAPTURE(size, x);
      CHECK(static_cast<double>(R.at<float>(y, x)) ==
            Approx((A + B - std::hypot(A - B, 2 * C)) / 2).epsilon(1e-4).margin(1e-7));
    }
  }
}

TEST_CASE("shi-tomasi: convention skimage is corner_shi_tomasi to 1e-10, opencv is cornerMinEigenVal to 1e-5") {
  const nlohmann::json golden = test::golden("corners.json");
  int cases = 0;
  for (const char* group : {"eigen_skimage", "eigen_opencv"})
    for (const auto& c : golden.at(group).at("cases")) {
      CAPTURE(c.dump());
      const bool skimage = c.contains("sigma");
      ShiTomasiParams p;
      p.convention = skimage ? CornerConvention::skimage : CornerConvention::opencv;
      if (skimage) p.sigma = c.at("sigma");
      if (!skimage) p.size = c.at("size");
      const cv::Mat R = shi_tomasi_response(test::golden_input(c.at("input")), p);
      CHECK(test::largest_difference(R, test::golden_image(c.at("output"))) <=
            (skimage ? 1e-10 : 1e-5) * c.at("greatest").get<double>());
      ++cases;
    }
  CHECK(cases == 8);
}

TEST_CASE("harris: convention opencv is cornerHarris to 1e-5") {
  int cases = 0;
  const nlohmann::json index = test::golden("images/index.json");
  for (const auto& c : index.at("harris_opencv").at("cases")) {
    if (c.at("border") != "reflect101") continue;
    CAPTURE(c.dump());
    HarrisParams p;
    p.convention = CornerConvention::opencv;
    p.k = 0.04, p.size = c.at("block");
    const cv::Mat R = harris_response(test::golden_input(c.at("input")), p);
    CHECK(test::largest_difference(R, test::golden_image(c.at("output"))) <= 1e-5 * c.at("greatest").get<double>());
    ++cases;
  }
  CHECK(cases == 4);
}

TEST_CASE("shi-tomasi: suppression by radius gives the corners of goodFeaturesToTrack, in its order") {
  int cases = 0;
  const nlohmann::json golden = test::golden("corners.json");
  for (const auto& c : golden.at("good").at("cases")) {
    CAPTURE(c.at("input").dump(), c.at("min-distance").dump());
    ShiTomasiParams p;
    p.convention = CornerConvention::opencv, p.suppression = CornerSuppression::radius, p.sub_pixel = SubPixel::none;
    p.min_distance = c.at("min-distance"), p.threshold = c.at("threshold"),
    p.max_features = c.at("max-features").get<int>();
    const FeatureTable got = shi_tomasi(test::golden_input(c.at("input")), p);
    const auto& want = c.at("points");
    REQUIRE(got.rows() == want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      CHECK(got.at(i, 0) == want[i][0].get<double>());
      CHECK(got.at(i, 1) == want[i][1].get<double>());
    }
    ++cases;
  }
  CHECK(cases == 4);
}

TEST_CASE("shi-tomasi: nothing to find is an empty list") {
  CHECK(shi_tomasi(cv::Mat(20, 20, CV_8U, cv::Scalar(77))).rows() == 0);
  CHECK(shi_tomasi(cv::Mat(1, 1, CV_8U, cv::Scalar(77))).rows() == 0);
  CHECK(shi_tomasi(test::random_image(1, 30, CV_8U)).rows() == 0);
  CHECK_THROWS_AS(shi_tomasi(test::random_image(9, 9, CV_8UC3)), DataError);
}
