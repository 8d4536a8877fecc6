#include "assay/imgproc/geometry/warp.h"

#include <set>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "assay/imgproc/geometry/flip.h"
#include "assay/imgproc/geometry/sampling_byte_kernels.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

constexpr Interpolation kMethods[] = {Interpolation::nearest, Interpolation::bilinear, Interpolation::bicubic,
                                      Interpolation::lanczos};

AffineParams with_matrix(const std::string& matrix, Interpolation method = Interpolation::bilinear) {
  AffineParams p;
  p.matrix = matrix, p.method = method;
  return p;
}

RotateParams by(double angle, Canvas canvas, Interpolation method = Interpolation::bilinear) {
  RotateParams p;
  p.angle = angle, p.expand = canvas, p.method = method;
  return p;
}

// The definition at one place, in f64.
double at_place(const cv::Mat& image, double u, double v, int c, const Sampling& how) {
  const int reach = how.method == Interpolation::nearest ? 1 : static_cast<int>(support(how.method)),
            x = static_cast<int>(std::floor(u)), y = static_cast<int>(std::floor(v));
  double sum = 0, weights = 0;
  for (int j = y - reach; j <= y + reach + 1; ++j)
    for (int i = x - reach; i <= x + reach + 1; ++i) {
      const double w = how.method == Interpolation::nearest ? (i == std::floor(u + 0.5) && j == std::floor(v + 0.5))
                                                            : kernel(how.method, i - u) * kernel(how.method, j - v);
      const int row = border_index(j, image.rows, how.border), column = border_index(i, image.cols, how.border);
      weights += w;
      sum += w * (row < 0 || column < 0 ? how.value : test::value_at(image, row, column, c));
    }
  return sum / weights;
}

double expected_value(const cv::Mat& image, double v) {
  if (image.depth() == CV_32F) return v;
  const double low = std::floor(v),
               whole = std::abs(v - low - 0.5) < 1e-8 ? 2 * std::floor((low + 1) / 2) : std::nearbyint(v);
  return std::min(std::max(whole, 0.0), full_scale(image));
}

}  // namespace

TEST_CASE("affine: a shift of half a pixel is the mean of neighbours, one of 1/128 is seen") {
  const cv::Mat row = (cv::Mat_<float>(1, 4) << 0, 1, 2, 4);
  const cv::Mat half = affine(row, with_matrix("1 0 -0.5; 0 1 0"));
  CHECK(test::same_pixels(half, (cv::Mat_<float>(1, 4) << 0.5f, 1.5f, 3, 2)));  // the last lies half outside: value 0
  const cv::Mat small = affine(row, with_matrix("1 0 -0.0078125; 0 1 0"));
  CHECK(small.at<float>(0, 1) == 1.0078125f);
}

TEST_CASE("affine: a shift by whole pixels copies them, whatever the method and depth") {
  for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_32FC4})
    for (Interpolation method : kMethods) {
      CAPTURE(type, static_cast<int>(method));
      const cv::Mat image = test::random_image(30, 300, type),
                    out = affine(image, with_matrix("1 0 7; 0 1 -3", method));
      CHECK(test::same_pixels(out(cv::Rect(7, 0, 293, 27)), image(cv::Rect(0, 3, 293, 27))));
      CHECK(test::largest_difference(out.colRange(0, 7), cv::Mat(30, 7, type, cv::Scalar::all(0))) == 0);
      CHECK(test::same_pixels(affine(image, with_matrix("1 0 0; 0 1 0", method)), image));
    }
}

TEST_CASE("warp: every value is the definition's, rounded: all methods, borders, depths, inside and at the edge") {
  const Matrix3 H = parse_matrix3("test", "1.3137 0.4219 -11.173; -0.3541 1.1073 9.271; 0.00113 -0.00217 1");
  const Matrix3 V = *inverse(H);
  for (int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_32FC1, CV_32FC3})
    for (Interpolation method : kMethods)
      for (const auto& [name, border] : border_names.items) {
        CAPTURE(type, static_cast<int>(method), name);
        const cv::Mat image = test::random_image(31, 45, type);
        WarpParams p;
        p.method = method, p.border = border, p.value = 0.75;
        cv::Mat out;
        warp(image, H, {70, 50}, p, out, {});
        double worst = 0;
        for (int y = 0; y < out.rows; ++y)
          for (int x = 0; x < out.cols; ++x)
            for (int c = 0; c < out.channels(); ++c) {
              const double w = V[6] * x + V[7] * y + V[8];
              const double u = (V[0] * x + V[1] * y + V[2]) / w, v = (V[3] * x + V[4] * y + V[5]) / w;
              if (std::abs(u) > 1e6 || std::abs(v) > 1e6) continue;  // at the horizon 1e-16 of w is pixels of u
              const double value = expected_value(image, at_place(image, u, v, c, {method, border, p.value}));
              worst = std::max(worst, std::abs(test::value_at(out, y, x, c) - value));
            }
        CHECK(worst <= (image.depth() == CV_32F ? 2e-6 : 0));
      }
}

TEST_CASE("warp: inside a larger picture, where places are split, every value is the definition's, rounded") {
  const int width = 610, height = 77;  // rows of more than one run
  cv::Mat out;
  for (const char* matrix :
       {"0.97 0.11 3.7; -0.013 1.02 -2.1; 0 0 1", "1.9 0 0.5; 0 0.6 0.25; 0 0 1",
        "0.9 0.05 9.1; 0.02 0.95 3.3; 0.0002 0.0007 1", "1 0 0; 0 1 0; 0.003 -0.001 1", "0.45 0.03 0; 0 0.9 0; 0 0 1",
        "0.3 0.02 0; 0.01 0.8 5; 0 0 1", "0.5 0.87 0; -0.87 0.5 300; 0 0 1"})
    for (int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_32FC1, CV_32FC3})
      for (Interpolation method : kMethods) {
        CAPTURE(matrix, type, static_cast<int>(method));
        const Matrix3 H = parse_matrix3("test", matrix), V = *inverse(H);
        const cv::Mat image = test::random_image(height, width, type, 5);
        WarpParams p;
        p.method = method;
        warp(image, H, image.size(), p, out, {});
        double worst = 0;
        for (int y = 1; y < height; y += 5)
          for (int x = y % 3; x < width; x += 3) {
            const double w = V[6] * x + V[7] * y + V[8];
            const double u = (V[0] * x + V[1] * y + V[2]) / w, v = (V[3] * x + V[4] * y + V[5]) / w;
            if (std::abs(u) > 1e5 || std::abs(v) > 1e5) continue;
            const int c = x % image.channels();
            const double value = expected_value(image, at_place(image, u, v, c, {method, p.border, p.value}));
            worst = std::max(worst, std::abs(test::value_at(out, y, x, c) - value));
          }
        CHECK(worst <= (image.depth() == CV_32F ? 4e-6 : 0));  // f32: of places, too, whose fractions are f32
      }
}

TEST_CASE("sample_rows: rows of places written or pointed to are the map's") {
  for (int type : {CV_8UC1, CV_8UC3, CV_32FC1}) {
    CAPTURE(type);
    const cv::Mat image = test::random_image(40, 300, type);
    cv::Mat mx(33, 290, CV_32F), my(33, 290, CV_32F), expected, out(33, 290, type);
    for (int y = 0; y < 33; ++y)
      for (int x = 0; x < 290; ++x) {
        mx.at<float>(y, x) = static_cast<float>(x + 4 * std::sin(0.1 * y));
        my.at<float>(y, x) = static_cast<float>(y + 3 * std::cos(0.05 * x));
      }
    remap(image, mx, my, {}, expected, {});
    sample_rows(image, {},
                [&](int y, RowOfMaps& to) {
                  std::copy_n(mx.ptr<float>(y), 290, to.u_space);
                  std::copy_n(my.ptr<float>(y), 290, to.v_space);
                },
                out, {});
    CHECK(test::same_pixels(out, expected));
    double worst = 0;
    for (int y = 0; y < 33; ++y)
      for (int x = 0; x < 290; ++x) {
        const double u = static_cast<double>(mx.at<float>(y, x)), v = static_cast<double>(my.at<float>(y, x));
        const double value = expected_value(image, at_place(image, u, v, x % image.channels(), {}));
        worst = std::max(worst, std::abs(test::value_at(out, y, x, x % image.channels()) - value));
      }
    CHECK(worst <= (type == CV_32FC1 ? 2e-6 : 0));
  }
}

TEST_CASE("rotate: multiples of 90 degrees move pixels and change none, with every method, grown or kept") {
  for (int type : {CV_8UC1, CV_16UC3, CV_32FC1})
    for (int turns : {-5, -1, 0, 1, 2, 3, 6}) {
      CAPTURE(type, turns);
      const cv::Mat image = test::random_image(24, 40, type), square = test::random_image(31, 31, type);
      cv::Mat expected;
      quarter_turns(image, turns, expected, {});
      CHECK(test::same_pixels(rotate(image, by(90 * turns, Canvas::automatic)), expected));
      CHECK(test::same_pixels(rotate(image, by(90 * turns, Canvas::grown)), expected));
      quarter_turns(square, turns, expected, {});
      for (Interpolation method : kMethods)
        CHECK(test::same_pixels(rotate(square, by(90 * turns, Canvas::kept, method)), expected));
    }
}

TEST_CASE("rotate: counter-clockwise, about the centre; there and back again is the picture inside") {
  cv::Mat dot(41, 41, CV_32F, cv::Scalar(0));
  dot.at<float>(20, 35) = 1;  // east of the centre
  const cv::Mat turned = rotate(dot, by(30, Canvas::kept));
  cv::Point place;
  cv::minMaxLoc(turned, nullptr, nullptr, nullptr, &place);
  CHECK(place == cv::Point(33, 13));  // 20 + 15 cos 30 = 32.99, 20 - 15 sin 30 = 12.5
  cv::Mat smooth(80, 80, CV_32F);
  for (int y = 0; y < 80; ++y)
    for (int x = 0; x < 80; ++x) smooth.at<float>(y, x) = static_cast<float>(std::sin(x * 0.1) + std::cos(y * 0.13));
  const cv::Mat back = rotate(rotate(smooth, by(17, Canvas::kept, Interpolation::bicubic)),
                              by(-17, Canvas::kept, Interpolation::bicubic));
  CHECK(test::largest_difference(back(cv::Rect(20, 20, 40, 40)), smooth(cv::Rect(20, 20, 40, 40))) < 1e-3);
}

TEST_CASE("rotate: a grown canvas holds the whole picture") {
  const cv::Mat white(30, 50, CV_32F, cv::Scalar(1));
  const cv::Mat out = rotate(white, by(33, Canvas::grown));
  CHECK(out.size() == cv::Size(59, 53));  // 50 cos + 30 sin = 58.27, 50 sin + 30 cos = 52.39
  CHECK(cv::sum(out)[0] == Approx(1500).epsilon(0.002));
  CHECK(rotate(white, by(33, Canvas::kept)).size() == white.size());
}

TEST_CASE(
    "shear: rows slide in proportion to their distance from the centre, and the opposite shear slides them back") {
  ShearParams p;
  p.x = 1;
  cv::Mat column(5, 5, CV_8U, cv::Scalar(0));
  column.col(2).setTo(200);
  const cv::Mat out = shear(column, p);
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 5; ++x) CHECK(out.at<uint8_t>(y, x) == (x == y ? 200 : 0));
  p.x = -1;
  CHECK(test::same_pixels(shear(out, p), column));
  p.x = 2, p.y = 0.5;
  CHECK_THROWS_AS(shear(column, p), ParameterError);
}

TEST_CASE("perspective: the corners of a quadrangle go where the matrix says, and the inverse brings them back") {
  PerspectiveParams p;
  p.matrix = "1.1 0.2 3; 0.1 0.9 4; 0.001 0.002 1";
  const Matrix3 H = parse_matrix3("test", p.matrix), V = *inverse(H);
  const Matrix3 unit = product(H, V);
  for (size_t i = 0; i < 9; ++i) CHECK(unit[i] == Approx(identity3[i]).margin(1e-12));
  cv::Mat smooth(60, 60, CV_32F);
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 60; ++x)
      smooth.at<float>(y, x) = static_cast<float>(x + 2 * y);  // a ramp: bilinear is exact on it
  p.width = 90, p.height = 90;
  const cv::Mat out = perspective(smooth, p);
  int inside = 0;
  for (int y = 0; y < 90; ++y)
    for (int x = 0; x < 90; ++x) {
      const double w = V[6] * x + V[7] * y + V[8], u = (V[0] * x + V[1] * y + V[2]) / w,
                   v = (V[3] * x + V[4] * y + V[5]) / w;
      if (u < 0 || v < 0 || u > 59 || v > 59) continue;
      CHECK(static_cast<double>(out.at<float>(y, x)) == Approx(u + 2 * v).epsilon(1e-5).margin(1e-5));
      ++inside;
    }
  CHECK(inside > 1500);
}

TEST_CASE("remap: identity maps give the picture, NaN and far places the border; maps of unlike sizes are refused") {
  const cv::Mat image = test::random_image(20, 30, CV_8UC3);
  cv::Mat mx(20, 30, CV_32F), my(20, 30, CV_32F), out;
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x) mx.at<float>(y, x) = static_cast<float>(x), my.at<float>(y, x) = static_cast<float>(y);
  for (Interpolation method : kMethods) {
    WarpParams p;
    p.method = method;
    remap(image, mx, my, p, out, {});
    CHECK(test::same_pixels(out, image));
    remap(image, {}, {}, p, out, {});
    CHECK(test::same_pixels(out, image));
  }
  for (const float far : {NAN, INFINITY, -INFINITY, 1e30f, -3e9f})
    for (const auto& item : border_names.items)
      for (Interpolation method : kMethods) {
        WarpParams p;
        p.method = method, p.border = item.second, p.value = 9;
        mx.at<float>(3, 4) = far;
        remap(image, mx, my, p, out, {});
        if (item.second == Border::constant) CHECK(test::value_at(out, 3, 4, 1) == 9);
        CHECK(test::value_at(out, 3, 5, 2) == test::value_at(image, 3, 5, 2));
      }
  CHECK_THROWS_AS(remap(image, mx, my.rowRange(0, 7), {}, out, {}), DataError);
}

TEST_CASE("warps: matrices that cannot be read or inverted are refused in words") {
  const cv::Mat image = test::scene(9, 9);
  for (const auto& [text, word] : {std::pair("1 0; 0 1", "numbers in row 1"),
                                   {"1 0 0", "rows"},
                                   {"1 0 0; 0 x 0", "\"x\""},
                                   {"1 0 0; 0 inf 0", "inf"},
                                   {"1 2 0; 2 4 0", "flattens"},
                                   {"1 0 0; 0 1 0; 0.1 0 1", "third row"}})
    CHECK_THROWS_WITH(affine(image, with_matrix(text)), Catch::Contains(word));
  PerspectiveParams p;
  p.matrix = "1 2 3; 4 5 6; 7 8 9";
  CHECK_THROWS_AS(perspective(image, p), ParameterError);
  p.matrix = "1 0 0; 0 1 0; 0 0 1", p.width = 100000, p.height = 100000;
  CHECK_THROWS_WITH(perspective(image, p), Catch::Contains("megapixels"));
}

TEST_CASE(
    "warps: convention opencv gives OpenCV's pixels; exact agrees with scikit-image and with rational arithmetic") {
  const nlohmann::json file = test::golden("images/warp.json");
  int cases = 0;
  for (const char* library : {"opencv", "skimage", "exact"})
    for (const auto& c : file.at(library).at("cases")) {
      CAPTURE(library, c.dump());
      const cv::Mat image = test::golden_input(c.at("input"));
      WarpParams p;
      const std::string border = c.value("border", library == std::string("exact") ? "replicate" : "constant");
      for (const auto& item : border_names.items)
        if (border == item.first) p.border = item.second;
      for (const auto& item : sampling_names.items)
        if (c.value("method", "bilinear") == item.first) p.method = item.second;
      p.value = c.value("value", 0.0);
      if (library == std::string("opencv")) p.convention = WarpConvention::opencv;
      cv::Mat out;
      if (c.at("kind") == "remap") {
        const cv::Mat mx = test::golden_input(c.at("map_x")), my = test::golden_input(c.at("map_y"));
        remap(image, mx, my, p, out, {});
      } else {
        warp(image, parse_matrix3("test", c.at("matrix").get<std::string>()), {c.at("width"), c.at("height")}, p, out,
             {});
      }
      CHECK(test::largest_difference(out, test::golden_image(c.at("output"))) <= (image.depth() == CV_32F ? 1e-6 : 0));
      ++cases;
    }
  CHECK(cases == 92);
}

TEST_CASE(
    "bilinear bytes, by words and by picking: the nearest whole number, but for places written down as doubtful") {
  Rng rng(4, 1);
  for (int channels : {1, 3, 4})
    for (int n : {1, 63, 64, 65, 200, 256}) {
      CAPTURE(channels, n);
      const cv::Mat image = test::random_image(40, 300, CV_8UC(channels));
      SplitPlaces places;
      for (int i = 0; i < n; ++i) {
        places.x[i] = std::min(i + static_cast<int>(rng.below(4)), 297), places.y[i] = static_cast<int>(rng.below(39));
        places.fx[i] = static_cast<float>(rng.uniform()), places.fy[i] = i % 7 ? static_cast<float>(rng.uniform()) : 1;
      }
      const SplitPlaces asked = places;
      const BytePicture picture{image.ptr(), static_cast<ptrdiff_t>(image.step[0]), image.ptr(39) + image.step[0]};
      constexpr double kError = 1e-3;
      for (const bool by_words : {true, false}) {
        CAPTURE(by_words);
        const auto size = static_cast<size_t>(n * channels);
        std::vector<uint8_t> out(size + 1, 77);
        std::vector<int> doubts(size);
        places = asked;
        const int found = (by_words ? blend_to_bytes_by_words : blend_to_bytes)(picture, places, n, channels, kError,
                                                                                out.data(), doubts.data());
        const std::set<int> doubtful(doubts.begin(), doubts.begin() + found);
        CHECK(doubtful.size() == static_cast<size_t>(found));
        CHECK(out[size] == 77);
        int wrong = 0;
        for (int i = 0; i < n * channels; ++i) {
          const int k = i / channels, c = i % channels;
          const auto fx = static_cast<double>(asked.fx[k]), fy = static_cast<double>(asked.fy[k]);
          const auto at = [&](int dx, int dy) {
            return static_cast<double>(image.ptr(asked.y[k] + dy)[(asked.x[k] + dx) * channels + c]);
          };
          const double value =
              (1 - fy) * ((1 - fx) * at(0, 0) + fx * at(1, 0)) + fy * ((1 - fx) * at(0, 1) + fx * at(1, 1));
          const double to_half = std::abs(value - std::floor(value) - 0.5);
          wrong += !doubtful.count(i) && out[static_cast<size_t>(i)] != std::nearbyint(value);
          wrong += doubtful.count(i) ? to_half > 2 * kError : to_half < kError / 2;
        }
        CHECK(wrong == 0);
      }
    }
}
