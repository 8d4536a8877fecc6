#include "assay/imgproc/edge/canny.h"

#include "assay/core/error.h"
#include "assay/imgproc/edge/canny_internal.h"
#include "assay/imgproc/filter/gaussian.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

CannyParams with(double low, double high, EdgeNorm norm = EdgeNorm::l2, Suppression nms = Suppression::automatic,
                 CannyConvention convention = CannyConvention::exact) {
  CannyParams p;
  p.low = low, p.high = high, p.norm = norm, p.nms = nms, p.convention = convention;
  return p;
}

std::vector<CannyParams> all_variants(double low, double high) {
  std::vector<CannyParams> out;
  for (EdgeNorm norm : {EdgeNorm::l1, EdgeNorm::l2}) {
    out.push_back(with(low, high, norm, Suppression::interpolated));
    out.push_back(with(low, high, norm, Suppression::nearest));
    out.push_back(with(low, high, norm, Suppression::automatic, CannyConvention::opencv));
  }
  out.push_back(with(low, high, EdgeNorm::l2, Suppression::automatic, CannyConvention::skimage));
  return out;
}

bool subset(const cv::Mat& a, const cv::Mat& b) { return cv::countNonZero(a & ~b) == 0; }

}  // namespace

TEST_CASE("canny: a step edge gives one line, one pixel wide, on its bright side") {
  cv::Mat image(20, 30, CV_8U, cv::Scalar(40));
  image.colRange(17, 30).setTo(90);
  for (Suppression nms : {Suppression::interpolated, Suppression::nearest})
    for (EdgeNorm norm : {EdgeNorm::l1, EdgeNorm::l2}) {
      const cv::Mat edges = canny(image, with(50, 150, norm, nms));
      REQUIRE(edges.type() == CV_8U);
      for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 30; ++x) REQUIRE(edges.at<uint8_t>(y, x) == (x == 17 ? 255 : 0));
      // dark to the right: still the bright side
      const cv::Mat mirrored = canny(test::flip_lr(image), with(50, 150, norm, nms));
      CHECK(cv::countNonZero(mirrored) == 20);
      CHECK(cv::countNonZero(mirrored.col(12)) == 20);
    }
}

TEST_CASE("canny: a smoothed step edge, straight or slanted, is a line one pixel wide at the right place") {
  for (double angle_deg : {0.0, 20.0, 45.0, 70.0, 90.0, 135.0}) {
    const double nx = std::cos(angle_deg * CV_PI / 180), ny = std::sin(angle_deg * CV_PI / 180);
    cv::Mat image(61, 61, CV_32F);
    for (int y = 0; y < 61; ++y)
      for (int x = 0; x < 61; ++x) {
        const double d = nx * (x - 30.2) + ny * (y - 29.7);  // signed distance to the edge
        image.at<float>(y, x) = static_cast<float>(0.5 * (1 + std::erf(d / (1.5 * std::sqrt(2.0)))));
      }
    const cv::Mat edges = canny(image, with(20, 60));
    int count = 0;
    CAPTURE(angle_deg);
    for (int y = 2; y < 59; ++y)
      for (int x = 2; x < 59; ++x) {
        const double d = std::abs(nx * (x - 30.2) + ny * (y - 29.7));
        // Suppression compares along the gradient with the ring of 8 neighbours, 1 / reach away: the crest is one pixel
        // wide along that step, so exactly what lies within half of it is kept.
        const double reach = std::max(std::abs(nx), std::abs(ny));
        const bool edge = edges.at<uint8_t>(y, x) != 0;
        count += edge;
        if (d < 0.5 / reach - 0.05) REQUIRE(edge);
        if (d > 0.5 / reach + 0.05) REQUIRE(!edge);
      }
    CHECK(count >= 55);
  }
}

TEST_CASE("canny: constant pictures and linear ramps have no edges inside") {
  for (const CannyParams& p : all_variants(0, 0)) {
    if (p.convention == CannyConvention::skimage) continue;  // there equal maxima stay: a ramp is all maxima
    CHECK(cv::countNonZero(canny(cv::Mat(15, 15, CV_8U, cv::Scalar(200)), p)) == 0);
    for (int a : {1, 2, 3, 5})
      for (int b : {0, 1, 3, -3}) {
        cv::Mat ramp(15, 15, CV_8U);
        for (int y = 0; y < 15; ++y)
          for (int x = 0; x < 15; ++x) ramp.at<uint8_t>(y, x) = static_cast<uint8_t>(60 + a * x + b * y);
        CAPTURE(a, b);
        CHECK(cv::countNonZero(canny(ramp, p)(cv::Rect(2, 2, 11, 11))) == 0);
      }
  }
}

TEST_CASE("canny: the edge set shrinks as a threshold rises") {
  const cv::Mat image = gaussian(test::scene(70, 90), {});
  for (const CannyParams& base : all_variants(30, 60)) {
    const cv::Mat edges = canny(image, base);
    CHECK(cv::countNonZero(edges) > 50);
    for (double low : {35.0, 45.0, 60.0})
      for (double high : {60.0, 80.0, 140.0}) {
        CannyParams p = base;
        p.low = low, p.high = high;
        CHECK(subset(canny(image, p), edges));
      }
  }
}

TEST_CASE("canny: every edge is joined to a strong pixel, and no weak neighbour of an edge is left out") {
  const cv::Mat image = gaussian(test::scene(70, 90), {});
  for (const CannyParams& p : all_variants(25, 70)) {
    CannyParams weak = p, strong = p;
    weak.high = p.low;    // all candidates above low
    strong.low = p.high;  // all candidates above high
    const cv::Mat edges = canny(image, p), candidates = canny(image, weak), seeds = canny(image, strong);
    REQUIRE(subset(seeds, edges));
    REQUIRE(subset(edges, candidates));
    cv::Mat grown = seeds.clone();  // the definition, by repeated dilation inside the candidates
    for (bool changed = true; changed;) {
      changed = false;
      for (int y = 0; y < grown.rows; ++y)
        for (int x = 0; x < grown.cols; ++x) {
          if (grown.at<uint8_t>(y, x) || !candidates.at<uint8_t>(y, x)) continue;
          const cv::Rect around = cv::Rect(x - 1, y - 1, 3, 3) & cv::Rect(0, 0, grown.cols, grown.rows);
          if (cv::countNonZero(grown(around)) == 0) continue;
          grown.at<uint8_t>(y, x) = 255;
          changed = true;
        }
    }
    CHECK(test::same_pixels(grown, edges));
    CHECK(cv::countNonZero(edges) > cv::countNonZero(seeds));
    CHECK(cv::countNonZero(edges) < cv::countNonZero(candidates));
  }
}

TEST_CASE("canny: pixels decided many at a time, by a filter in f32, are those decided one by one, ties and all") {
  // Windows narrower than 64 columns are decided by the formula; where low = high no pixel leans on another.
  std::vector<cv::Mat> pictures = {test::random_image(40, 200, CV_8U), test::random_image(40, 150, CV_32F),
                                   test::scene(60, 130, CV_16U)};
  cv::Mat stairs(40, 170, CV_8U), ridge(40, 140, CV_32F);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 170; ++x) stairs.at<uint8_t>(y, x) = static_cast<uint8_t>(x / 7 % 2 * 90 + y / 5 % 3 * 60);
    for (int x = 0; x < 140; ++x) ridge.at<float>(y, x) = static_cast<float>((x * x + 2 * y * y) % 97) * 0.01F;
  }
  pictures.push_back(stairs), pictures.push_back(ridge);
  for (const cv::Mat& image : pictures)
    for (const EdgeNorm norm : {EdgeNorm::l1, EdgeNorm::l2}) {
      const CannyParams p = with(60, 60, norm);
      const cv::Mat whole = canny(image, p);
      REQUIRE(cv::countNonZero(whole) > 20);
      for (int x = 0; x + 60 <= image.cols; x += 10) {
        const cv::Mat window = canny(image.colRange(x, x + 60), p);
        CAPTURE(image.cols, image.depth(), x);
        REQUIRE(cv::countNonZero(window.colRange(2, 58) != whole.colRange(x + 2, x + 58)) == 0);
      }
    }
}

TEST_CASE("canny: linking 64 pixels at a time gives what the walk from pixel to pixel gives") {
  using namespace canny_stages;
  const auto linked_alike = [](cv::Mat_<uint8_t> candidates) {
    cv::Mat edges(candidates.rows - 2, candidates.cols - 2, CV_8U);
    link_words(candidates, edges);
    link_by_hysteresis(candidates);
    const cv::Mat walked = candidates(cv::Rect(1, 1, edges.cols, edges.rows)) == kEdge;
    return test::same_pixels(edges, walked) && cv::countNonZero(edges) > 0;
  };
  for (int width : {1, 7, 64, 65, 130, 200})
    for (int weak_share : {40, 110, 170}) {  // of 256: scattered, near the size where all is joined, joined
      CAPTURE(width, weak_share);
      const cv::Mat_<uint8_t> noise = test::random_image(90, width, CV_8U, static_cast<uint64_t>(weak_share));
      cv::Mat_<uint8_t> candidates(92, width + 2, kNone);
      for (int y = 0; y < 90; ++y)
        for (int x = 0; x < width; ++x)
          candidates(y + 1, x + 1) = noise(y, x) == 255 || (x == 0 && y == 45) ? kStrong
                                     : noise(y, x) < weak_share                ? kWeak
                                                                               : kNone;
      CHECK(linked_alike(candidates));
    }
  cv::Mat_<uint8_t> snake(82, 202, kNone);  // up and down through all columns, from one strong end
  for (int x = 0; x < 200; x += 2)
    for (int y = 0; y < 80; ++y) {
      snake(y + 1, x + 1) = kWeak;
      snake(x % 4 == 0 ? 80 : 1, x + 2) = kWeak;
    }
  snake(1, 1) = kStrong;
  CHECK(linked_alike(snake));
}

TEST_CASE("canny: thresholds stand on the scale of 8-bit values at every depth") {
  const cv::Mat bytes = test::scene(40, 50, CV_8U);
  cv::Mat words;
  bytes.convertTo(words, CV_16U, 257);
  for (EdgeNorm norm : {EdgeNorm::l1, EdgeNorm::l2})
    CHECK(test::same_pixels(canny(bytes, with(40.5, 90.5, norm)), canny(words, with(40.5, 90.5, norm))));
  cv::Mat reals;
  bytes.convertTo(reals, CV_32F, 1.0 / 256);  // a power of two: the same decisions, scaled
  CHECK(test::same_pixels(canny(bytes, with(40.5, 90.5)), canny(reals, with(40.5 * 255 / 256, 90.5 * 255 / 256))));
}

TEST_CASE("canny: a magnitude equal to the threshold is an edge under skimage and none elsewhere") {
  cv::Mat image = cv::Mat::zeros(9, 12, CV_32F);
  image.colRange(6, 12).setTo(0.25);  // magnitude 1 = 255 on the scale of 8-bit values
  CHECK(cv::countNonZero(canny(image, with(255, 255))) == 0);
  CHECK(cv::countNonZero(canny(image, with(254.9, 254.9))) == 9);
  CHECK(cv::countNonZero(
            canny(image, with(255, 255, EdgeNorm::l2, Suppression::automatic, CannyConvention::skimage))) == 14);
  CHECK(cv::countNonZero(
            canny(image, with(255.1, 255.1, EdgeNorm::l2, Suppression::automatic, CannyConvention::skimage))) == 0);
}

TEST_CASE("canny: flips and rotations move the edges and change none") {
  for (int type : {CV_8U, CV_16U, CV_32F}) {
    const cv::Mat image = test::scene(41, 63, type);
    for (const CannyParams& p : all_variants(20, 60)) {
      if (p.convention != CannyConvention::exact) continue;  // the libraries' ties prefer left and up
      const cv::Mat edges = canny(image, p);
      CHECK(cv::countNonZero(edges) > 20);
      CHECK(test::same_pixels(canny(test::flip_lr(image), p), test::flip_lr(edges)));
      CHECK(test::same_pixels(canny(test::flip_ud(image), p), test::flip_ud(edges)));
      CHECK(test::same_pixels(canny(test::rotate_90(image), p), test::rotate_90(edges)));
    }
  }
}

TEST_CASE("canny: of thresholds and conventions that contradict each other it says so") {
  const cv::Mat image(5, 5, CV_8U, cv::Scalar(0));
  CHECK_THROWS_AS(canny(image, with(3, 2)), ParameterError);
  CHECK_THROWS_AS(canny(image, with(1, 2, EdgeNorm::l2, Suppression::interpolated, CannyConvention::opencv)),
                  ParameterError);
  CHECK_THROWS_AS(canny(image, with(1, 2, EdgeNorm::l2, Suppression::nearest, CannyConvention::skimage)),
                  ParameterError);
  CHECK_THROWS_AS(canny(cv::Mat(5, 5, CV_8UC3, cv::Scalar::all(0)), {}), DataError);
}
