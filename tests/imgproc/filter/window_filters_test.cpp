// box, median, bilateral: means and medians of windows.
#include "assay/core/error.h"
#include "assay/imgproc/filter/bilateral.h"
#include "assay/imgproc/filter/bilateral_bytes.h"
#include "assay/imgproc/filter/box.h"
#include "assay/imgproc/filter/integral.h"
#include "assay/imgproc/filter/median.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

// What position (x, y) holds, the border included.
double value_beyond(const cv::Mat& image, int y, int x, int c, Border border, double value) {
  const int from_x = border_index(x, image.cols, border), from_y = border_index(y, image.rows, border);
  return from_x < 0 || from_y < 0 ? value : test::value_at(image, from_y, from_x, c);
}

template <class F>
cv::Mat by_window(const cv::Mat& image, int width, int height, Border border, double value, F&& f) {
  cv::Mat out(image.size(), CV_64FC(image.channels()));
  std::vector<double> window;
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      for (int c = 0; c < image.channels(); ++c) {
        window.clear();
        for (int j = 0; j < height; ++j)
          for (int i = 0; i < width; ++i)
            window.push_back(value_beyond(image, y + j - height / 2, x + i - width / 2, c, border, value));
        out.ptr<double>(y)[x * image.channels() + c] = f(window);
      }
  return out;
}

double mean_of(const std::vector<double>& window) {
  double sum = 0;
  for (double v : window) sum += v;
  return sum / static_cast<double>(window.size());
}

double middle_of(std::vector<double>& window) {
  std::nth_element(window.begin(), window.begin() + static_cast<ptrdiff_t>(window.size() / 2), window.end());
  return window[window.size() / 2];
}

}  // namespace

TEST_CASE("box: a bright pixel becomes a plateau of a ninth, a mean of .5 goes to the even number") {
  cv::Mat image(5, 5, CV_8U, cv::Scalar(0));
  image.at<uint8_t>(2, 2) = 255;
  const cv::Mat out = box(image);
  CHECK(out.at<uint8_t>(1, 1) == 28);
  CHECK(out.at<uint8_t>(2, 3) == 28);
  CHECK(out.at<uint8_t>(0, 2) == 0);
  BoxParams pair;
  pair.size = 2, pair.height = 1, pair.border = Border::wrap;
  const cv::Mat two = (cv::Mat_<uint8_t>(1, 2) << 1, 2), three = (cv::Mat_<uint8_t>(1, 2) << 2, 3);
  CHECK(box(two, pair).at<uint8_t>(0, 0) == 2);
  CHECK(box(three, pair).at<uint8_t>(0, 0) == 2);
}

TEST_CASE("box: equal to the mean of every window, rounded, for every border, depth and size") {
  for (const auto& [word, border] : border_names.items)
    for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC4, CV_32FC1})
      for (const cv::Size& window : {cv::Size(3, 3), cv::Size(1, 1), cv::Size(8, 5), cv::Size(40, 3), cv::Size(2, 33)})
        for (const cv::Size& size : {cv::Size(37, 29), cv::Size(1, 9), cv::Size(20, 1)}) {
          CAPTURE(word, type, window.width, window.height, size.width);
          BoxParams p;
          p.size = window.width, p.height = window.height, p.border = border;
          p.value = type == CV_32FC1 ? 0.5 : 200;
          const cv::Mat image = test::random_image(size.height, size.width, type, 5), out = box(image, p);
          cv::Mat expected = by_window(image, window.width, window.height, border, p.value, mean_of).reshape(1);
          if (type != CV_32FC1) expected.forEach<double>([](double& v, const int*) { v = std::nearbyint(v); });
          REQUIRE(test::largest_difference(out.reshape(1), expected) <= (type == CV_32FC1 ? 1e-7 : 0));
        }
}

TEST_CASE("box: the fast sums are those of the integral image, exactly, also in windows too large for 32 bits") {
  for (int type : {CV_8UC3, CV_16UC1})
    for (int side : {1, 9, 16, 17, 19, 22, 24, 29, 31, 32, 33, 35, 64, 255, 300}) {
      CAPTURE(type, side);
      const cv::Mat image = test::random_image(150, 170, type, 8);
      BoxParams p;
      p.size = side;
      cv::Mat expected = box_by_integral(image, side, side, p.border);
      expected = expected.reshape(1);
      expected.forEach<double>([](double& v, const int*) { v = std::nearbyint(v); });
      CHECK(test::largest_difference(box(image, p).reshape(1), expected) == 0);
    }
  BoxParams large;
  large.size = 4095, large.height = 2049;
  const cv::Mat white(9, 7, CV_16U, cv::Scalar(65535));
  CHECK(test::same_pixels(box(white, large), white));
}

TEST_CASE("median: equal to the sorted window's middle for every border, depth and size of window and picture") {
  for (const auto& [word, border] : border_names.items)
    for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC4, CV_32FC1, CV_32FC3})
      for (int side : {1, 3, 5, 7, 13, 21})
        for (const cv::Size& size : {cv::Size(37, 29), cv::Size(1, 9), cv::Size(20, 1)}) {
          CAPTURE(word, type, side, size.width);
          MedianParams p;
          p.size = side, p.border = border;
          p.value = CV_MAT_DEPTH(type) == CV_32F ? 0.5 : 200;
          const cv::Mat image = test::random_image(size.height, size.width, type, 5);
          REQUIRE(test::largest_difference(median(image, p),
                                           by_window(image, side, side, border, p.value, middle_of)) == 0);
        }
}

TEST_CASE("median of ranks: what is no number counts as the largest value") {
  cv::Mat_<float> image = test::random_image(60, 70, CV_32F, 4), large = image.clone();
  for (int i = 0; i < 60 * 70; i += 11) {  // too few to be the middle anywhere
    image(i / 70, i % 70) = std::numeric_limits<float>::quiet_NaN();
    large(i / 70, i % 70) = std::numeric_limits<float>::infinity();
  }
  MedianParams p;
  p.size = 9;
  CHECK(test::same_pixels(median(image, p), median(large, p)));
}

TEST_CASE("median: tiles join without a seam, and the network gives what the histogram gives") {
  const cv::Mat image = test::random_image(300, 600, CV_8U, 6);
  for (int side : {5, 9, 15}) {
    MedianParams p;
    p.size = side;
    cv::Mat deep, back;
    image.convertTo(deep, CV_16U);
    median(deep, p).convertTo(back, CV_8U);
    CHECK(test::same_pixels(back, median(image, p)));
  }
}

TEST_CASE("median: values below 0 are in order, too, in one corner and all over; blocks of rows join") {
  for (int side : {3, 5})
    for (const bool all : {false, true}) {
      CAPTURE(side, all);
      MedianParams p;
      p.size = side;
      cv::Mat image = test::random_image(133, 75, CV_32F, 9);
      cv::Mat part = all ? image : image(cv::Rect(60, 40, 15, 50));
      part -= 0.5;
      REQUIRE(test::largest_difference(median(image, p), by_window(image, side, side, p.border, p.value, middle_of)) ==
              0);
    }
}

TEST_CASE("median: a part of a wide picture gives that part of the result") {
  for (int type : {CV_8UC4, CV_16UC1, CV_32FC1, CV_32FC3})
    for (int side : {3, 5})
      for (const Border border : {Border::reflect101, Border::wrap}) {
        CAPTURE(type, side);
        MedianParams p;
        p.size = side, p.border = border;
        const cv::Mat image = test::random_image(12, 1700, type, 7), out = median(image, p);
        for (int x = 10; x + 50 <= image.cols; x += 40) {
          const cv::Mat part = median(image.colRange(x - 2, x + 42), p);
          REQUIRE(test::same_pixels(part.colRange(2, 42), out.colRange(x, x + 40)));
        }
        cv::Mat rolled(image.size(), type);
        image.colRange(0, 5).copyTo(rolled.colRange(image.cols - 5, image.cols));
        image.colRange(5, image.cols).copyTo(rolled.colRange(0, image.cols - 5));
        if (border == Border::wrap)
          CHECK(test::same_pixels(median(rolled, p).colRange(0, image.cols - 5), out.colRange(5, image.cols)));
      }
}

TEST_CASE("median: a speck vanishes, a straight edge stays, a rising map of the values commutes") {
  cv::Mat image(20, 20, CV_8U, cv::Scalar(30));
  image(cv::Rect(10, 0, 10, 20)).setTo(200);
  cv::Mat speck = image.clone();
  speck.at<uint8_t>(5, 4) = 255;
  speck.at<uint8_t>(9, 15) = 0;
  for (int side : {3, 5, 9}) {
    MedianParams p;
    p.size = side;
    CHECK(test::same_pixels(median(speck, p), image));
    const cv::Mat any = test::random_image(30, 30, CV_8U);
    CHECK(test::same_pixels(median(any / 2, p), median(any, p) / 2));
  }
  MedianParams even;
  even.size = 4;
  CHECK_THROWS_AS(median(image, even), ParameterError);
}

TEST_CASE(
    "bilateral: equal to the definition, for grey and colour, every border, both distances, weights kept or not") {
  for (const auto& [word, border] : border_names.items)
    for (int type : {CV_8UC1, CV_8UC3, CV_16UC3, CV_32FC1, CV_32FC3})
      for (const auto& [convention, r] :
           {std::pair(ColourDistance::exact, 3), std::pair(ColourDistance::opencv, 3),
            std::pair(ColourDistance::exact, 11), std::pair(ColourDistance::opencv, 11)}) {
        if (r > 3 && border != Border::reflect) continue;  // too far to keep the weights of all pairs
        CAPTURE(word, type, static_cast<int>(convention), r);
        BilateralParams p;
        p.sigma_color = 40, p.sigma_space = 1.3, p.radius = r, p.border = border, p.convention = convention;
        const cv::Mat image = test::random_image(19, 23, type, 5), out = bilateral(image, p);
        const double scale = full_scale(image), c2 = 2 * std::pow(p.sigma_color * scale / 255, 2), s2 = 2 * 1.3 * 1.3;
        double worst = 0;
        for (int y = 0; y < image.rows; ++y)
          for (int x = 0; x < image.cols; ++x) {
            double weights = 0, sums[3] = {};
            for (int j = -r; j <= r; ++j)
              for (int i = -r; i <= r; ++i) {
                if (i * i + j * j > r * r) continue;
                double l1 = 0, l2 = 0, v[3];
                for (int c = 0; c < image.channels(); ++c) {
                  v[c] = value_beyond(image, y + j, x + i, c, border, 0);
                  const double d = v[c] - test::value_at(image, y, x, c);
                  l1 += std::abs(d), l2 += d * d;
                }
                const double w =
                    std::exp(-(i * i + j * j) / s2 - (convention == ColourDistance::opencv ? l1 * l1 : l2) / c2);
                weights += w;
                for (int c = 0; c < image.channels(); ++c) sums[c] += w * v[c];
              }
            for (int c = 0; c < image.channels(); ++c) {
              const double exact = sums[c] / weights, got = test::value_at(out, y, x, c);
              worst = std::max(worst, std::abs(got - exact) - (image.depth() == CV_32F ? 0 : 0.5));
            }
          }
        CHECK(worst <= 2e-6 * scale);
      }
}

TEST_CASE("bilateral: bytes are those of the definition for every small radius and every reach of the weights") {
  for (int type : {CV_8UC1, CV_8UC3, CV_8UC4})
    for (double sigma_color :
         {3.0, 25.0, 31.0, 90.0, 400.0})  // the last ones reach beyond differences of 127 and of 255
      for (int radius = 0; radius <= 5; ++radius) {
        CAPTURE(type, sigma_color, radius);
        BilateralParams p;
        p.sigma_color = sigma_color, p.sigma_space = 2.5, p.radius = radius, p.convention = ColourDistance::opencv;
        const cv::Mat image = test::random_image(11, 70, type, 8), out = bilateral(image, p);
        cv::Mat real;  // the same weights, made where they are needed, in single precision and not rounded
        image.convertTo(real, CV_32F, 1 / 255.0);
        const cv::Mat exact = bilateral(real, p);
        double worst = 0;
        for (int y = 0; y < image.rows; ++y)
          for (int x = 0; x < image.cols; ++x)
            for (int c = 0; c < std::min(3, image.channels()); ++c)
              worst = std::max(worst, std::abs(test::value_at(out, y, x, c) - 255 * test::value_at(exact, y, x, c)));
        CHECK(worst <= 0.5 + 1e-3);
        if (type != CV_8UC4) continue;
        for (int y = 0; y < image.rows; ++y)
          for (int x = 0; x < image.cols; ++x)
            REQUIRE(test::value_at(out, y, x, 3) == test::value_at(image, y, x, 3));  // alpha
      }
}

TEST_CASE("bilateral: bytes by means of f32, where tables decide close ones, are those of the tables") {
  for (int type : {CV_8UC1, CV_8UC3, CV_8UC4})
    for (double sigma_color : {1.0, 25.0, 40.0})
      for (int radius = 1; radius <= 4; ++radius) {
        CAPTURE(type, sigma_color, radius);
        BilateralParams p;
        p.sigma_color = sigma_color, p.sigma_space = 2.5, p.radius = radius, p.convention = ColourDistance::opencv;
        const cv::Mat image = test::scene(150, 530, type);
        REQUIRE(has_weight_tables(image, p, radius));
        cv::Mat by_tables(image.size(), type);
        bilateral_by_tables(image, p, radius, by_tables, {});
        CHECK(test::same_pixels(bilateral(image, p), by_tables));
      }
}

TEST_CASE("bilateral: a constant border of bytes has its own value, whole or not") {
  for (double value : {0.0, 77.0, 77.5, 255.0}) {
    CAPTURE(value);
    BilateralParams p;
    p.sigma_color = 90, p.radius = 3, p.border = Border::constant, p.value = value;
    const cv::Mat image = test::random_image(9, 21, CV_8U, 4), out = bilateral(image, p);
    cv::Mat real;
    image.convertTo(real, CV_32F, 1 / 255.0);
    p.value = value / 255;
    const cv::Mat exact = bilateral(real, p);
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x)
        REQUIRE(std::abs(test::value_at(out, y, x, 0) - 255 * test::value_at(exact, y, x, 0)) <= 0.5 + 1e-3);
  }
}

TEST_CASE("bilateral: a part of a large picture gives that part of the result") {
  for (int type : {CV_8UC1, CV_8UC3, CV_32FC1})
    for (int radius : {5, 12}) {
      CAPTURE(type, radius);
      BilateralParams p;
      p.radius = radius, p.sigma_space = radius / 2.0;
      const cv::Mat image = test::random_image(290, 560, type, 6), out = bilateral(image, p);
      const cv::Rect inner(237, 110, 40, 30), outer(237 - radius, 110 - radius, 40 + 2 * radius, 30 + 2 * radius);
      const cv::Mat part = bilateral(image(outer), p);
      CHECK(test::same_pixels(part(cv::Rect(radius, radius, 40, 30)), out(inner)));
    }
}

TEST_CASE("bilateral: a step stays where the Gaussian would blur it, a constant picture stays, alpha is kept") {
  cv::Mat step(20, 20, CV_8U, cv::Scalar(20));
  step(cv::Rect(10, 0, 10, 20)).setTo(220);
  CHECK(test::same_pixels(bilateral(step), step));
  const cv::Mat grey(9, 70, CV_16UC3, cv::Scalar::all(54321));
  CHECK(test::same_pixels(bilateral(grey), grey));
  const cv::Mat image = test::random_image(20, 20, CV_8UC4), out = bilateral(image);
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 20; ++x) REQUIRE(test::value_at(out, y, x, 3) == test::value_at(image, y, x, 3));
}
