// Point operators, equalisation, matching, CLAHE, the histogram.
#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/histogram/equalize.h"
#include "assay/imgproc/histogram/point.h"
#include "assay/imgproc/io/image_file.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"
#include "tests/support/scratch.h"

using namespace assay;

namespace {

template <class Op>
cv::Mat run(const cv::Mat& image, const typename Op::Params& p = {}) {
  return apply_op<Op>(p, image, {});
}

cv::Mat row(std::initializer_list<uint8_t> values) {
  cv::Mat m(1, static_cast<int>(values.size()), CV_8U);
  std::copy(values.begin(), values.end(), m.ptr<uint8_t>(0));
  return m;
}

}  // namespace

TEST_CASE("point operators: worked by hand, ties to the even number, cut at the ends") {
  CHECK(test::same_pixels(run<Brightness>(row({0, 100, 200, 250}), {0.1}), row({26, 126, 226, 255})));
  CHECK(test::same_pixels(run<Brightness>(row({0, 5, 255}), {-0.5}), row({0, 0, 128})));
  CHECK(test::same_pixels(run<Contrast>(row({0, 127, 128, 200}), {2}), row({0, 126, 128, 255})));
  CHECK(test::same_pixels(run<Gamma>(row({0, 51, 255}), {2}), row({0, 10, 255})));
  CHECK(test::same_pixels(run<Stretch>(row({50, 100, 150})), row({0, 128, 255})));
  StretchParams p;
  p.low = 25;
  CHECK(test::same_pixels(run<Stretch>(row({0, 50, 100, 150}), p), row({0, 0, 128, 255})));
}

TEST_CASE("histogram: a large picture, whose bytes are counted in pairs, has the counts of its pixels") {
  for (const cv::Size size :
       {cv::Size(515, 511), cv::Size(700, 400), cv::Size(262147, 1), cv::Size(1, 262150), cv::Size(1500, 1501)}) {
    CAPTURE(size.width, size.height);
    cv::Mat image = test::random_image(size.height, size.width, CV_8U, 5);
    image.rowRange(0, size.height / 4).setTo(200);
    std::vector<float> exact(256, 0.0f);
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x) ++exact[image.ptr<uint8_t>(y)[x]];
    HistogramParams p;
    p.output = HistogramOutput::counts;
    const cv::Mat counts = run<Histogram>(image, p);
    REQUIRE(counts.total() == 256);
    CHECK(std::equal(exact.begin(), exact.end(), counts.ptr<float>(0)));
    const cv::Mat by_two = apply_op<Histogram>(p, image, Context(0, 2));  // the largest in three pieces
    CHECK(test::same_pixels(by_two, counts));
  }
}

TEST_CASE("point operators: the neutral parameter is the identity on every depth and channel count; alpha is kept") {
  for (int type : {CV_8UC1, CV_8UC4, CV_16UC3, CV_32FC1, CV_32FC4}) {
    const cv::Mat image = test::random_image(13, 21, type);
    CHECK(test::same_pixels(run<Gamma>(image), image));
    CHECK(test::same_pixels(run<Brightness>(image), image));
    CHECK(test::same_pixels(run<Contrast>(image), image));
    CHECK(test::same_pixels(run<Saturation>(image), image));
    MatchHistogramParams self;
    CHECK(test::same_pixels(run<MatchHistogram>(image, self), image));
  }
  const cv::Mat image = test::random_image(13, 21, CV_8UC4);
  for (const cv::Mat& out :
       {run<Gamma>(image, {3}), run<Contrast>(image, {5}), run<Saturation>(image, {0}), run<Equalize>(image)})
    for (int y = 0; y < 13; ++y)
      for (int x = 0; x < 21; ++x) REQUIRE(test::value_at(out, y, x, 3) == test::value_at(image, y, x, 3));
}

TEST_CASE("gamma: floats are the power in f64, rounded; nothing negative, and no number, is 0") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  cv::Mat_<float> image(1, 1037);
  for (int i = 0; i < image.cols; ++i) image(0, i) = std::ldexp(1 + static_cast<float>(i % 31) / 31, i % 250 - 149);
  const float special[] = {
      0, -0.0F, -1, nan, 1, inf, std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()};
  std::copy(std::begin(special), std::end(special), image.begin());
  for (double gamma : {0.01, 0.4545, 2.2, 3.0, 50.0}) {
    const cv::Mat_<float> out = apply_op<Gamma>({gamma}, image, {});
    int other = 0;
    for (int i = 0; i < image.cols; ++i) {
      CAPTURE(gamma, i, image(0, i));
      const double v = static_cast<double>(image(0, i));
      const float expected = v > 0 ? static_cast<float>(std::pow(v, gamma)) : 0.0F;
      REQUIRE((out(0, i) == expected || std::nextafter(expected, out(0, i)) == out(0, i)));
      other += out(0, i) != expected;
    }
    CHECK(other <= 1);  // a value in f64 that is a half to its last units
  }
}

TEST_CASE("stretch: from the least to the largest value of the colours, wherever they stand; alpha has no say") {
  for (int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC3, CV_32FC1, CV_32FC4})
    for (int at : {0, 1, 36, 37 * 5 - 1}) {
      CAPTURE(type, at);
      const double full = CV_MAT_DEPTH(type) == CV_8U ? 255 : CV_MAT_DEPTH(type) == CV_16U ? 65535 : 1;
      cv::Mat image(5, 37, type, cv::Scalar(full / 2, full / 2, full / 2, 0));
      const auto set = [&](int i, double v) {
        cv::Mat one = image(cv::Rect(i % 37, i / 37, 1, 1));
        one.setTo(cv::Scalar(full / 2, v, v, full));
        if (image.channels() == 1) one.setTo(v);
      };
      set(at, full / 4), set((at + 90) % 185, full * 3 / 4);
      cv::Mat out;
      const ImageFacts facts = apply_op<Stretch>({}, image, out, {});
      CHECK(std::abs(facts[0].second - full / 4) <= (full > 1 ? 0.5 : 0));
      CHECK(std::abs(facts[1].second - full * 3 / 4) <= (full > 1 ? 0.5 : 0));
      const int c = image.channels() == 1 ? 0 : 1;
      CHECK(test::value_at(out, at / 37, at % 37, c) == 0);
      CHECK(test::value_at(out, (at + 90) % 185 / 37, (at + 90) % 185 % 37, c) == full);
    }
}

TEST_CASE("saturation: factor 0 leaves grey, and grey pixels stay whatever the factor") {
  const cv::Mat image = test::random_image(13, 21, CV_8UC3), grey = run<Saturation>(image, {0});
  for (int y = 0; y < 13; ++y)
    for (int x = 0; x < 21; ++x) {
      REQUIRE(test::value_at(grey, y, x, 0) == test::value_at(grey, y, x, 1));
      REQUIRE(test::value_at(grey, y, x, 0) == test::value_at(grey, y, x, 2));
    }
  CHECK(test::same_pixels(run<Saturation>(grey, {7}), grey));
}

TEST_CASE("equalize: worked by hand; order is kept; one value stays; f32 and u16 alike") {
  CHECK(test::same_pixels(run<Equalize>(row({10, 10, 20, 30})), row({0, 0, 128, 255})));
  CHECK(test::same_pixels(run<Equalize>(row({77, 77})), row({77, 77})));
  const cv::Mat image = test::scene(40, 50, CV_8U), once = run<Equalize>(image);
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 50; ++x)
      REQUIRE((image.at<uint8_t>(y, x) <= image.at<uint8_t>(0, x)) <=
              (once.at<uint8_t>(y, x) <= once.at<uint8_t>(0, x)));
  cv::Mat real;
  image.convertTo(real, CV_32F, 1 / 255.0);
  cv::Mat back;
  run<Equalize>(real).convertTo(back, CV_8U, 255);
  CHECK(test::largest_difference(back, once) <= 1);
}

TEST_CASE("match-histogram: a picture gets the other's values; a permuted reference gives the same") {
  const cv::Mat image = test::scene(40, 50, CV_8U), reference = test::random_image(50, 40, CV_8U);
  cv::Mat a, b;
  match_histogram(image, reference, a, {});
  match_histogram(image, test::flip_lr(reference), b, {});
  CHECK(test::same_pixels(a, b));
  cv::Mat turned;
  match_histogram(test::flip_ud(reference), reference, turned, {});
  CHECK(test::same_pixels(turned, test::flip_ud(reference)));
  test::Scratch folder;
  write_image(folder / "r.png", reference);
  MatchHistogramParams p;
  p.reference = folder / "r.png";
  CHECK(test::same_pixels(run<MatchHistogram>(image, p), a));
  CHECK_THROWS_AS(run<MatchHistogram>(test::random_image(5, 5, CV_8UC3), p), DataError);
}

TEST_CASE("clahe: one tile without a limit is the plain map of the cumulative histogram; a low limit changes little") {
  const cv::Mat image = test::scene(64, 64, CV_8U);
  ClaheParams p;
  p.tiles = 1;
  p.clip = 0;
  const cv::Mat out = run<Clahe>(image, p);
  std::vector<int> upto(256, 0);
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x) ++upto[image.at<uint8_t>(y, x)];
  for (size_t v = 1; v < 256; ++v) upto[v] += upto[v - 1];
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x)
      REQUIRE(out.at<uint8_t>(y, x) == std::nearbyint(upto[image.at<uint8_t>(y, x)] * 255.0 / 4096));
  p.clip = 1;  // nearly flat: nearly the identity
  CHECK(test::largest_difference(run<Clahe>(image, p), image) <= 40);
}

TEST_CASE("clahe: between four tiles a level is the mean of their maps, weighted by place, whatever the tiles' sizes") {
  const auto [rows, cols, tiles] = GENERATE(std::tuple(64, 96, 4), std::tuple(45, 131, 3), std::tuple(7, 200, 2));
  const cv::Mat image = test::random_image(rows, cols, CV_8U);
  ClaheParams p;
  p.tiles = tiles;
  p.clip = 0;
  const cv::Mat out = run<Clahe>(image, p);
  const bool divides = rows % tiles == 0 && cols % tiles == 0;
  const int h = rows / tiles + !divides, w = cols / tiles + !divides;
  const auto mapped = [&](int column, int row, int v) {
    int upto = 0;
    for (int y = row * h; y < (row + 1) * h; ++y)
      for (int x = column * w; x < (column + 1) * w; ++x)
        upto += image.at<uint8_t>(border_index(y, rows, Border::reflect101),
                                  border_index(x, cols, Border::reflect101)) <= v;
    return std::nearbyint(upto * 255.0 / (w * h));
  };
  const auto kept = [&](double tile) { return std::clamp(static_cast<int>(tile), 0, tiles - 1); };
  for (int y = 0; y < rows; y += 3)
    for (int x = 0; x < cols; x += 3) {
      const int v = image.at<uint8_t>(y, x);
      const double at_x = double(x) / w - 0.5, at_y = double(y) / h - 0.5, left = std::floor(at_x),
                   top = std::floor(at_y);
      const auto row = [&](double tile) {
        return (1 - at_x + left) * mapped(kept(left), kept(tile), v) +
               (at_x - left) * mapped(kept(left + 1), kept(tile), v);
      };
      const double expected = (1 - at_y + top) * row(top) + (at_y - top) * row(top + 1);
      CAPTURE(x, y, expected);
      REQUIRE(std::abs(out.at<uint8_t>(y, x) - expected) <= 0.5 + 1e-4);  // single precision near a half
    }
}

TEST_CASE("histogram: counts add up to the pixels, the table says them, the drawing has a colour a channel") {
  const cv::Mat image = test::random_image(30, 41, CV_16UC3);
  HistogramParams p;
  p.bins = 16;
  p.output = HistogramOutput::counts;
  test::Scratch folder;
  p.table = folder / "h.csv";
  const cv::Mat counts = run<Histogram>(image, p);
  REQUIRE(counts.size() == cv::Size(16, 3));
  for (int c = 0; c < 3; ++c) CHECK(cv::sum(counts.row(c))[0] == 30 * 41);
  int low = 0;
  for (int y = 0; y < 30; ++y)
    for (int x = 0; x < 41; ++x) low += test::value_at(image, y, x, 1) < 4096;
  CHECK(counts.at<float>(1, 0) == static_cast<float>(low));
  CHECK(std::string(Input::open(p.table).bytes()).rfind("from,blue,green,red\n", 0) == 0);
  CHECK(run<Histogram>(image).channels() == 3);
  CHECK(run<Histogram>(test::random_image(9, 9, CV_32F)).size() == cv::Size(256, 128));
}

TEST_CASE(
    "equalize, stretch, match-histogram and histogram: what is no number has no say, and a picture of it alone is no "
    "harm") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  cv::Mat_<float> image(9, 40);
  for (int i = 0; i < 360; ++i) image(i / 40, i % 40) = static_cast<float>(i * 7 % 360) / 360;
  cv::Mat_<float> holed = image.clone();
  for (int x = 0; x < 40; x += 3) holed(4, x) = nan;
  StretchParams cut;
  cut.low = cut.high = 5;
  for (const cv::Mat_<float>& picture : {holed, cv::Mat_<float>(9, 40, nan)}) {
    const cv::Mat_<float> equal = apply_op<Equalize>({}, picture, {}), same = apply_op<MatchHistogram>({}, picture, {}),
                          stretched = apply_op<Stretch>(cut, picture, {});
    for (int i = 0; i < 360; ++i)
      if (!std::isnan(picture(i / 40, i % 40))) {
        CHECK(equal(i / 40, i % 40) >= 0);
        CHECK(same(i / 40, i % 40) == picture(i / 40, i % 40));
        CHECK(stretched(i / 40, i % 40) <= 1);
      }
  }
  HistogramParams p;
  p.output = HistogramOutput::counts;
  const cv::Mat_<float> before = apply_op<Histogram>(p, image, {}), after = apply_op<Histogram>(p, holed, {});
  for (int b = 1; b < 256; ++b) CHECK(after(0, b) <= before(0, b));  // (0, 0) takes them
  CHECK(cv::sum(after) == cv::sum(before));
}
