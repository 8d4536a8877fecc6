#include "assay/imgproc/filter/gaussian.h"

#include <numeric>

#include "assay/imgproc/filter/gaussian_recursive.h"

#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

// The definition: a two-dimensional sum, in long double.
long double defined(const cv::Mat& image, int y, int x, int c, const std::vector<double>& w, const GaussianParams& p) {
  const int r = static_cast<int>(w.size()) - 1;
  long double sum = 0;
  for (int j = -r; j <= r; ++j)
    for (int i = -r; i <= r; ++i) {
      const int row = border_index(y + j, image.rows, p.border), col = border_index(x + i, image.cols, p.border);
      const double v = row < 0 || col < 0 ? p.value : test::value_at(image, row, col, c);
      sum += static_cast<long double>(w[static_cast<size_t>(std::abs(i))]) * w[static_cast<size_t>(std::abs(j))] * v;
    }
  return sum;
}

cv::Mat defined(const cv::Mat& image, const GaussianParams& p) {
  const std::vector<double> w = gaussian_weights(p.sigma, p.radius.value_or(gaussian_radius(p.sigma)));
  cv::Mat out(image.size(), CV_64FC(image.channels()));
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      for (int c = 0; c < image.channels(); ++c)
        out.ptr<double>(y)[x * image.channels() + c] = static_cast<double>(defined(image, y, x, c, w, p));
  return out;
}

GaussianParams params(double sigma, Border border = Border::reflect101, double value = 0) {
  GaussianParams p;
  p.sigma = sigma;
  p.border = border;
  p.value = value;
  return p;
}

}  // namespace

TEST_CASE("gaussian: the weights of sigma 1 are those of the table, and all weights sum to 1") {
  // exp(-i^2/2) / 2.5066282... for radius 4: the sum of the nine is sqrt(2 pi) to 5e-5
  const std::vector<double> w = gaussian_weights(1, 4);
  CHECK(w[0] == Approx(0.39894347).epsilon(1e-7));
  CHECK(w[1] / w[0] == Approx(std::exp(-0.5)).epsilon(1e-15));
  CHECK(w[4] / w[0] == Approx(std::exp(-8.0)).epsilon(1e-15));
  for (double sigma : {0.1, 0.5, 1.0, 1.4, 5.0, 37.5}) {
    const std::vector<double> v = gaussian_weights(sigma, gaussian_radius(sigma));
    CHECK(v.size() == static_cast<size_t>(std::ceil(4 * sigma)) + 1);
    CHECK(v[0] + 2 * std::accumulate(v.begin() + 1, v.end(), 0.0) == Approx(1).epsilon(1e-15));
  }
}

TEST_CASE("gaussian: a single bright pixel becomes the product of the weights") {
  cv::Mat image = cv::Mat::zeros(21, 21, CV_32F);
  image.at<float>(10, 10) = 1;
  const cv::Mat out = gaussian(image, params(2));
  const std::vector<double> w = gaussian_weights(2, 8);
  for (int y = 2; y <= 18; ++y)
    for (int x = 2; x <= 18; ++x)
      CHECK(static_cast<double>(out.at<float>(y, x)) ==
            Approx(w[static_cast<size_t>(std::abs(y - 10))] * w[static_cast<size_t>(std::abs(x - 10))]).epsilon(3e-7));
  CHECK(out.at<float>(1, 10) == 0);
  CHECK(out.at<float>(10, 19) == 0);
}

TEST_CASE("gaussian: integer pictures hold the exact result rounded to the nearest, for every border, depth and size") {
  long pixels = 0;
  for (int type : {CV_8U, CV_8UC3, CV_8UC4, CV_16U, CV_16UC3})
    for (const auto& [word, border] : border_names.items)
      for (double sigma : {0.3, 0.8, 1.4, 3.1})
        for (const cv::Size size :
             {cv::Size(1, 1), cv::Size(1, 9), cv::Size(17, 1), cv::Size(23, 14), cv::Size(67, 5)}) {
          const GaussianParams p = params(sigma, border, CV_MAT_DEPTH(type) == CV_8U ? 31 : 4097);
          const cv::Mat image =
              test::random_image(size.height, size.width, type, static_cast<uint64_t>(type + 10 * size.width));
          const cv::Mat out = gaussian(image, p), exact = defined(image, p);
          REQUIRE(out.type() == type);
          CAPTURE(word, sigma, size.width, size.height, type);
          for (int y = 0; y < out.rows; ++y)
            for (int x = 0; x < out.cols; ++x)
              for (int c = 0; c < out.channels(); ++c, ++pixels) {
                const double v = test::value_at(exact, y, x, c), got = test::value_at(out, y, x, c);
                // half a unit, and 1e-9 for what the reference itself cannot tell
                REQUIRE(std::abs(v - got) <= 0.5 + 1e-9);
              }
        }
  CHECK(pixels > 100000);
}

TEST_CASE("gaussian: a tie goes to the even neighbour") {
  // one tap: the mean of two values cannot be made by symmetric weights alone, but wrap on two columns makes it:
  // w0 a + 2 (w1 + w3 + ...) b + 2 (w2 + ...) a with a wide sigma is (a + b) / 2 to far below the error bound
  for (int a : {0, 1, 2, 3, 100, 101}) {
    cv::Mat image(1, 2, CV_8U);
    image.at<uint8_t>(0, 0) = static_cast<uint8_t>(a);
    image.at<uint8_t>(0, 1) = static_cast<uint8_t>(a + 1);
    GaussianParams p = params(8, Border::wrap);
    p.radius = 80;  // the cut tails would tell the two columns apart
    const cv::Mat out = gaussian(image, p);
    const int even = a % 2 == 0 ? a : a + 1;
    CHECK(out.at<uint8_t>(0, 0) == even);
    CHECK(out.at<uint8_t>(0, 1) == even);
  }
}

TEST_CASE("gaussian: f32 agrees with the definition to single precision, for every border") {
  for (const auto& [word, border] : border_names.items)
    for (double sigma : {0.3, 1.4, 5.0})
      for (int type : {CV_32F, CV_32FC3, CV_32FC4}) {
        CAPTURE(word, sigma, type);
        const GaussianParams p = params(sigma, border, 0.25);
        const cv::Mat image = test::random_image(19, 31, type, 5);
        CHECK(test::largest_difference(gaussian(image, p), defined(image, p)) < 1e-7 * (sigma + 4));
      }
}

TEST_CASE("gaussian: a constant picture stays as it is") {
  for (const auto& [word, border] : border_names.items) {
    CAPTURE(word);
    for (int level : {0, 1, 127, 254, 255}) {
      const cv::Mat image(13, 40, CV_8UC3, cv::Scalar::all(level));
      CHECK(test::same_pixels(gaussian(image, params(2.5, border, level)), image));
    }
    const cv::Mat deep(13, 40, CV_16U, cv::Scalar::all(65535));
    CHECK(test::same_pixels(gaussian(deep, params(2.5, border, 65535)), deep));
  }
  const cv::Mat real(13, 40, CV_32F, cv::Scalar::all(0.7));
  CHECK(test::largest_difference(gaussian(real, params(2.5)), real) <= 2e-7);
}

TEST_CASE("gaussian: sigma s then t is sigma sqrt(s^2 + t^2), within the error of sampling and of the cut") {
  const cv::Mat image = test::random_image(80, 90, CV_32F, 3);
  const cv::Mat twice = gaussian(gaussian(image, params(1.5)), params(2.0)), once = gaussian(image, params(2.5));
  const cv::Rect inside(16, 16, 58, 48);  // the border rule does not commute with the sum of two filters
  // the sampled kernels differ from the continuous ones by at most 2 exp(-2 pi^2 sigma^2) < 1e-18; the cut leaves out
  // erfc(4 / sqrt 2) = 6.3e-5 of the mass of each of the four passes on values up to 1
  CHECK(test::largest_difference(twice(inside), once(inside)) < 4 * 6.4e-5);
  CHECK(test::largest_difference(gaussian(image, params(2.4))(inside), once(inside)) >
        4 * 6.4e-5);  // the bound can tell
}

TEST_CASE("gaussian: radius 0 gives the picture back, and the radius may exceed the picture") {
  GaussianParams p = params(1);
  p.radius = 0;
  const cv::Mat image = test::random_image(5, 6, CV_16UC4);
  CHECK(test::same_pixels(gaussian(image, p), image));
  p = params(30);
  CHECK(gaussian(image, p).size() == image.size());
}

TEST_CASE("gaussian, recursive: within its bound of the Gaussian that is not cut, for every border, depth and sigma") {
  for (const auto& [word, border] : border_names.items)
    for (double sigma : {1.0, 2.0, 3.7, 9.0})
      for (int type : {CV_8U, CV_8UC3, CV_16UC4, CV_32F}) {
        CAPTURE(word, sigma, type);
        GaussianParams p = params(sigma, border, type == CV_32F ? 0.25 : 40);
        const cv::Mat image = test::random_image(23, 37, type, 11);
        p.method = GaussianMethod::recursive;
        const cv::Mat fast = gaussian(image, p);
        REQUIRE(fast.type() == type);
        p.method = GaussianMethod::fir;
        p.radius = static_cast<int>(std::ceil(8 * sigma));       // beyond it lies less than 1e-14
        const double unit = type == CV_32F ? 1e-7 : 0.5 + 1e-9;  // of rounding
        CHECK(test::largest_difference(fast, defined(image, p)) <= recursive_error(sigma) * full_scale(image) + unit);
      }
}

TEST_CASE("gaussian, recursive: the bound is small, and the picture that the errors' signs make comes near it") {
  CHECK(recursive_error(1) < 0.01);
  for (double sigma : {2.0, 5.0, 40.0, 300.0}) {
    CAPTURE(sigma);
    CHECK(recursive_error(sigma) < 6e-4);
  }
  // one line: white where the recursion's weight exceeds the Gaussian's, black elsewhere
  const double sigma = 4;
  const int far = 60;
  cv::Mat speck = cv::Mat::zeros(1, 2 * far + 1, CV_32F);
  speck.at<float>(0, far) = 1;
  GaussianParams p = params(sigma);
  p.border = Border::replicate;
  p.method = GaussianMethod::recursive;
  const cv::Mat h = gaussian(speck, p);
  const std::vector<double> g = gaussian_weights(sigma, far);
  cv::Mat worst(1, 2 * far + 1, CV_32F);
  double exact = 0;
  for (int i = -far; i <= far; ++i) {
    const double w = g[static_cast<size_t>(std::abs(i))];
    const bool white = static_cast<double>(h.at<float>(0, far + i)) > w;
    worst.at<float>(0, far - i) = white ? 1.0f : 0.0f;
    exact += white ? w : 0;
  }
  const double error = static_cast<double>(gaussian(worst, p).at<float>(0, far)) - exact;
  CHECK(error <= recursive_error(sigma));
  CHECK(error > 0.3 * recursive_error(sigma));  // the bound counts both directions, this picture errs in one
}

TEST_CASE("gaussian, recursive: a constant picture stays as it is, also beyond a huge sigma") {
  for (const auto& [word, border] : border_names.items)
    for (double sigma : {1.0, 5.0, 200.0}) {
      CAPTURE(word, sigma);
      GaussianParams p = params(sigma, border, 255);
      p.method = GaussianMethod::recursive;
      const cv::Mat image(9, 20, CV_8UC3, cv::Scalar::all(255));
      CHECK(test::same_pixels(gaussian(image, p), image));
      p.value = 65535;
      const cv::Mat deep(9, 20, CV_16U, cv::Scalar::all(65535));
      CHECK(test::same_pixels(gaussian(deep, p), deep));
    }
}

TEST_CASE(
    "gaussian, recursive: a flipped or turned picture gives the flipped or turned result, and threads change nothing") {
  GaussianParams p = params(6);
  p.method = GaussianMethod::recursive;
  for (int type : {CV_8UC3, CV_16U, CV_32F}) {
    const cv::Mat image = test::random_image(75, 150, type, 4);
    for (int axis : {-1, 0, 1}) {
      cv::Mat turned, back;
      cv::flip(image, turned, axis);
      cv::flip(gaussian(turned, p), back, axis);
      CHECK(test::same_pixels(back, gaussian(image, p)));
    }
    Context two;
    two.threads = 2;
    CHECK(test::same_pixels(gaussian(image, p, two), gaussian(image, p)));
  }
  p.radius = 4;
  CHECK_THROWS_AS(gaussian(test::random_image(5, 5, CV_8U, 1), p), ParameterError);
  p = params(0.5);
  p.method = GaussianMethod::recursive;
  CHECK_THROWS_AS(gaussian(test::random_image(5, 5, CV_8U, 1), p), ParameterError);
}
