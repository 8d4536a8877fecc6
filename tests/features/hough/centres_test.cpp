#include "assay/features/hough/centres_internal.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/rng.h"
#include "assay/imgproc/edge/canny.h"
#include "assay/imgproc/edge/sobel.h"
#include "assay/imgproc/filter/gaussian.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;
using hough::Centre, hough::CentreVotes, hough::OrientedEdgePoints;

namespace {

cv::Mat_<float> smoothed(const cv::Mat& image, double sigma) {
  GaussianParams g;
  g.sigma = sigma;
  cv::Mat real;
  image.convertTo(real, CV_32F);
  return gaussian(real, g);
}

// Votes as the formula says it, one by one.
cv::Mat_<int> votes_textbook(const OrientedEdgePoints& points, cv::Size size, int r0, int r1, int unit) {
  cv::Mat_<int> votes(size, 0);
  for (size_t i = 0; i < points.x.size(); ++i)
    for (const int way : {1, -1})
      for (int r = r0 + static_cast<int>(i % 2); r <= r1; r += 2) {
        const double x = std::clamp<double>(points.x[i], 0, size.width - 1) + way * r * double(points.ux[i]);
        const double y = std::clamp<double>(points.y[i], 0, size.height - 1) + way * r * double(points.uy[i]);
        if (x < 0 || y < 0 || x > size.width - 1 || y > size.height - 1) break;
        votes(static_cast<int>(std::floor(y + 0.5)), static_cast<int>(std::floor(x + 0.5))) +=
            std::max(1, static_cast<int>(std::lround(2.0 * unit / r)));
      }
  return votes;
}

cv::Mat_<int> block_sums_textbook(const cv::Mat_<int>& votes) {
  cv::Mat_<int> sums(votes.size(), 0);
  for (int y = 1; y + 1 < votes.rows; ++y)
    for (int x = 1; x + 1 < votes.cols; ++x)
      for (int j = -1; j <= 1; ++j)
        for (int i = -1; i <= 1; ++i) sums(y, x) += votes(y + j, x + i);
  return sums;
}

}  // namespace

TEST_CASE(
    "edge points: Canny's edges of the smoothed picture, each moved to the top of a parabola along its gradient") {
  for (const int type : {CV_8U, CV_16U, CV_32F}) {
    const cv::Mat image = test::scene(93, 150, type);
    const double scale = type == CV_8U ? 255 : type == CV_16U ? 65535 : 1;
    const OrientedEdgePoints points(image, 1.5, 20, 50, {});
    const cv::Mat_<float> smooth = smoothed(image, 1.5);
    CannyParams c;
    c.low = 20, c.high = 50;
    const cv::Mat edges = canny(cv::Mat(smooth / scale), c);
    CAPTURE(type);
    CHECK(cv::countNonZero(edges != points.edges) <= 2);  // of equal neighbours, rounding tells which
    REQUIRE(points.x.size() == static_cast<size_t>(cv::countNonZero(points.edges)));
    REQUIRE(points.x.size() > 300);
    cv::Mat_<double> gx(image.size()), gy(image.size());
    cv::Mat_<float> x_row(1, image.cols), y_row(1, image.cols);
    for (int y = 0; y < image.rows; ++y) {
      sobel_rows<float>(smooth, y, y + 1, Border::replicate, 0, x_row[0], y_row[0], image.cols);
      for (int x = 0; x < image.cols; ++x) gx(y, x) = x_row(0, x), gy(y, x) = y_row(0, x);
    }
    const auto m = [&](double x, double y) {
      const int x0 = std::min(static_cast<int>(x), image.cols - 2), y0 = std::min(static_cast<int>(y), image.rows - 2);
      const auto at = [&](int j, int i) { return std::hypot(gx(y0 + j, x0 + i), gy(y0 + j, x0 + i)); };
      const double tx = x - x0, ty = y - y0;
      return (1 - ty) * ((1 - tx) * at(0, 0) + tx * at(0, 1)) + ty * ((1 - tx) * at(1, 0) + tx * at(1, 1));
    };
    cv::Mat_<uint8_t> left = points.edges.clone();
    int moved = 0;
    for (size_t i = 0; i < points.x.size(); ++i) {
      // The pixel it came from: the nearest edge pixel whose place is there.
      bool found = false;
      for (int y = static_cast<int>(points.y[i]) - 1; y <= static_cast<int>(points.y[i]) + 2 && !found; ++y)
        for (int x = static_cast<int>(points.x[i]) - 1; x <= static_cast<int>(points.x[i]) + 2 && !found; ++x) {
          if (x < 0 || y < 0 || x >= image.cols || y >= image.rows || left(y, x) == 0) continue;
          const double here = m(x, y), u = gx(y, x) / here, v = gy(y, x) / here;
          double shift = 0;
          if (x > 0 && y > 0 && x + 1 < image.cols && y + 1 < image.rows) {
            const double before = m(x - u, y - v), after = m(x + u, y + v), bend = before - 2 * here + after;
            if (bend < 0) shift = std::clamp(0.5 * (before - after) / bend, -0.7, 0.7);
          }
          found = std::hypot(x + shift * u - points.x[i], y + shift * v - points.y[i]) < 2e-3 &&
                  std::hypot(u - points.ux[i], v - points.uy[i]) < 1e-3;
          if (found) left(y, x) = 0, moved += std::abs(shift) > 0.1;
        }
      CAPTURE(i, points.x[i], points.y[i]);
      REQUIRE(found);
    }
    CHECK(cv::countNonZero(left) == 0);
    CHECK(moved > 100);
  }
}

TEST_CASE("votes for centres: those of the formula, in cells of 16 and of 32 bits") {
  const cv::Mat image = test::scene(120, 170, CV_8U);
  const OrientedEdgePoints points(image, 1.5, 20, 50, {});
  struct Case {
    int r0, r1, unit;
  };
  for (const auto& [r0, r1, unit] : {Case{10, 60, 256}, Case{5, 44, 256}, Case{10, 100, 1024}}) {
    const cv::Mat_<int> sums = CentreVotes(points, image.size(), r0, r1).block_sums(),
                        truth = block_sums_textbook(votes_textbook(points, image.size(), r0, r1, unit));
    CAPTURE(r0, r1);
    REQUIRE(cv::sum(truth)[0] > 1e5);
    CHECK(cv::norm(sums, truth, cv::NORM_L1) < 1e-3 * cv::sum(truth)[0]);  // a place at a half, or at the frame
  }
}

TEST_CASE("votes for centres: peaks have no more votes around, and stand out of their tile") {
  const cv::Mat image = test::scene(150, 230, CV_8U);
  const OrientedEdgePoints points(image, 1.5, 20, 50, {});
  const int r0 = 10, r1 = 60, least = 700;
  const CentreVotes votes(points, image.size(), r0, r1);
  const cv::Mat_<int> sums = votes.block_sums();
  const cv::Mat_<int> cells = votes_textbook(points, image.size(), r0, r1, 256);
  size_t expected = 0, without_background = 0;
  std::vector<std::pair<int, int>> places;
  for (const Centre& c : votes.peaks(least)) {
    CHECK(c.votes == sums(c.y, c.x));
    places.emplace_back(c.x, c.y);
  }
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      bool peak = sums(y, x) >= least;
      for (int j = std::max(0, y - 2); j <= std::min(image.rows - 1, y + 2); ++j)
        for (int i = std::max(0, x - 2); i <= std::min(image.cols - 1, x + 2); ++i)
          peak = peak && (j < y || (j == y && i < x) ? sums(j, i) < sums(y, x) : sums(j, i) <= sums(y, x));
      if (!peak) continue;
      const cv::Rect tile = cv::Rect(x / 32 * 32, y / 32 * 32, 32, 32) & cv::Rect({}, image.size());
      const double over = sums(y, x) - least - 9 * cv::mean(cells(tile))[0];
      const bool is = std::find(places.begin(), places.end(), std::pair(x, y)) != places.end();
      CAPTURE(x, y, over);
      if (std::abs(over) > 30) CHECK(is == (over > 0));  // the tile's votes are told by the formula, one apart perhaps
      expected += is, ++without_background;
    }
  CHECK(expected == places.size());
  CHECK(expected >= 5);
  CHECK(without_background > expected);
}

TEST_CASE(
    "points near a circle: counts and moments are those of the formulas; a gradient across the radius does not count") {
  Rng rng(5, 1);
  std::vector<float> x, y, ux, uy;
  const double a = 0.3, b = -0.6, r = 25, band = 2, aligned = 0.9;
  for (int i = 0; i < 301; ++i) {
    const double angle = 0.02 * i, d = r + 3 * rng.normal(), off = 0.5 * rng.normal();
    x.push_back(static_cast<float>(a + d * std::cos(angle))), y.push_back(static_cast<float>(b + d * std::sin(angle)));
    ux.push_back(static_cast<float>(std::cos(angle + off))), uy.push_back(static_cast<float>(std::sin(angle + off)));
  }
  int count = 0, across = 0;
  double sums[9] = {};
  for (size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - a, dy = y[i] - b, d = std::hypot(dx, dy), cx = dx / d, cy = dy / d, e = d - r;
    if (std::abs(e) >= band) continue;
    if (std::abs(cx * ux[i] + cy * uy[i]) < aligned) {
      ++across;
      continue;
    }
    ++count;
    const double w = std::pow(1 - e * e / (band * band), 2);
    const double terms[9] = {cx * cx, cx * cy, cx, cy * cy, cy, 1, cx * e, cy * e, e};
    for (int k = 0; k < 9; ++k) sums[k] += w * terms[k];
  }
  REQUIRE(across > 30);
  const auto real = [](double v) { return static_cast<float>(v); };
  CHECK(hough::count_near_circle(x.data(), y.data(), ux.data(), uy.data(), x.size(), real(a), real(b), real(r),
                                 real(band), real(aligned)) == count);
  const hough::CircleMoments m = hough::circle_moments(x.data(), y.data(), ux.data(), uy.data(), x.size(), real(a),
                                                       real(b), real(r), real(band), real(aligned));
  for (int k = 0; k < 6; ++k) CHECK(m.A[k] == Approx(sums[k]).margin(1e-3));
  for (int k = 0; k < 3; ++k) CHECK(m.g[k] == Approx(sums[6 + k]).margin(1e-3));
}

TEST_CASE("rings around a centre: each holds the points at its distance whose gradient points along the radius") {
  Rng rng(9, 1);
  const float a = 40.25F, b = 33.5F;
  const double least = 8.5, most = 31, aligned = 0.9;
  for (const size_t n : {size_t{0}, size_t{1}, size_t{15}, size_t{16}, size_t{301}, size_t{1500}}) {
    std::vector<float> x, y, ux, uy;
    constexpr size_t kSize = 34;
    std::vector<int> expected(kSize, 0), tables(hough::kRingTables * kSize, 0);
    while (x.size() < n) {
      const auto real = [&](double v) { return static_cast<float>(v); };
      const bool last = x.size() + 1 == n;  // on a ring for sure
      const float px = last ? a + 20 : real(80 * rng.uniform()), py = last ? b + 1 : real(70 * rng.uniform());
      const double dx = double{px} - a, dy = double{py} - b, d = std::hypot(dx, dy);
      const double angle = std::atan2(dy, dx) + (last ? 0.1 : 0.5 * rng.normal());
      const double cosine = std::abs(dx * std::cos(angle) + dy * std::sin(angle)) / d;
      const auto close = [](double v, double to) { return std::abs(v - to) < 1e-3; };
      if (close(cosine, aligned) || close(d, least) || close(d, most) || close(d - std::floor(d), 0.5)) continue;
      x.push_back(px), y.push_back(py), ux.push_back(real(std::cos(angle))), uy.push_back(real(std::sin(angle)));
      if (d >= least && d <= most && cosine >= aligned) ++expected[static_cast<size_t>(std::lround(d))];
    }
    hough::count_rings(x.data(), y.data(), ux.data(), uy.data(), n, a, b, static_cast<float>(least),
                       static_cast<float>(most), static_cast<float>(aligned), tables.data(), kSize);
    std::vector<int> rings(kSize, 0);
    for (size_t i = 0; i < tables.size(); ++i) rings[i % kSize] += tables[i];
    CAPTURE(n);
    CHECK(rings == expected);
  }
}
