#include "assay/features/hog/object_detector.h"

#include <algorithm>

#include "assay/core/error.h"
#include "assay/core/parallel.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

FoundObject box(double x, double y, double side, double score) { return {x, y, side, side, score, 1, 0}; }

// What looks like `window`: the score h' h0 of a row h of the same length as its row h0 is largest where h = h0.
WindowModel looks_like(const cv::Mat& window, const HogParams& p) {
  const FeatureTable t = hog(window, p);
  WindowModel model;
  model.length = t.columns.size();
  model.W = Matrix::Zero(1, static_cast<Index>(model.length));
  for (size_t i = 0; i < model.length; ++i) model.W(0, static_cast<Index>(i)) = t.at(0, i);
  model.b = Vector::Zero(1);
  return model;
}

// A window with a picture of its own: rings around a point off its middle, and a bar.
cv::Mat pattern(int side) {
  cv::Mat image(side, side, CV_8U);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const double u = (x + 0.5) / side, v = (y + 0.5) / side;
      const double ring = std::cos(22 * std::hypot(u - 0.4, v - 0.45));
      image.at<uint8_t>(y, x) = cv::saturate_cast<uint8_t>(120 + 70 * ring + (v > 0.75 && u > 0.2 ? 60 : 0));
    }
  return image;
}

WindowModel random_model(const ObjectParams& p, int classes) {
  Rng rng(3, 9);
  WindowModel model;
  model.length = hog_window(p.hog).length;
  model.classes = classes;
  model.W = Matrix(classes, static_cast<Index>(model.length));
  for (Index k = 0; k < classes; ++k)
    for (Index i = 0; i < model.W.cols(); ++i) model.W(k, i) = rng.normal();
  model.b = Vector::LinSpaced(classes, -1, 1);
  return model;
}

// The same model as a function of rows.
WindowModel as_function(const WindowModel& linear) {
  WindowModel model = linear;
  model.W = Matrix();
  model.scores = [linear](const Matrix& rows, const Context&) -> Matrix {
    return (rows * linear.W.transpose()).rowwise() + linear.b.transpose();
  };
  return model;
}

// Every window of every scale.
ObjectParams everything() {
  ObjectParams p;
  p.hog.window = "32x48";
  p.threshold = -1e9, p.overlap = 1, p.scale_step = 1.3;
  return p;
}

bool same(const FoundObject& a, const FoundObject& b) {
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height && a.score == b.score &&
         a.scale == b.scale && a.what == b.what;
}

}  // namespace

TEST_CASE("objects: of two that overlap the better one is kept, by hand") {
  // Squares of side 4: the second shares 2 x 4 of 24 pixels with the first, the third 2 x 4 of 24 with the second.
  const FoundObject a = box(0, 0, 4, 5), b = box(2, 0, 4, 9), c = box(4, 0, 4, 7), d = box(20, 0, 4, 1);
  CHECK(overlap(a, b) == Approx(8.0 / 24));
  CHECK(overlap(a, c) == 0);
  CHECK(overlap(a, a) == 1);
  CHECK(overlap(a, box(1, 1, 2, 0)) == Approx(4.0 / 16));  // one within the other
  const auto kept = suppress_overlaps({a, b, c, d}, 0.3);
  REQUIRE(kept.size() == 2);
  CHECK(same(kept[0], b));
  CHECK(same(kept[1], d));
  const auto all = suppress_overlaps({a, b, c, d}, 0.34);
  REQUIRE(all.size() == 4);
  CHECK(same(all[1], c));
  CHECK(same(suppress_overlaps({a, box(0, 0, 4, 5)}, 0.5)[0], a));  // of equal scores the earlier
  CHECK(suppress_overlaps({}, 0.5).empty());
}

TEST_CASE("objects: what is kept overlaps no more than allowed, what is dropped does; once more changes nothing") {
  Rng rng(1, 5);
  std::vector<FoundObject> candidates;
  for (int i = 0; i < 300; ++i)
    candidates.push_back(
        {rng.uniform(0, 90), rng.uniform(0, 90), rng.uniform(5, 30), rng.uniform(5, 30), rng.uniform(), 1, 0});
  for (const double most : {0.0, 0.2, 0.5, 1.0}) {
    const auto kept = suppress_overlaps(candidates, most);
    for (size_t i = 0; i < kept.size(); ++i)
      for (size_t j = 0; j < i; ++j) {
        CHECK(kept[j].score >= kept[i].score);
        CHECK(overlap(kept[i], kept[j]) <= most);
      }
    for (const FoundObject& c : candidates)
      CHECK(std::any_of(kept.begin(), kept.end(), [&](const FoundObject& k) {
        return same(k, c) || (k.score >= c.score && overlap(k, c) > most);
      }));
    const auto again = suppress_overlaps(kept, most);
    CHECK(std::equal(again.begin(), again.end(), kept.begin(), kept.end(), same));
  }
}

TEST_CASE("objects: a planted window is the best at its place") {
  ObjectParams p;
  p.hog.window = "48x48";
  const cv::Mat window = pattern(48);
  cv::Mat image = test::scene(140, 180, CV_8U);
  window.copyTo(image(cv::Rect(56, 40, 48, 48)));
  const auto found = detect_objects(image, looks_like(window, p.hog), p);
  REQUIRE_FALSE(found.empty());
  CHECK(found[0].x == 56);
  CHECK(found[0].y == 40);
  CHECK(found[0].width == 48);
  CHECK(found[0].height == 48);
  CHECK(found[0].scale == 1);
}

TEST_CASE(
    "objects: a window planted larger is found within a stride of its place and a step of its scale, off the grid "
    "two") {
  ObjectParams p;
  p.hog.window = "48x48";
  const WindowModel model = looks_like(pattern(48), p.hog);
  for (const int steps : {2, 5, 7, 12}) {
    const double s = std::pow(1.1, steps);
    // On the grid of that scale the window is there as it is; half a stride beside it, between the sizes and places.
    for (const double beside : {0.0, 0.5}) {
      const int side = static_cast<int>(std::lround(48 * s)), x = static_cast<int>(std::lround((4 + beside) * 8 * s)),
                y = static_cast<int>(std::lround((5 - beside) * 8 * s));
      cv::Mat image(300, 320, CV_8U, cv::Scalar(120));
      pattern(side).copyTo(image(cv::Rect(x, y, side, side)));
      const auto found = detect_objects(image, model, p);
      CAPTURE(s, beside);
      REQUIRE_FALSE(found.empty());
      CAPTURE(found[0].x, x, found[0].y, y, found[0].width, side);
      CHECK(std::abs(found[0].x - x) <= 8 * s);
      CHECK(std::abs(found[0].y - y) <= 8 * s);
      CHECK(std::abs(std::log(found[0].scale / s)) <= 1.001 * std::log(1.1) * (beside == 0 ? 1 : 2));
    }
  }
  // Half as large as the window: sought in the picture enlarged.
  p.first_scale = 0.5;
  cv::Mat image(100, 120, CV_8U, cv::Scalar(120));
  pattern(24).copyTo(image(cv::Rect(40, 32, 24, 24)));
  const auto small = detect_objects(image, model, p);
  REQUIRE_FALSE(small.empty());
  CHECK(std::abs(small[0].x - 40) <= 4);
  CHECK(std::abs(small[0].width - 24) <= 2.4);
}

TEST_CASE("objects: at scale 1 the score is that of the window's row, for every preset, by weights or by rows") {
  const cv::Mat image = test::scene(75, 83, CV_8U);
  for (HogPreset preset : {HogPreset::dalal, HogPreset::opencv, HogPreset::skimage})
    for (int step : {8, 16}) {
      ObjectParams p = everything();
      p.hog.preset = preset, p.hog.window_stride = step, p.last_scale = 1;
      HogParams sliding = p.hog;
      sliding.sliding = true;
      const FeatureTable rows = hog(image, sliding);
      REQUIRE(rows.rows() > 0);
      const WindowModel model = random_model(p, 1);
      const auto by_weights = detect_objects(image, model, p), by_rows = detect_objects(image, as_function(model), p);
      REQUIRE(by_weights.size() == rows.rows());
      REQUIRE(by_rows.size() == rows.rows());
      for (const auto* found : {&by_weights, &by_rows})
        for (const FoundObject& o : *found) {
          size_t row = 0;
          while (row < rows.rows() && (rows.at(row, 0) != o.x || rows.at(row, 1) != o.y)) ++row;
          REQUIRE(row < rows.rows());
          double score = model.b[0], size = 1;
          for (size_t i = 0; i < model.length; ++i) {
            const double term = model.W(0, static_cast<Index>(i)) * rows.at(row, 2 + i);
            score += term, size += std::abs(term);
          }
          CHECK(std::abs(o.score - score) <= (found == &by_weights ? 1e-6 : 1e-12) * size);
        }
    }
}

TEST_CASE("objects: of several classes the best counts, and the background is nothing") {
  const cv::Mat image = test::scene(90, 110, CV_8U);
  const ObjectParams p = everything();
  WindowModel model = random_model(p, 3);
  const auto all = detect_objects(image, model, p);
  std::vector<size_t> count(3);
  for (const FoundObject& o : all) ++count[static_cast<size_t>(o.what)];
  CHECK(std::min({count[0], count[1], count[2]}) > 0);
  model.background = 1;
  CHECK(detect_objects(image, model, p).size() == all.size() - count[1]);
  const auto rows = detect_objects(image, as_function(model), p);
  CHECK(rows.size() == all.size() - count[1]);
  ObjectParams strict = p;
  strict.threshold = all[0].score;  // is not exceeded
  CHECK(detect_objects(image, random_model(p, 3), strict).empty());
}

TEST_CASE("objects: padding finds what the picture's edge cuts") {
  ObjectParams p;
  p.hog.window = "48x48";
  p.last_scale = 1;
  cv::Mat image = test::scene(100, 100, CV_8U);
  pattern(48)(cv::Rect(8, 0, 40, 48)).copyTo(image(cv::Rect(0, 24, 40, 48)));
  const WindowModel model = looks_like(pattern(48), p.hog);
  p.padding = 16;
  const auto found = detect_objects(image, model, p);
  REQUIRE_FALSE(found.empty());
  CHECK(found[0].x == -8);
  CHECK(found[0].y == 24);
}

TEST_CASE("objects: where no window fits there is nothing; what does not fit together is refused") {
  ObjectParams p;
  const WindowModel model = random_model(p, 1);
  CHECK(detect_objects(cv::Mat(1, 1, CV_8U, cv::Scalar(7)), model, p).empty());
  CHECK(detect_objects(test::random_image(127, 400, CV_8UC3), model, p).empty());
  p.threshold = -1e9;
  CHECK(detect_objects(test::random_image(128, 64, CV_16U), model, p).size() == 1);
  p.padding = 1000;
  CHECK(detect_objects(cv::Mat(1, 1, CV_32F, cv::Scalar(7)), model, p).empty());
  CHECK_THROWS_AS(detect_objects(test::random_image(200, 200, CV_8UC4), model, p), DataError);
  const auto refused = [&](auto&& change) {
    ObjectParams q;
    change(q);
    CHECK_THROWS_AS(detect_objects(test::random_image(200, 200, CV_8U), model, q), ParameterError);
  };
  refused([](ObjectParams& q) { q.hog.window = "48x48"; });
  refused([](ObjectParams& q) { q.hog.bins = 8; });
  refused([](ObjectParams& q) { q.first_scale = 2, q.last_scale = 1; });
  refused([](ObjectParams& q) { q.scale_step = 1; });
  ObjectParams q;
  q.hog.cell = 5;
  CHECK_THROWS_WITH(detect_objects(test::random_image(200, 200, CV_8U), model, q),
                    Catch::Contains("whole strides of 5"));
  q.hog.cell = 8, q.hog.window = "48x48";
  CHECK_THROWS_WITH(detect_objects(test::random_image(200, 200, CV_8U), model, q),
                    Catch::Contains("rows of 3780 numbers, a window of 48 x 48 pixels has 900"));
}

TEST_CASE("objects: the same for any number of threads", "[parallel]") {
  const cv::Mat image = test::scene(160, 210, CV_8U);
  const ObjectParams p = everything();
  const WindowModel model = random_model(p, 2);
  for (const WindowModel& m : {model, as_function(model)}) {
    const auto one = detect_objects(image, m, p, Context(0, 1)), two = detect_objects(image, m, p, Context(0, 3));
    REQUIRE(one.size() > 100);
    CHECK(std::equal(one.begin(), one.end(), two.begin(), two.end(), same));
  }
}

TEST_CASE("objects: a drawing has a frame around each") {
  const cv::Mat image = test::scene(60, 80, CV_8U);
  const cv::Mat drawn = draw_objects(image, {box(10, 20, 30, 1), box(-5, -5, 300, 0.5)});
  REQUIRE(drawn.type() == CV_8UC3);
  CHECK(drawn.size() == image.size());
  CHECK(drawn.at<cv::Vec3b>(20, 25)[2] > 200);  // the best is red
  CHECK(drawn.at<cv::Vec3b>(30, 25)[0] == drawn.at<cv::Vec3b>(30, 25)[2]);
}
