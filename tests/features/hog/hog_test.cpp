#include "assay/features/hog/hog.h"

#include <numeric>

#include "assay/core/error.h"
#include "assay/features/hog/hog_internal.h"
#include "assay/features/hog/hog_kernels.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

// A ramp of `slope` grey levels a pixel, climbing towards `degrees`.
cv::Mat ramp(int rows, int cols, double degrees, double slope) {
  cv::Mat image(rows, cols, CV_32F);
  const double c = std::cos(degrees * M_PI / 180), s = std::sin(degrees * M_PI / 180);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x)
      image.at<float>(y, x) = static_cast<float>((128 + slope * (c * (x - cols / 2) + s * (y - rows / 2))) / 255);
  return image;
}

double largest_in_row(const FeatureTable& a, const cv::Mat& b, size_t skip, int row) {
  double largest = 0;
  for (int i = 0; i < b.cols; ++i)
    largest = std::max(largest,
                       std::abs(a.at(static_cast<size_t>(row), skip + static_cast<size_t>(i)) - b.at<double>(row, i)));
  return largest;
}

HogParams of_preset(HogPreset preset) {
  HogParams p;
  p.preset = preset;
  return p;
}

}  // namespace

TEST_CASE("hog: one cell of a ramp votes for the two bins beside its direction, by hand") {
  // A 4 x 4 cell inside a ramp of direction 35 degrees: bins have their middles at 10, 30, 50, ... so bin 1 gets 3/4 of
  // each vote and bin 2 one quarter, whatever the weights; alone in its block, (3, 1) / sqrt(10), clipped to 0.2 each.
  HogParams p;
  p.cell = 4, p.block = 4;
  const FeatureTable t = hog(ramp(20, 20, 35, 4), p);
  REQUIRE(t.columns.size() == 5 * 5 * 9);
  CHECK(t.columns.back() == "h224");
  const size_t middle = (2 * 5 + 2) * 9;
  for (size_t b = 0; b < 9; ++b)
    CHECK(t.at(0, middle + b) == Approx(b == 1 || b == 2 ? std::sqrt(0.5) : 0.0).margin(1e-4));
  const detail::HogSetting s = detail::hog_setting(p, ramp(20, 20, 35, 4));
  CHECK(detail::cell_share(s, 0, 0) == Approx(0.625));
  CHECK(detail::cell_share(s, 2, 0) == Approx(0.875));
}

TEST_CASE("hog: a vote is shared, not made or lost: shares of cells and of bins sum to 1 inside a block") {
  HogParams p;
  p.block = 32;
  const detail::HogSetting s = detail::hog_setting(p, cv::Mat(64, 64, CV_8U));
  for (int i = 4; i < 28; ++i) {
    double sum = 0;
    for (int c = 0; c < s.cells; ++c) sum += detail::cell_share(s, i, c);
    CHECK(sum == Approx(1));
  }
  CHECK(detail::cell_share(s, 0, 0) == Approx(1 - 3.5 / 8));  // beyond the first middle the rest has no cell to go to
}

TEST_CASE("hog: the paper's window of 64 x 128 has 7 x 15 blocks of 4 x 9 values, each of length 1") {
  for (HogPreset preset : {HogPreset::dalal, HogPreset::opencv, HogPreset::skimage}) {
    HogParams p = of_preset(preset);
    p.block = 16;
    const FeatureTable t = hog(test::random_image(128, 64, CV_8U), p);
    REQUIRE(t.rows() == 1);
    REQUIRE(t.columns.size() == 3780);
    for (size_t block = 0; block < 105; ++block) {
      double sum = 0;
      for (size_t f = 0; f < 36; ++f) {
        const double v = t.at(0, block * 36 + f);
        CHECK((v >= 0 && v <= 1));
        sum += v * v;
      }
      CHECK(sum == Approx(1).margin(5e-3));
    }
  }
}

TEST_CASE("hog: brightness is forgotten, and contrast nearly") {
  const cv::Mat image = test::scene(64, 64, CV_32F);
  cv::Mat other;
  image.convertTo(other, CV_32F, 0.5, 0.25);
  for (HogPreset preset : {HogPreset::dalal, HogPreset::skimage}) {
    const FeatureTable a = hog(image, of_preset(preset)), b = hog(other, of_preset(preset));
    double largest = 0;
    for (size_t i = 0; i < a.values.size(); ++i) largest = std::max(largest, std::abs(a.values[i] - b.values[i]));
    CHECK(largest < 2e-3);
  }
}

TEST_CASE("hog: the mirror picture has the mirrored blocks, cells and directions") {
  for (bool full : {false, true}) {
    HogParams p;
    p.full_circle = full, p.bins = 8;
    const cv::Mat image = test::random_image(64, 48, CV_8U);
    const HogBlocks a = hog_blocks(image, p), b = hog_blocks(test::flip_lr(image), p);
    const detail::HogSetting s = detail::hog_setting(p, image);
    double largest = 0;
    for (int by = 0; by < a.down; ++by)
      for (int bx = 0; bx < a.across; ++bx)
        for (int cx = 0; cx < 2; ++cx)
          for (int cy = 0; cy < 2; ++cy)
            for (int k = 0; k < p.bins; ++k) {
              const int mirrored =
                  full ? (p.bins + p.bins / 2 - 1 - k) % p.bins : p.bins - 1 - k;  // theta -> 180 - theta
              largest = std::max(
                  largest, std::abs(static_cast<double>(
                               a.values.at<float>(by * a.length + s.entry(cx, cy, k), bx) -
                               b.values.at<float>(by * a.length + s.entry(1 - cx, cy, mirrored), a.across - 1 - bx))));
            }
    CHECK(largest < 1e-5);
  }
}

TEST_CASE("hog: one scale for every depth") {
  const cv::Mat bytes = test::scene(48, 40, CV_8U);
  cv::Mat words, reals;
  bytes.convertTo(words, CV_16U, 257);
  bytes.convertTo(reals, CV_32F, 1 / 255.0);
  for (HogPreset preset : {HogPreset::dalal, HogPreset::opencv}) {
    const FeatureTable a = hog(bytes, of_preset(preset));
    for (const cv::Mat& m : {words, reals}) {
      const FeatureTable b = hog(m, of_preset(preset));
      for (size_t i = 0; i < a.values.size(); ++i) REQUIRE(std::abs(a.values[i] - b.values[i]) < 1e-4);
    }
  }
}

TEST_CASE("hog: of three channels each pixel takes the one that changes most") {
  const cv::Mat grey = test::scene(40, 40, CV_8U), flat(40, 40, CV_8U, cv::Scalar(90));
  cv::Mat colour;
  cv::merge(std::vector<cv::Mat>{flat, grey, flat}, colour);
  for (HogPreset preset : {HogPreset::dalal, HogPreset::opencv, HogPreset::skimage})
    CHECK(hog(colour, of_preset(preset)).values == hog(grey, of_preset(preset)).values);
}

TEST_CASE("hog: sliding windows are rows of the blocks, at their places; a window alone is the same up to its border") {
  HogParams p;
  p.sliding = true;
  const cv::Mat image = test::scene(150, 100, CV_8U);
  const FeatureTable t = hog(image, p);
  REQUIRE(t.rows() == 5 * 3);
  REQUIRE(t.columns.size() == 2 + 3780);
  CHECK(t.columns[1] == "y");
  CHECK(t.at(7, 0) == 16);  // row 1 of windows, column 2
  CHECK(t.at(7, 1) == 8);
  const HogBlocks blocks = hog_blocks(image);
  for (int by : {0, 3, 14})
    for (int bx : {0, 6})
      for (int f : {0, 17, 35})
        CHECK(t.at(7, 2 + static_cast<size_t>((bx * 15 + by) * 36 + f)) ==
              static_cast<double>(blocks.values.at<float>((by + 1) * 36 + f, bx + 2)));
  p.window_stride = 16;
  CHECK(hog(image, p).rows() == 3 * 2);
  p.sliding = false;
  p.window = "64x128";
  CHECK(hog(image, p).columns.size() == 3780);  // brought to that size
  p.sliding = true;
  CHECK(hog(test::scene(60, 60, CV_8U), p).rows() == 0);  // no window fits
}

TEST_CASE("hog: flat ground has no direction; sizes that do not fit say which") {
  for (HogPreset preset : {HogPreset::dalal, HogPreset::opencv, HogPreset::skimage})
    for (double v : hog(cv::Mat(32, 32, CV_8U, cv::Scalar(77)), of_preset(preset)).values) REQUIRE(v == 0);
  CHECK_THROWS_WITH(hog(cv::Mat(1, 1, CV_8U, cv::Scalar(7))), Catch::Contains("1 x 1 pixels, a block 16 x 16"));
  CHECK_THROWS_AS(hog(test::random_image(15, 40, CV_8U)), DataError);
  CHECK_THROWS_AS(hog(test::random_image(40, 40, CV_8UC4)), DataError);
  const auto refused = [](auto&& change) {
    HogParams p;
    change(p);
    CHECK_THROWS_AS(hog(test::random_image(40, 40, CV_8U), p), ParameterError);
  };
  refused([](HogParams& p) { p.block = 2; });
  refused([](HogParams& p) { p.block = 12; });
  refused([](HogParams& p) { p.window = "64"; });
  refused([](HogParams& p) { p.window = "64x-128"; });
  refused([](HogParams& p) { p.window = "65x128"; });
  refused([](HogParams& p) { p.window = "8x8"; });
  refused([](HogParams& p) { p.window_stride = 12; });
}

TEST_CASE("hog: preset opencv is cv::HOGDescriptor to 5e-6, with the exact angle to 5e-4") {
  const nlohmann::json golden = test::golden("hog.json");
  int cases = 0;
  for (const auto& c : golden.at("opencv").at("cases")) {
    CAPTURE(c.dump());
    HogParams p = of_preset(HogPreset::opencv);
    p.window = c.at("window");
    p.cell = c.at("cell"), p.block = c.at("block").get<int>(), p.stride = c.at("stride").get<int>(),
    p.bins = c.at("bins");
    p.gamma = c.at("gamma") == "sqrt" ? HogGamma::sqrt : HogGamma::none;
    p.full_circle = c.at("full-circle");
    p.sliding = c.at("sliding");
    const cv::Mat input = test::golden_input(c.at("input")), want = test::golden_image(c.at("output"));
    const size_t skip = p.sliding ? 2 : 0;
    double exact = 0;
    for (HogAngle angle : {HogAngle::automatic, HogAngle::exact}) {
      p.angle = angle;
      const FeatureTable got = hog(input, p);
      REQUIRE(got.rows() == static_cast<size_t>(want.rows));
      REQUIRE(got.columns.size() == static_cast<size_t>(want.cols) + skip);
      for (int row = 0; row < want.rows; ++row) {
        const double difference = largest_in_row(got, want, skip, row);
        CHECK(difference <= (angle == HogAngle::exact ? 5e-4 : 5e-6));
        if (angle == HogAngle::exact) exact = std::max(exact, difference);
      }
    }
    CHECK(exact > 5e-6);  // the polynomial is seen
    ++cases;
  }
  CHECK(cases == 8);
}

TEST_CASE("hog: preset skimage is skimage.feature.hog to 1e-10") {
  const nlohmann::json golden = test::golden("hog.json");
  int cases = 0;
  for (const auto& c : golden.at("skimage").at("cases")) {
    CAPTURE(c.dump());
    HogParams p = of_preset(HogPreset::skimage);
    p.cell = c.at("cell"), p.block = c.at("block").get<int>(), p.bins = c.at("bins");
    const cv::Mat want = test::golden_image(c.at("output"));
    const FeatureTable got = hog(test::golden_input(c.at("input")), p);
    REQUIRE(got.columns.size() == static_cast<size_t>(want.cols));
    CHECK(largest_in_row(got, want, 0, 0) <= 1e-10);
    ++cases;
  }
  CHECK(cases == 5);
}

TEST_CASE("hog: all blocks at once are the textbook's, block by block", "[parallel]") {
  for (int type : {CV_8U, CV_16U, CV_32F, CV_8UC3})
    for (HogPreset preset : {HogPreset::dalal, HogPreset::opencv})
      for (int cells : {1, 2})
        for (bool full : {false, true})
          for (const cv::Size size : {cv::Size(64, 128), cv::Size(100, 37), cv::Size(19, 21)}) {
            HogParams p = of_preset(preset);
            p.cell = size.width < 20 ? 3 : 8;
            p.block = cells * p.cell;
            p.full_circle = full;
            p.bins = full ? 12 : 9;
            const cv::Mat image = test::random_image(size.height, size.width, type, 3);
            CAPTURE(type, cells, full, size.width);
            const HogBlocks fast = hog_blocks(image, p, Context(0, 2)), slow = hog_blocks_textbook(image, p);
            REQUIRE(fast.values.type() == CV_32F);
            CHECK(test::largest_difference(fast.values, slow.values) <= 5e-6);
            CHECK(test::same_pixels(hog_blocks(image, p).values, fast.values));
          }
}

TEST_CASE(
    "hog: numbers copied past the caches are the same, from and to any address, and nothing beside them is touched") {
  std::vector<float> from(200);
  std::iota(from.begin(), from.end(), 1.0F);
  for (ptrdiff_t begin = 0; begin < 17; ++begin)
    for (const ptrdiff_t n : {0, 1, 3, 15, 16, 17, 33, 100, 160}) {
      std::vector<float> to(200, -1.0F);
      hog_copy_out(from.data() + begin / 2, n, to.data() + begin);
      ptrdiff_t wrong = 0;
      for (ptrdiff_t i = 0; i < 200; ++i) {
        const bool inside = i >= begin && i < begin + n;
        wrong += to[static_cast<size_t>(i)] != (inside ? static_cast<float>(1 + i - begin + begin / 2) : -1.0F);
      }
      CAPTURE(begin, n);
      CHECK(wrong == 0);
    }
}

TEST_CASE("hog: the rows of so many windows that they go past the caches are those of few") {
  cv::Mat picture(360, 480, CV_8U);
  cv::randu(picture, 0, 255);
  HogParams p;
  p.preset = HogPreset::opencv;
  p.sliding = true;
  cv::Mat all, line;
  hog_rows(picture, p, all);
  REQUIRE(all.total() * sizeof(float) > (size_t{8} << 20));
  const cv::Mat top = picture.rowRange(0, 136).clone();
  hog_rows(top, p, line);
  REQUIRE(line.total() * sizeof(float) < (size_t{8} << 20));
  int same = 0;  // windows whose blocks do not feel the cut at row 136
  for (int w = 0; w < 53; ++w) same += test::same_pixels(all.row(w), line.row(w));
  CHECK(same == 53);
}
