#include "assay/imgproc/geometry/resize.h"

#include <numeric>

#include "assay/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

ResizeParams to(int width, int height, Interpolation method, bool antialias = false) {
  ResizeParams p;
  p.width = width, p.height = height, p.method = method, p.antialias = antialias;
  return p;
}

constexpr Interpolation kMethods[] = {Interpolation::nearest, Interpolation::bilinear, Interpolation::bicubic,
                                      Interpolation::lanczos, Interpolation::area};

// The definition, in f64, one output after the other; the row of weights of each axis made anew.
double direct(const cv::Mat& image, const Taps& tx, const Taps& ty, int x, int y, int c) {
  double sum = 0;
  for (int j = 0; j < ty.count; ++j)
    for (int i = 0; i < tx.count; ++i)
      sum += ty.weight[static_cast<size_t>(y * ty.count + j)] * tx.weight[static_cast<size_t>(x * tx.count + i)] *
             test::value_at(image, ty.first[static_cast<size_t>(y)] + j, tx.first[static_cast<size_t>(x)] + i, c);
  return sum;
}

cv::Mat ramp(int rows, int cols) {
  cv::Mat image(rows, cols, CV_32F);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x) image.at<float>(y, x) = static_cast<float>(3 + 2 * x - y);
  return image;
}

}  // namespace

TEST_CASE("resize: two pixels become four by hand, and four become two") {
  const cv::Mat two = (cv::Mat_<uint8_t>(1, 2) << 0, 100);
  // centres at -1/4, 1/4, 3/4, 5/4
  CHECK(test::same_pixels(resize(two, to(4, 1, Interpolation::bilinear)), (cv::Mat_<uint8_t>(1, 4) << 0, 25, 75, 100)));
  CHECK(test::same_pixels(resize(two, to(4, 1, Interpolation::nearest)), (cv::Mat_<uint8_t>(1, 4) << 0, 0, 100, 100)));
  CHECK(test::same_pixels(resize(two, to(4, 1, Interpolation::area)), (cv::Mat_<uint8_t>(1, 4) << 0, 0, 100, 100)));
  // Keys at distances 1/4, 3/4, 5/4, 7/4: 111/128, 29/128, -9/128, -3/128
  CHECK(test::same_pixels(resize(two, to(4, 1, Interpolation::bicubic)), (cv::Mat_<uint8_t>(1, 4) << 0, 20, 80, 107)));
  const cv::Mat three = (cv::Mat_<uint8_t>(1, 3) << 30, 60, 90);
  CHECK(test::same_pixels(resize(three, to(2, 1, Interpolation::area)), (cv::Mat_<uint8_t>(1, 2) << 40, 80)));
}

TEST_CASE("resize: a half goes to the even number") {
  const cv::Mat pairs = (cv::Mat_<uint8_t>(1, 6) << 0, 1, 1, 2, 254, 255);
  for (Interpolation method : {Interpolation::bilinear, Interpolation::area})
    CHECK(test::same_pixels(resize(pairs, to(3, 1, method)), (cv::Mat_<uint8_t>(1, 3) << 0, 2, 254)));
  const cv::Mat words = (cv::Mat_<uint16_t>(1, 4) << 65534, 65535, 65532, 65533);
  CHECK(test::same_pixels(resize(words, to(2, 1, Interpolation::area)), (cv::Mat_<uint16_t>(1, 2) << 65534, 65532)));
}

TEST_CASE("resize: weights sum to 1 and lie inside the picture, whatever the sizes") {
  for (Interpolation method : kMethods)
    for (bool antialias : {false, true})
      for (const auto& [from, size] :
           {std::pair(1, 1), {1, 7}, {7, 1}, {2, 3}, {5, 4}, {37, 64}, {64, 37}, {1000, 3}, {3, 1000}}) {
        CAPTURE(static_cast<int>(method), antialias, from, size);
        const Taps taps = resize_taps(from, size, method, antialias);
        REQUIRE(taps.first.size() == static_cast<size_t>(size));
        for (int x = 0; x < size; ++x) {
          const auto begin = taps.weight.begin() + static_cast<ptrdiff_t>(x) * taps.count;
          CHECK(std::accumulate(begin, begin + taps.count, 0.0) == Approx(1).epsilon(1e-14));
          CHECK((taps.first[static_cast<size_t>(x)] >= 0 && taps.first[static_cast<size_t>(x)] + taps.count <= from));
        }
      }
}

TEST_CASE("resize: the same size is the same picture, and a constant stays constant") {
  for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC4, CV_32FC1, CV_32FC3})
    for (Interpolation method : kMethods) {
      CAPTURE(type, static_cast<int>(method));
      const cv::Mat image = test::random_image(23, 31, type);
      CHECK(test::same_pixels(resize(image, to(31, 23, method)), image));
      const double level = CV_MAT_DEPTH(type) == CV_32F ? 0.3 : 201;
      const cv::Mat flat(19, 14, type, cv::Scalar::all(level));
      for (const cv::Size size : {cv::Size(1, 1), {47, 5}, {9, 61}}) {
        const cv::Mat out = resize(flat, to(size.width, size.height, method, true));
        CHECK(test::largest_difference(out, cv::Mat(size, type, cv::Scalar::all(level))) <=
              (CV_MAT_DEPTH(type) == CV_32F ? 2e-7 : 0));
      }
    }
}

TEST_CASE("resize: a ramp stays a ramp of the right phase inside the picture") {
  const cv::Mat image = ramp(40, 60);
  for (Interpolation method : {Interpolation::bilinear, Interpolation::bicubic})
    for (const cv::Size size : {cv::Size(90, 55), {37, 23}, {120, 80}}) {
      CAPTURE(static_cast<int>(method), size.width, size.height);
      const cv::Mat out = resize(image, to(size.width, size.height, method));
      for (int y = 4; y < size.height - 4; ++y)
        for (int x = 4; x < size.width - 4; ++x) {
          const double cx = (x + 0.5) * 60 / size.width - 0.5, cy = (y + 0.5) * 40 / size.height - 0.5;
          CHECK(std::abs(static_cast<double>(out.at<float>(y, x)) - (3 + 2 * cx - cy)) <= 4e-5);
        }
    }
}

TEST_CASE("resize: area keeps the mean, and by a whole factor it is the mean of blocks") {
  const cv::Mat image = test::random_image(24, 36, CV_32F);
  CHECK(cv::mean(resize(image, to(25, 7, Interpolation::area)))[0] == Approx(cv::mean(image)[0]).epsilon(1e-6));
  const cv::Mat third = resize(image, to(12, 8, Interpolation::area));
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 12; ++x)
      CHECK(static_cast<double>(third.at<float>(y, x)) ==
            Approx(cv::mean(image(cv::Rect(3 * x, 3 * y, 3, 3)))[0]).epsilon(1e-6));
}

TEST_CASE("resize: flips go through, and quarter turns, bit for bit on integer depths") {
  for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_32FC3})
    for (Interpolation method :
         {Interpolation::bilinear, Interpolation::bicubic, Interpolation::lanczos, Interpolation::area})
      for (const cv::Size size : {cv::Size(90, 55), {37, 23}, {61, 21}}) {
        CAPTURE(type, static_cast<int>(method), size.width);
        const cv::Mat image = test::random_image(41, 60, type);
        const cv::Mat out = resize(image, to(size.width, size.height, method));
        const double limit = CV_MAT_DEPTH(type) == CV_32F ? 1e-6 : 0;
        const auto resized_to = [&](const cv::Mat& m, int w, int h) { return resize(m, to(w, h, method)); };
        CHECK(test::largest_difference(resized_to(test::flip_lr(image), size.width, size.height), test::flip_lr(out)) <=
              limit);
        CHECK(test::largest_difference(resized_to(test::flip_ud(image), size.width, size.height), test::flip_ud(out)) <=
              limit);
        CHECK(test::largest_difference(resized_to(test::rotate_90(image), size.height, size.width),
                                       test::rotate_90(out)) <= limit);
      }
}

TEST_CASE(
    "resize: the fast sums are the definition, rounded; both orders, every stride of channels, far and near taps") {
  for (int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_32FC1, CV_32FC3})
    for (Interpolation method :
         {Interpolation::bilinear, Interpolation::bicubic, Interpolation::lanczos, Interpolation::area})
      for (bool antialias : {false, true})
        for (const auto& [in, size] : {std::pair(cv::Size(40, 33), cv::Size(61, 47)),
                                       {{40, 33}, {13, 9}},
                                       {{40, 33}, {64, 11}},
                                       {{40, 33}, {7, 70}},
                                       {{97, 83}, {3, 2}},
                                       {{1, 5}, {17, 2}},
                                       {{263, 9}, {251, 7}},
                                       {{46, 38}, {23, 19}},
                                       {{322, 6}, {161, 3}},
                                       {{46, 38}, {69, 57}},
                                       {{160, 25}, {96, 15}},
                                       {{92, 28}, {23, 7}},
                                       {{4, 4}, {1, 1}},
                                       {{412, 12}, {103, 3}},
                                       {{30, 12}, {120, 24}}}) {
          CAPTURE(type, static_cast<int>(method), antialias, in.width, size.width, size.height);
          const cv::Mat image = test::random_image(in.height, in.width, type, 3);
          const cv::Mat out = resize(image, to(size.width, size.height, method, antialias));
          const Taps tx = resize_taps(in.width, size.width, method, antialias);
          const Taps ty = resize_taps(in.height, size.height, method, antialias);
          double worst = 0;
          for (int y = 0; y < size.height; ++y)
            for (int x = 0; x < size.width; ++x)
              for (int c = 0; c < image.channels(); ++c) {
                double expected = direct(image, tx, ty, x, y, c);
                if (image.depth() != CV_32F) {
                  const double low = std::floor(expected);  // a half goes to the even number
                  expected =
                      std::abs(expected - low - 0.5) < 1e-9 ? 2 * std::floor((low + 1) / 2) : std::nearbyint(expected);
                  expected = std::min(std::max(expected, 0.0), full_scale(image));
                }
                worst = std::max(worst, std::abs(test::value_at(out, y, x, c) - expected));
              }
          CHECK(worst <= (image.depth() == CV_32F ? 1e-6 : 0));
        }
}

TEST_CASE("resize: nearest is the pixel under the centre, near and far apart, whatever the pixel") {
  for (int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_32FC1, CV_32FC3, CV_32FC4})
    for (const auto& [in, size] : {std::pair(cv::Size(40, 33), cv::Size(61, 47)),
                                   {{131, 20}, {79, 17}},
                                   {{131, 20}, {41, 11}},
                                   {{131, 20}, {11, 31}},
                                   {{1, 5}, {40, 3}}}) {
      CAPTURE(type, in.width, size.width);
      const cv::Mat image = test::random_image(in.height, in.width, type, 7);
      const cv::Mat out = resize(image, to(size.width, size.height, Interpolation::nearest));
      int wrong = 0;
      for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
          for (int c = 0; c < image.channels(); ++c)
            wrong += test::value_at(out, y, x, c) != test::value_at(image, (2 * y + 1) * in.height / (2 * size.height),
                                                                    (2 * x + 1) * in.width / (2 * size.width), c);
      CHECK(wrong == 0);
    }
}

TEST_CASE("resize: sizes follow from one side or a factor; contradictions and monsters are refused") {
  const cv::Mat image = test::scene(30, 40);
  ResizeParams p;
  p.width = 20;
  CHECK(resize(image, p).size() == cv::Size(20, 15));
  p.width = std::nullopt, p.height = 100;
  CHECK(resize(image, p).size() == cv::Size(133, 100));
  p.height = std::nullopt, p.factor = 0.001;
  CHECK(resize(image, p).size() == cv::Size(1, 1));
  p.factor = 1e5;
  CHECK_THROWS_WITH(resize(image, p), Catch::Contains("megapixels"));
  p.factor = 2, p.width = 3;
  CHECK_THROWS_WITH(resize(image, p), Catch::Contains("not both"));
  p = {};
  p.method = Interpolation::bicubic, p.convention = ResizeConvention::skimage;
  CHECK_THROWS_AS(resize(image, p), ParameterError);
  p = {};
  p.factor = 2, p.convention = ResizeConvention::pillow;
  CHECK_THROWS_WITH(resize(test::scene(5, 5, CV_16U), p), Catch::Contains("16 bits"));
}
