#include "assay/imgproc/filter/gaussian.h"

#include <nlohmann/json.hpp>
#include <numeric>

#include "assay/imgproc/filter/gaussian_recursive.h"

#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
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

TEST_CASE("gaussian: bytes in whole numbers are rounded correctly, black and white ones and at every border, too") {
  for (const auto& [word, border] : border_names.items)
    for (const auto& [sigma, radius] : {std::pair(0.85, 2), std::pair(1.5, 4), std::pair(2.0, 6)})
      for (const int channels : {1, 3, 4})
        for (const bool extreme : {false, true}) {
          CAPTURE(word, sigma, channels, extreme);
          GaussianParams p = params(sigma, border, 200);
          p.radius = radius;
          cv::Mat image = test::random_image(69, 141 / channels, CV_8UC(channels), 17);
          if (extreme) image = (image > 120);
          const cv::Mat out = gaussian(image, p), exact = defined(image, p);
          for (int y = 0; y < out.rows; ++y)
            for (int x = 0; x < out.cols; ++x)
              for (int c = 0; c < channels; ++c)
                REQUIRE(std::abs(test::value_at(exact, y, x, c) - test::value_at(out, y, x, c)) <= 0.5 + 1e-9);
        }
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

namespace {

// OpenCV's rule: whole weights, whole sums, halves upwards.
cv::Mat in_whole_numbers(const cv::Mat& image, const GaussianParams& p) {
  const int one = image.depth() == CV_8U ? 1 << 8 : 1 << 16;
  const int r = p.radius.value_or(gaussian_radius_opencv(p.sigma, image.depth()));
  const std::vector<double> w = gaussian_weights_opencv(p.sigma, r, one);
  const auto weight = [&](int i) { return static_cast<uint64_t>(w[static_cast<size_t>(std::abs(i))]); };
  const auto outside = static_cast<uint64_t>(std::lround(p.value));
  const auto squared = static_cast<uint64_t>(one) * static_cast<uint64_t>(one);
  cv::Mat out(image.size(), image.type());
  const int channels = image.channels();
  for (int c = 0; c < channels; ++c) {
    std::vector<uint64_t> along(static_cast<size_t>(image.rows * image.cols));
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x)
        for (int i = -r; i <= r; ++i) {
          const int from = border_index(x + i, image.cols, p.border);
          along[static_cast<size_t>(y * image.cols + x)] +=
              weight(i) * (from < 0 ? outside : static_cast<uint64_t>(test::value_at(image, y, from, c)));
        }
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x) {
        uint64_t sum = squared / 2;
        for (int j = -r; j <= r; ++j) {
          const int from = border_index(y + j, image.rows, p.border);
          sum += weight(j) *
                 (from < 0 ? outside * static_cast<uint64_t>(one) : along[static_cast<size_t>(from * image.cols + x)]);
        }
        if (image.depth() == CV_8U)
          out.ptr<uint8_t>(y)[x * channels + c] = static_cast<uint8_t>(sum / squared);
        else
          out.ptr<uint16_t>(y)[x * channels + c] = static_cast<uint16_t>(sum / squared);
      }
  }
  return out;
}

}  // namespace

TEST_CASE("gaussian, opencv: the weights are whole and sum to one, and the radius is OpenCV's") {
  // OpenCV 4.6's kernel of 5 taps at sigma 1: 14 62 104 62 14
  CHECK(gaussian_weights_opencv(1, 2, 256) == std::vector<double>{104, 62, 14});
  for (double sigma : {0.05, 0.8, 1.5, 5.0, 41.3, 900.0})
    for (int one : {1 << 8, 1 << 16}) {
      const std::vector<double> w = gaussian_weights_opencv(sigma, gaussian_radius(sigma), one);
      CHECK(w[0] + 2 * std::accumulate(w.begin() + 1, w.end(), 0.0) == one);
      for (double v : w) CHECK((v >= 0 && v == std::floor(v)));
    }
  CHECK(gaussian_radius_opencv(1.5, CV_8U) == 5);
  CHECK(gaussian_radius_opencv(1.4, CV_8U) == 4);
  CHECK(gaussian_radius_opencv(1.4, CV_16U) == 6);
  CHECK(gaussian_radius_opencv(0.25, CV_8U) == 1);  // 2.5, a half, goes to the even 2, and 2 to the odd 3
}

TEST_CASE("gaussian, opencv: whole sums, halves upwards, for every border, size, depth and number of channels") {
  for (int type : {CV_8U, CV_8UC3, CV_8UC4, CV_16U, CV_16UC3})
    for (const auto& [word, border] : border_names.items)
      for (double sigma : {0.2, 0.9, 1.5, 3.3, 8.0})
        for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 9), cv::Size(17, 1), cv::Size(23, 14), cv::Size(64, 6),
                                    cv::Size(65, 5), cv::Size(131, 7)}) {
          CAPTURE(word, sigma, size.width, size.height, type);
          GaussianParams p = params(sigma, border, 30.6);
          p.convention = GaussianConvention::opencv;
          const cv::Mat image =
              test::random_image(size.height, size.width, type, static_cast<uint64_t>(type + 10 * size.width));
          const cv::Mat expected = in_whole_numbers(image, p);
          REQUIRE(test::same_pixels(gaussian(image, p), expected));
          REQUIRE(test::same_pixels(gaussian(test::strided(image), p), expected));
        }
}

TEST_CASE("gaussian, opencv: extremes do not overflow, and threads change nothing") {
  GaussianParams p = params(2.2);
  p.convention = GaussianConvention::opencv;
  Context two;
  two.threads = 2;
  for (int level : {0, 255}) {
    const cv::Mat flat(150, 90, CV_8U, cv::Scalar(level));
    CHECK(test::same_pixels(gaussian(flat, p), flat));
  }
  cv::Mat board(600, 97, CV_8U);
  for (int y = 0; y < board.rows; ++y)
    for (int x = 0; x < board.cols; ++x) board.at<uint8_t>(y, x) = (x / 5 + y / 7) % 2 ? 255 : 0;
  for (const auto& [sigma, radius] :
       {std::pair{2.2, 7}, std::pair{30.0, 1}, std::pair{100.0, 63}, std::pair{0.3, 40}}) {
    p.sigma = sigma;
    p.radius = radius;
    CHECK(test::same_pixels(gaussian(board, p), in_whole_numbers(board, p)));
    CHECK(test::same_pixels(gaussian(board, p, two), gaussian(board, p)));
  }
  p.method = GaussianMethod::recursive;
  CHECK_THROWS_WITH(gaussian(board, p), Catch::Contains("radius"));
  p.radius = std::nullopt;
  p.sigma = 3;
  CHECK_THROWS_WITH(gaussian(board, p), Catch::Contains("convention=opencv"));
}

TEST_CASE("gaussian, opencv: OpenCV's own pixels") {
  const nlohmann::json file = test::golden("images/gaussian.json");
  int cases = 0;
  for (const auto& c : file.at("opencv").at("cases")) {
    CAPTURE(c.dump());
    GaussianParams p = params(c.at("sigma"));
    for (const auto& [word, border] : border_names.items)
      if (word == c.at("border").get<std::string>()) p.border = border;
    if (!c.at("radius").is_null()) p.radius = c.at("radius").get<int>();
    p.convention = GaussianConvention::opencv;
    const cv::Mat image = test::golden_input(c.at("input"));
    CHECK(test::largest_difference(gaussian(image, p), test::golden_image(c.at("output"))) <=
          (image.depth() == CV_32F ? 1e-6 : 0));
    ++cases;
  }
  CHECK(cases == 38);
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
