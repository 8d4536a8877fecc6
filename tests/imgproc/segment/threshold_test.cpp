#include "assay/imgproc/segment/threshold.h"

#include <random>

#include "assay/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

template <class Op>
std::pair<cv::Mat, ImageFacts> run(const cv::Mat& image, const typename Op::Params& p = {}) {
  cv::Mat out;
  ImageFacts facts = apply_op<Op>(p, image, out, {});
  return {out, facts};
}

// The variance between classes for thresholds t, by its definition.
double variance_between(const BinnedValues& values, const std::vector<int>& t) {
  double all = 0, sum = 0, between = 0;
  for (size_t i = 0; i < values.count.size(); ++i)
    all += static_cast<double>(values.count[i]), sum += static_cast<double>(values.count[i]) * values.centre[i];
  const double mean = sum / all;
  size_t begin = 0;
  for (size_t j = 0; j <= t.size(); ++j) {
    const size_t end = j < t.size() ? static_cast<size_t>(t[j]) + 1 : values.count.size();
    double w = 0, s = 0;
    for (; begin < end; ++begin)
      w += static_cast<double>(values.count[begin]),
          s += static_cast<double>(values.count[begin]) * values.centre[begin];
    if (w > 0) between += w / all * (s / w - mean) * (s / w - mean);
  }
  return between;
}

}  // namespace

TEST_CASE("threshold: white is above, not at the value; negative and large values; inverted") {
  const cv::Mat image = (cv::Mat_<uint8_t>(1, 4) << 0, 99, 100, 101);
  CHECK(test::same_pixels(run<Threshold>(image, {100, false}).first, (cv::Mat_<uint8_t>(1, 4) << 0, 0, 0, 255)));
  CHECK(test::same_pixels(run<Threshold>(image, {99.5, false}).first, (cv::Mat_<uint8_t>(1, 4) << 0, 0, 255, 255)));
  CHECK(test::same_pixels(run<Threshold>(image, {-1, false}).first, (cv::Mat_<uint8_t>(1, 4) << 255, 255, 255, 255)));
  CHECK(test::same_pixels(run<Threshold>(image, {1e9, false}).first, (cv::Mat_<uint8_t>(1, 4) << 0, 0, 0, 0)));
  CHECK(test::same_pixels(run<Threshold>(image, {100, true}).first, (cv::Mat_<uint8_t>(1, 4) << 255, 255, 255, 0)));
}

TEST_CASE("otsu: no thresholds have a larger variance between classes, for two to four classes, tried one by one") {
  for (uint64_t seed : {1, 2, 3, 4}) {
    Rng rng(seed, 5);
    BinnedValues values;
    for (int i = 0; i < 24; ++i)
      values.centre.push_back(i), values.count.push_back(rng.below(3) ? static_cast<int64_t>(rng.below(50)) : 0);
    values.count[3] = 9;
    double best2 = 0, best3 = 0, best4 = 0;
    for (int a = 0; a < 24; ++a) {
      best2 = std::max(best2, variance_between(values, {a}));
      for (int b = a; b < 24; ++b) {
        best3 = std::max(best3, variance_between(values, {a, b}));
        for (int c = b; c < 24; ++c) best4 = std::max(best4, variance_between(values, {a, b, c}));
      }
    }
    CHECK(variance_between(values, otsu_thresholds(values, 2)) == Approx(best2).epsilon(1e-12));
    CHECK(variance_between(values, otsu_thresholds(values, 3)) == Approx(best3).epsilon(1e-12));
    CHECK(variance_between(values, otsu_thresholds(values, 4)) == Approx(best4).epsilon(1e-12));
  }
}

TEST_CASE("otsu: empty bins change nothing, and a class ends at a full one") {
  std::mt19937 random(11);
  for (int classes : {2, 3, 4}) {
    BinnedValues dense, sparse;
    for (int i = 0; i < 12; ++i) {
      const auto count = static_cast<int64_t>(1 + random() % 50);
      const double centre = 4.0 * i * i;
      dense.count.push_back(count), dense.centre.push_back(centre);
      while (static_cast<double>(sparse.count.size()) < centre)
        sparse.centre.push_back(static_cast<double>(sparse.count.size())), sparse.count.push_back(0);
      sparse.centre.push_back(centre), sparse.count.push_back(count);
    }
    const std::vector<int> among_full = otsu_thresholds(dense, classes), among_all = otsu_thresholds(sparse, classes);
    for (size_t j = 0; j < among_full.size(); ++j)
      CHECK(sparse.centre[static_cast<size_t>(among_all[j])] == dense.centre[static_cast<size_t>(among_full[j])]);
  }
}

TEST_CASE("otsu and triangle: what is no number has no say") {
  cv::Mat_<float> image(8, 8, 0.25F);
  image.colRange(5, 8).setTo(0.75F);
  const auto told = [&](auto op) {
    using Op = decltype(op);
    cv::Mat out;
    return apply_op<Op>({}, image, out, {})[0].second;
  };
  const double otsu = told(Otsu()), triangle = told(Triangle());
  image(2, 3) = std::numeric_limits<float>::quiet_NaN();
  CHECK(told(Otsu()) == otsu);
  CHECK(told(Triangle()) == triangle);
  image = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isfinite(told(Otsu())));
  image(1, 1) = std::numeric_limits<float>::infinity(), image(2, 2) = -image(1, 1);
  CHECK_NOTHROW(told(Otsu()));
}

TEST_CASE("otsu: two values are parted at the lower, one value is the threshold, depths agree") {
  const cv::Mat two = (cv::Mat_<uint8_t>(1, 4) << 20, 20, 90, 20);
  const auto [out, facts] = run<Otsu>(two);
  CHECK(facts[0].second == 20);
  CHECK(test::same_pixels(out, (cv::Mat_<uint8_t>(1, 4) << 0, 0, 255, 0)));
  CHECK(run<Otsu>(cv::Mat(3, 3, CV_8U, cv::Scalar(42))).second[0].second == 42);
  CHECK(run<Triangle>(cv::Mat(3, 3, CV_8U, cv::Scalar(42))).second[0].second == 42);
  const cv::Mat image = test::scene(50, 60, CV_8U);
  cv::Mat deep;
  image.convertTo(deep, CV_16U);
  CHECK(run<Otsu>(image).second == run<Otsu>(deep).second);
  CHECK(test::same_pixels(run<Otsu>(image).first, run<Otsu>(deep).first));
}

TEST_CASE("multi-otsu: three plateaus become black, grey and white") {
  cv::Mat image(9, 30, CV_8U, cv::Scalar(10));
  image.colRange(10, 20).setTo(90);
  image.colRange(20, 30).setTo(200);
  const cv::Mat out = run<MultiOtsu>(image).first;
  CHECK(out.at<uint8_t>(4, 5) == 0);
  CHECK(out.at<uint8_t>(4, 15) == 128);
  CHECK(out.at<uint8_t>(4, 25) == 255);
}

TEST_CASE("triangle: the foot of a peak with a long tail, worked by hand") {
  // counts: 8 at 0, then 3 1 1 1 at 1..4: the line from (4, 0) to (0, 8); farthest below it is 1 (distance 8*3 - 4*3 = 12),
  // or 2 (8*2 - 4*1 = 12): the one met first from the far end
  cv::Mat image(1, 14, CV_8U, cv::Scalar(0));
  int at = 8;
  for (int v : {1, 1, 1, 2, 3, 4}) image.at<uint8_t>(0, at++) = static_cast<uint8_t>(v);
  CHECK(run<Triangle>(image).second[0].second == 2);
}

TEST_CASE(
    "adaptive: a slope of light does not matter, a flat picture is white for a positive offset and black for none") {
  cv::Mat image(40, 60, CV_8U);
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 60; ++x) image.at<uint8_t>(y, x) = static_cast<uint8_t>(60 + 2 * x);
  image(cv::Rect(20, 10, 3, 20)) -= 40;
  for (const auto method : {AdaptiveMean::mean, AdaptiveMean::gaussian}) {
    AdaptiveParams p;
    p.method = method;
    p.offset = 5;
    const cv::Mat out = run<Adaptive>(image, p).first;
    CHECK(out.at<uint8_t>(20, 21) == 0);
    CHECK(out.at<uint8_t>(20, 40) == 255);
    CHECK(out.at<uint8_t>(5, 50) == 255);
    const cv::Mat flat(20, 20, CV_8U, cv::Scalar(200));
    CHECK(cv::countNonZero(run<Adaptive>(flat, p).first) == 400);
    p.offset = 0;
    CHECK(cv::countNonZero(run<Adaptive>(flat, p).first) == 0);
  }
}

TEST_CASE("adaptive: 8 bits by sums are 16 bits and floats by means") {
  const cv::Mat image = test::random_image(61, 83, CV_8UC1);
  cv::Mat wide, real;
  image.convertTo(wide, CV_16U);
  image.convertTo(real, CV_32F);
  for (int size : {3, 11, 17, 41})
    for (double offset : {0.0, 2.0, -3.5})
      for (bool invert : {false, true}) {
        AdaptiveParams p;
        p.size = size, p.offset = offset, p.invert = invert;
        CAPTURE(size, offset);
        const cv::Mat out = run<Adaptive>(image, p).first;
        CHECK(test::same_pixels(run<Adaptive>(wide, p).first, out));
        CHECK(test::same_pixels(run<Adaptive>(real, p).first, out));
      }
}
