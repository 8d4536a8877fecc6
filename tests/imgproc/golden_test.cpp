// The operators against OpenCV 4.6, scipy 1.10 and scikit-image 0.19: tests/golden/images.
#include "assay/imgproc/color/gray.h"
#include "assay/imgproc/edge/canny.h"
#include "assay/imgproc/edge/sobel.h"
#include "assay/imgproc/filter/gaussian.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;
using test::golden_image;
using test::golden_input;

namespace {

nlohmann::json group(const char* name) { return test::golden("images/index.json").at(name); }

template <class E, size_t N>
E named(const EnumNames<E, N>& names, const std::string& word) {
  for (const auto& item : names.items)
    if (word == item.first) return item.second;
  throw std::runtime_error("no such name: " + word);
}

int differing(const cv::Mat& a, const cv::Mat& b) { return a.size() == b.size() ? cv::countNonZero(a != b) : -1; }

GaussianParams gaussian_params(const nlohmann::json& c) {
  GaussianParams p;
  p.sigma = c.at("sigma");
  p.radius = c.at("radius").get<int>();
  p.border = named(border_names, c.at("border"));
  return p;
}

}  // namespace

TEST_CASE("canny: convention opencv gives OpenCV's edges, pixel by pixel, for every stored picture") {
  int cases = 0;
  const nlohmann::json cases_of = group("canny_opencv");
  for (const auto& c : cases_of.at("cases")) {
    CannyParams p;
    p.low = c.at("low");
    p.high = c.at("high");
    p.norm = named(edge_norm_names, c.at("norm"));
    p.convention = CannyConvention::opencv;
    CAPTURE(c.dump());
    const cv::Mat edges = canny(golden_input(c.at("input")), p);
    CHECK(differing(edges, golden_image(c.at("output"))) == 0);
    CHECK(cv::countNonZero(edges) == c.at("edge_pixels").get<int>());
    ++cases;
  }
  CHECK(cases == 30);
}

TEST_CASE("canny: convention skimage gives scikit-image's edges, pixel by pixel; smoothing before it in f32") {
  int cases = 0;
  const nlohmann::json cases_of = group("canny_skimage");
  for (const auto& c : cases_of.at("cases")) {
    CAPTURE(c.dump());
    const double sigma = c.at("sigma");
    cv::Mat image;
    golden_input(c.at("input")).convertTo(image, CV_32F, 1.0 / c.at("divide_by").get<double>());
    if (sigma > 0) {
      GaussianParams g;
      g.sigma = sigma;
      g.radius = static_cast<int>(4 * sigma + 0.5);
      g.border = named(border_names, c.at("border"));
      cv::Mat weight = gaussian(cv::Mat(image.size(), CV_32F, cv::Scalar(1)), g);  // what a constant border takes away
      image = gaussian(image, g) / weight;
    }
    CannyParams p;
    p.low = 255 * c.at("low").get<double>();
    p.high = 255 * c.at("high").get<double>();
    p.convention = CannyConvention::skimage;
    // pixels whose decision hangs on less than f32 resolves; in every stored case they turn out the same
    CHECK(c.at("near_1e-5").size() <= 1);
    CHECK(differing(canny(image, p), golden_image(c.at("output"))) == 0);
    ++cases;
  }
  CHECK(cases == 11);
}

TEST_CASE("gaussian: agrees with scipy to single precision, and exactly where it is rounded") {
  const auto scipy = group("gaussian_scipy");
  const double tolerance = scipy.at("header").at("tolerance").at("float32").at("value");
  for (const auto& c : scipy.at("cases")) {
    CAPTURE(c.dump());
    cv::Mat image = golden_input(c.at("input"));
    const double largest = full_scale(image);
    image.convertTo(image, CV_32F);
    CHECK(test::largest_difference(gaussian(image, gaussian_params(c)), golden_image(c.at("output"))) <=
          tolerance * largest);
  }
  for (const auto& c : scipy.at("rounded")) {
    CAPTURE(c.dump());
    CHECK(test::same_pixels(gaussian(golden_input(c.at("input")), gaussian_params(c)), golden_image(c.at("output"))));
  }
}

TEST_CASE("gaussian: agrees with OpenCV in f32; OpenCV's u8 is one level off at some pixels") {
  const auto opencv = group("gaussian_opencv");
  for (const auto& c : opencv.at("cases")) {
    CAPTURE(c.dump());
    const cv::Mat image = golden_input(c.at("input")), out = gaussian(image, gaussian_params(c));
    const double difference = test::largest_difference(out, golden_image(c.at("output")));
    if (image.depth() == CV_32F)
      CHECK(difference <= 1e-6);
    else
      CHECK(difference <= 1);
  }
}

TEST_CASE("sobel: equals OpenCV's and scipy's: exactly on integers, to single precision on f32") {
  const nlohmann::json cases_of = group("sobel");
  for (const auto& c : cases_of.at("cases")) {
    CAPTURE(c.dump());
    const cv::Mat image = golden_input(c.at("input"));
    SobelParams p;
    p.border = named(border_names, c.at("border"));
    const double tolerance = image.depth() == CV_32F ? 1e-6 : 0;
    p.direction = Direction::x;
    CHECK(test::largest_difference(sobel(image, p), golden_image(c.at("gx"))) <= tolerance);
    p.direction = Direction::y;
    CHECK(test::largest_difference(sobel(image, p), golden_image(c.at("gy"))) <= tolerance);
  }
}

TEST_CASE("gray: each convention gives its library's values") {
  const nlohmann::json cases_of = group("gray");
  for (const auto& c : cases_of.at("cases")) {
    CAPTURE(c.dump());
    cv::Mat image = golden_input(c.at("input"));
    const cv::Mat expected = golden_image(c.at("output"));
    if (c.contains("divide_by_in_float32")) {
      image.convertTo(image, CV_32F);
      image = image / c.at("divide_by_in_float32").get<float>();
      CHECK(test::largest_difference(gray(image, {GrayConvention::opencv}), expected) <= 1e-6);
    } else if (c.at("peer") == "opencv") {
      CHECK(test::same_pixels(gray(image, {GrayConvention::opencv}), expected));
      CHECK(test::largest_difference(gray(image), expected) ==
            c.at("greatest_distance_from_exact_rounding").get<int>());
    } else {
      CHECK(test::largest_difference(gray(image, {GrayConvention::skimage}), expected) <=
            6e-8);  // half a unit of f32 below 1
    }
  }
}
