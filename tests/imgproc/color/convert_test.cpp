#include "assay/imgproc/color/convert.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "assay/core/rng.h"
#include "assay/imgproc/color/power_pieces.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

constexpr ColourSpace kSpaces[] = {ColourSpace::linear, ColourSpace::xyz, ColourSpace::lab,
                                   ColourSpace::hsv,    ColourSpace::hsl, ColourSpace::ycbcr};

cv::Mat converted(ColourSpace space, const cv::Mat& image, bool inverse = false, bool real = false) {
  cv::Mat out;
  convert_colour(space, {inverse, real}, image, out, {});
  return out;
}

// What the header says an integer channel holds.
double stored(ColourSpace space, int depth, size_t k, double v) {
  const double m = depth == CV_8U ? 255 : 65535;
  if (space == ColourSpace::lab) return k == 0 ? m * v / 100 : (v + 128) * (depth == CV_8U ? 1 : 257);
  if ((space == ColourSpace::hsv || space == ColourSpace::hsl) && k == 0)
    return depth == CV_8U ? v / 2 : v * 65536 / 360;
  if (space == ColourSpace::ycbcr && k > 0) return m * v + (m + 1) / 2;
  return m * v;
}

// Nearest, ties to even; ties are recognised to 1e-9.
double rounded(double v) {
  const double low = std::floor(v);
  return std::abs(v - low - 0.5) < 1e-9 ? 2 * std::floor((low + 1) / 2) : std::nearbyint(v);
}

}  // namespace

TEST_CASE("colour: known colours in each space") {
  const Colour red{1, 0, 0}, grey{0.5, 0.5, 0.5};
  CHECK(from_srgb(ColourSpace::hsv, red) == Colour{0, 1, 1});
  CHECK(from_srgb(ColourSpace::hsv, {0, 0, 1}) == Colour{240, 1, 1});
  CHECK(from_srgb(ColourSpace::hsl, red) == Colour{0, 1, 0.5});
  CHECK(from_srgb(ColourSpace::hsl, {1, 0.5, 0.5})[1] == Approx(1));
  CHECK(from_srgb(ColourSpace::hsv, grey) == Colour{0, 0, 0.5});
  CHECK(linear_from_srgb(0.5) == Approx(0.21404114048223255).epsilon(1e-14));
  const Colour lab = from_srgb(ColourSpace::lab, grey);
  CHECK(lab[0] == Approx(53.38896474111432).epsilon(1e-12));  // 116 * 0.21404114048223255^(1/3) - 16
  CHECK(std::abs(lab[1]) < 1e-12);
  CHECK(std::abs(lab[2]) < 1e-12);
  CHECK(from_srgb(ColourSpace::lab, {1, 1, 1})[0] == Approx(100));
  CHECK(from_srgb(ColourSpace::ycbcr, {0, 0, 1})[1] == Approx(0.5));
  CHECK(from_srgb(ColourSpace::ycbcr, red)[2] == Approx(0.5));
}

TEST_CASE("colour: there and back is the same colour, to 1e-12") {
  Rng rng(3, 1);
  for (ColourSpace space : kSpaces)
    for (int k = 0; k < 2000; ++k) {
      const Colour c{rng.uniform(), rng.uniform(), k % 7 ? rng.uniform() : 0.0};
      const Colour back = to_srgb(space, from_srgb(space, c));
      for (size_t i = 0; i < 3; ++i) REQUIRE(std::abs(back[i] - c[i]) <= 1e-12);
    }
}

TEST_CASE("colour: scikit-image's and OpenCV's values") {
  const nlohmann::json file = test::golden("color.json");
  const auto colours = file.at("rgb").get<std::vector<Colour>>();
  const auto check = [&](const char* name, ColourSpace space, double limit, double hue_limit) {
    const auto expected = file.at(name).get<std::vector<Colour>>();
    for (size_t i = 0; i < colours.size(); ++i) {
      CAPTURE(name, i);
      const Colour c = from_srgb(space, colours[i]);
      for (size_t k = 0; k < 3; ++k) CHECK(std::abs(c[k] - expected[i][k]) <= (k == 0 ? hue_limit : limit));
    }
  };
  check("hsv", ColourSpace::hsv, 1e-6, 1e-6 * 360);
  check("xyz", ColourSpace::xyz, 1e-6, 1e-6);
  check("lab", ColourSpace::lab, 5e-3, 5e-3);
  check("hsl", ColourSpace::hsl, 2e-6, 1e-3);
  check("ycbcr", ColourSpace::ycbcr, 3e-4, 2e-6);  // OpenCV has 0.564 for 1 / 1.772: 0.0003 at 0.886
}

TEST_CASE("colour: CIEDE2000 gives the 34 pairs of Sharma, Wu and Dalal to four decimals, both ways round") {
  const auto pairs = test::golden("color.json").at("pairs").get<std::vector<std::array<double, 7>>>();
  REQUIRE(pairs.size() == 34);
  for (const auto& p : pairs) {
    CAPTURE(p);
    const Colour one{p[0], p[1], p[2]}, two{p[3], p[4], p[5]};
    CHECK(std::abs(ciede2000(one, two) - p[6]) <= 5e-5);
    CHECK(std::abs(ciede2000(two, one) - ciede2000(one, two)) <= 1e-12);
    CHECK(ciede2000(one, one) == 0);
  }
}

TEST_CASE("colour: every 8-bit colour is the formula's value, correctly rounded") {
  cv::Mat image(256, 256, CV_8UC3);
  for (int blue : {0, 1, 7, 64, 130, 200, 254, 255}) {
    for (int r = 0; r < 256; ++r)
      for (int g = 0; g < 256; ++g)
        image.at<cv::Vec3b>(r, g) = cv::Vec3b(static_cast<uchar>(blue), static_cast<uchar>(g), static_cast<uchar>(r));
    for (ColourSpace space : kSpaces) {
      const cv::Mat out = converted(space, image);
      int wrong = 0;
      for (int r = 0; r < 256; ++r)
        for (int g = 0; g < 256; ++g) {
          const Colour c = from_srgb(space, {r / 255.0, g / 255.0, blue / 255.0});
          for (size_t k = 0; k < 3; ++k) {
            double v = rounded(stored(space, CV_8U, k, c[k]));
            if ((space == ColourSpace::hsv || space == ColourSpace::hsl) && k == 0 && v == 180) v = 0;
            wrong += out.at<cv::Vec3b>(r, g)[static_cast<int>(k)] != std::min(std::max(v, 0.0), 255.0);
          }
        }
      CAPTURE(static_cast<int>(space), blue);
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("colour: 16 bits and floats are rounded once; alpha is kept; real gives the space's own units") {
  for (ColourSpace space : kSpaces) {
    CAPTURE(static_cast<int>(space));
    const cv::Mat words = test::random_image(21, 40, CV_16UC4), out = converted(space, words);
    const cv::Mat floats = test::random_image(21, 40, CV_32FC3), real = converted(space, floats),
                  units = converted(space, words, false, true);
    int wrong = 0;
    for (int y = 0; y < 21; ++y)
      for (int x = 0; x < 40; ++x) {
        const auto& p = words.at<cv::Vec4w>(y, x);
        const Colour c = from_srgb(space, {p[2] / 65535.0, p[1] / 65535.0, p[0] / 65535.0});
        const auto& f = floats.at<cv::Vec3f>(y, x);
        const Colour d =
            from_srgb(space, {static_cast<double>(f[2]), static_cast<double>(f[1]), static_cast<double>(f[0])});
        for (int k = 0; k < 3; ++k) {
          const auto i = static_cast<size_t>(k);
          double v = rounded(stored(space, CV_16U, i, c[i]));
          if ((space == ColourSpace::hsv || space == ColourSpace::hsl) && k == 0 && v == 65536) v = 0;
          wrong += out.at<cv::Vec4w>(y, x)[k] != std::min(std::max(v, 0.0), 65535.0);
          wrong += real.at<cv::Vec3f>(y, x)[k] != static_cast<float>(d[i]);
          wrong += units.at<cv::Vec4f>(y, x)[k] != static_cast<float>(c[i]);
        }
        wrong += out.at<cv::Vec4w>(y, x)[3] != p[3];
        wrong += units.at<cv::Vec4f>(y, x)[3] != static_cast<float>(p[3] / 65535.0);
      }
    CHECK(wrong == 0);
  }
}

TEST_CASE("colour: the inverse operator is the formula, rounded, and undoes the operator within its rounding") {
  for (ColourSpace space : kSpaces) {
    CAPTURE(static_cast<int>(space));
    const cv::Mat stored_bytes = test::random_image(60, 70, CV_8UC3), out = converted(space, stored_bytes, true);
    int wrong = 0;
    for (int y = 0; y < 60; ++y)
      for (int x = 0; x < 70; ++x) {
        const auto& p = stored_bytes.at<cv::Vec3b>(y, x);
        Colour c;
        for (size_t k = 0; k < 3; ++k) {  // invert `stored`, which is linear
          const double zero = stored(space, CV_8U, k, 0), one = stored(space, CV_8U, k, 1);
          c[k] = (p[static_cast<int>(k)] - zero) / (one - zero);
        }
        const Colour rgb = to_srgb(space, c);
        for (size_t k = 0; k < 3; ++k) {
          const double v = std::isfinite(rgb[k]) ? std::min(std::max(rounded(255 * rgb[k]), 0.0), 255.0) : 0;
          wrong += out.at<cv::Vec3b>(y, x)[static_cast<int>(2 - k)] != v;
        }
      }
    CHECK(wrong == 0);
    const cv::Mat floats = test::random_image(20, 30, CV_32FC3);
    CHECK(test::largest_difference(converted(space, converted(space, floats), true), floats) <= 3e-6);
    const cv::Mat words = test::random_image(20, 30, CV_16UC3);
    if (space == ColourSpace::ycbcr)
      CHECK(test::largest_difference(converted(space, converted(space, words), true), words) <= 2);
  }
}

TEST_CASE(
    "colour: a pixel is the same wherever it stands in a row of any length, and nothing is written behind the row") {
  for (int n = 1; n <= 140; n += n < 70 ? 1 : 7) {
    CAPTURE(n);
    const cv::Mat wide = test::random_image(2, n + 5, CV_8UC3), row = wide(cv::Rect(0, 0, n, 2));
    for (ColourSpace space : kSpaces)
      for (bool inverse : {false, true}) {
        cv::Mat holder(2, n + 5, CV_8UC3, cv::Scalar::all(77)), out = holder(cv::Rect(0, 0, n, 2));
        convert_colour(space, {inverse}, row, out, {});
        REQUIRE(out.data == holder.data);
        CHECK(test::same_pixels(out, converted(space, wide, inverse)(cv::Rect(0, 0, n, 2))));
        CHECK(test::same_pixels(holder(cv::Rect(n, 0, 5, 2)), cv::Mat(2, 5, CV_8UC3, cv::Scalar::all(77))));
        const cv::Mat last = row(cv::Rect(n - 1, 1, 1, 1));
        CHECK(test::same_pixels(out(cv::Rect(n - 1, 1, 1, 1)), converted(space, last, inverse)));
      }
  }
}

TEST_CASE("colour: bytes of hsv, hsl, ycbcr and xyz are sent back to the formula's sRGB, correctly rounded") {
  cv::Mat from(256, 256, CV_8UC3);
  for (ColourSpace space : {ColourSpace::hsv, ColourSpace::hsl, ColourSpace::ycbcr, ColourSpace::xyz})
    for (int third : {0, 1, 50, 78, 125, 126, 127, 128, 129, 178, 206, 254, 255}) {
      for (int j = 0; j < 256; ++j)
        for (int i = 0; i < 256; ++i)
          from.at<cv::Vec3b>(j, i) = cv::Vec3b(static_cast<uchar>(j), static_cast<uchar>(i), static_cast<uchar>(third));
      const cv::Mat out = converted(space, from, true);
      int wrong = 0;
      for (int j = 0; j < 256; ++j)
        for (int i = 0; i < 256; ++i) {
          const double a = i - 128, b = third - 128;
          const Colour rgb = to_srgb(space, space == ColourSpace::ycbcr ? Colour{j / 255.0, a / 255, b / 255}
                                            : space == ColourSpace::xyz ? Colour{j / 255.0, i / 255.0, third / 255.0}
                                                                        : Colour{2.0 * j, i / 255.0, third / 255.0});
          for (size_t k = 0; k < 3; ++k)
            wrong += out.at<cv::Vec3b>(j, i)[static_cast<int>(2 - k)] != std::clamp(rounded(255 * rgb[k]), 0.0, 255.0);
        }
      CAPTURE(static_cast<int>(space), third);
      CHECK(wrong == 0);
    }
}

TEST_CASE("colour: floats and 16 bits are sent back as the formula says, rounded once; hues go round") {
  for (ColourSpace space : kSpaces) {
    CAPTURE(static_cast<int>(space));
    cv::Mat floats = test::random_image(9, 300, CV_32FC3);
    const cv::Mat words = test::random_image(9, 300, CV_16UC3);
    floats.forEach<cv::Vec3f>([&](cv::Vec3f& c, const int* at) {
      if (space == ColourSpace::lab) c = cv::Vec3f(100 * c[0], 200 * c[1] - 100, 200 * c[2] - 100);
      const float turns[] = {360, 1e-7f, -700, 1080, 0, -0.f, -1e-20f, 1e9f};
      if (space == ColourSpace::hsv || space == ColourSpace::hsl)
        c[0] *= at[0] == 0 ? turns[at[1] % 8] : 400 * at[0] - 800;
    });
    const cv::Mat out = converted(space, floats, true), levels = converted(space, words, true);
    int wrong = 0;
    for (int y = 0; y < floats.rows; ++y)
      for (int x = 0; x < floats.cols; ++x) {
        Colour c, d;
        for (size_t k = 0; k < 3; ++k) {
          const double zero = stored(space, CV_16U, k, 0), one = stored(space, CV_16U, k, 1);
          c[k] = static_cast<double>(floats.at<cv::Vec3f>(y, x)[static_cast<int>(k)]);
          d[k] = (words.at<cv::Vec3w>(y, x)[static_cast<int>(k)] - zero) / (one - zero);
        }
        const Colour rgb = to_srgb(space, c), level = to_srgb(space, d);
        for (size_t k = 0; k < 3; ++k) {
          const int at = static_cast<int>(2 - k);
          const auto expected = static_cast<float>(rgb[k]);
          wrong += !(out.at<cv::Vec3f>(y, x)[at] == expected || std::isnan(expected));
          wrong += levels.at<cv::Vec3w>(y, x)[at] != std::clamp(rounded(65535 * level[k]), 0.0, 65535.0);
        }
      }
    CHECK(wrong == 0);
  }
}

TEST_CASE("colour: floats that are grey, negative, tiny, huge or no numbers are the formula's, too") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  const float hard[] = {0.f, 0.04045f, 0.0031308f, 1e-30f, 0.5f, 1.f, 1.5f, -0.25f, 7.f, 9.f, 1e6f, nan, infinity};
  constexpr int kHard = 13;
  cv::Mat image(kHard, kHard * kHard, CV_32FC3);
  image.forEach<cv::Vec3f>(
      [&](cv::Vec3f& c, const int* at) { c = cv::Vec3f(hard[at[0]], hard[at[1] % kHard], hard[at[1] / kHard]); });
  for (ColourSpace space : kSpaces)
    for (bool inverse : {false, true}) {
      CAPTURE(static_cast<int>(space), inverse);
      const cv::Mat out = converted(space, image, inverse);
      int wrong = 0;
      for (int y = 0; y < image.rows; ++y)
        for (int x = 0; x < image.cols; ++x) {
          const auto& p = image.at<cv::Vec3f>(y, x);
          Colour c;
          for (size_t k = 0; k < 3; ++k) c[k] = static_cast<double>(p[static_cast<int>(inverse ? k : 2 - k)]);
          const Colour d = inverse ? to_srgb(space, c) : from_srgb(space, c);
          for (size_t k = 0; k < 3; ++k) {
            const float v = out.at<cv::Vec3f>(y, x)[static_cast<int>(inverse ? 2 - k : k)];
            wrong += !(v == static_cast<float>(d[k]) || (std::isnan(v) && std::isnan(d[k])));
          }
        }
      CHECK(wrong == 0);
    }
}

template <int degree>
double largest_part_of_error(double p, int least) {
  const PowerPieces<degree> power(p, least);
  long double largest = 0;
  for (int i = 0; i < 16 * 4000; i += kReals) {
    Reals x;
    for (int j = 0; j < kReals; ++j) x[j] = std::exp2(least + (i + j) / 4000.0);
    const Reals y = power(x);
    for (int j = 0; j < kReals; ++j)
      largest = std::max(largest, std::abs(y[j] / std::pow<long double, long double>(x[j], p) - 1));
  }
  return static_cast<double>(largest);
}

TEST_CASE("colour: powers by pieces err by less than they say, over all of their range") {
  for (const auto& [p, least] : {std::pair(2.4, -4), std::pair(1 / 2.4, -9), std::pair(1 / 3.0, -7)}) {
    CAPTURE(p);
    CHECK(largest_part_of_error<4>(p, least) < PowerPieces<4>::kError);
    CHECK(largest_part_of_error<5>(p, least) < PowerPieces<5>::kError);
    CHECK(largest_part_of_error<6>(p, least) < PowerPieces<6>::kError);
  }
}

TEST_CASE("colour: beside alpha a colour is converted as without") {
  for (int depth : {CV_8U, CV_16U, CV_32F})
    for (ColourSpace space : kSpaces)
      for (bool inverse : {false, true})
        for (bool real : {false, true}) {
          CAPTURE(depth, static_cast<int>(space), inverse, real);
          const cv::Mat four = test::random_image(3, 300, CV_MAKETYPE(depth, 4));
          cv::Mat three(four.size(), CV_MAKETYPE(depth, 3));
          const int first[] = {0, 0, 1, 1, 2, 2};
          cv::mixChannels(&four, 1, &three, 1, first, 3);
          const cv::Mat out = converted(space, four, inverse, real);
          cv::Mat colour(out.size(), CV_MAKETYPE(out.depth(), 3));
          cv::mixChannels(&out, 1, &colour, 1, first, 3);
          CHECK(test::same_pixels(colour, converted(space, three, inverse, real)));
        }
}

TEST_CASE("colour: every 8-bit Lab is sent back to the formula's sRGB, correctly rounded") {
  cv::Mat lab(256, 256, CV_8UC3), out;
  ConvertParams p;
  p.inverse = true;
  int64_t off = 0;
  for (int l = 0; l < 256; l += 5) {
    for (int a = 0; a < 256; ++a)
      for (int b = 0; b < 256; ++b)
        lab.at<cv::Vec3b>(a, b) = cv::Vec3b(static_cast<uint8_t>(l), static_cast<uint8_t>(a), static_cast<uint8_t>(b));
    convert_colour(ColourSpace::lab, p, lab, out, Context());
    for (int a = 0; a < 256; ++a)
      for (int b = 0; b < 256; ++b) {
        const Colour c = to_srgb(ColourSpace::lab, {l * 100 / 255.0, a - 128.0, b - 128.0});
        for (int k = 0; k < 3; ++k) {
          const double v = std::clamp(c[static_cast<size_t>(k)] * 255, 0.0, 255.0);
          off += std::abs(out.at<cv::Vec3b>(a, b)[2 - k] - v) > 0.5 + 1e-9;
        }
      }
  }
  CHECK(off == 0);
}
