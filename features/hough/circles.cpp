// features/hough/circles.cpp
// Notation   (a, b), r: centre and radius;  (gx, gy): gradient;  (ux, uy): its direction, of length 1
// Method     1 smooth, gradient, canny; sub-pixel place of each edge pixel   2 vote_for_centres   3 find_centres: peaks of
//            the votes   4 best radius: ring with the largest share of edge pixels   5 fit_circle: Gauss-Newton on
//            distances   6 keep it if enough of its circumference is edge, and take its edge pixels
// Departures from the paper: a vote weighs 1 / r, so that small and large circles give equal peaks; [Ballard1981] counts a
//            space of centre and radius, here the radius is found per centre. Steps 5 and 6 are not in the paper.
//            Smoothing by sigma moves the steepest place of a disc's rim inwards by about sigma^2 / (2 r): that is added.

#include "assay/features/hough/circles.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/features/drawing.h"
#include "assay/imgproc/edge/canny.h"
#include "assay/imgproc/edge/sobel.h"
#include "assay/imgproc/filter/gaussian.h"

namespace assay {

std::optional<std::string> CirclesParams::check(const CirclesParams& p) {
  if (p.low > p.high) return "parameter 'low' must not exceed 'high'";
  if (p.max_radius && *p.max_radius < p.min_radius) return "parameter 'max-radius' must not be below 'min-radius'";
  return std::nullopt;
}

namespace {

constexpr int kVote = 1024;         // a vote for radius r counts kVote / r
constexpr int kMostCentres = 1000;  // peaks looked at, the highest first
constexpr double kAligned = 0.9;    // cosine between gradient and radius, at least

// --- 1 edges ---------------------------------------------------------------------------------------------------------

struct Rim {
  float x, y, ux, uy;
  bool taken = false;
};

struct Rims {
  static constexpr int kBlock = 32;
  std::vector<Rim> points;    // row by row, in each by column
  std::vector<size_t> begin;  // in `points`, of each block of 32 columns of each row
  int blocks = 0;             // a row
  cv::Mat edges;
};

// Top of a parabola through the magnitude one pixel before, at, and behind (x, y) along the gradient.
Rim sub_pixel(const cv::Mat_<float>& gx, const cv::Mat_<float>& gy, int x, int y) {
  const float dx = gx(y, x), dy = gy(y, x), m = std::hypot(dx, dy);
  Rim rim{float(x), float(y), m > 0 ? dx / m : 0, m > 0 ? dy / m : 0};
  if (!(m > 0) || x < 1 || y < 1 || x + 1 >= gx.cols || y + 1 >= gx.rows) return rim;
  const auto magnitude = [&](float px, float py) {
    const int x0 = std::min(static_cast<int>(px), gx.cols - 2), y0 = std::min(static_cast<int>(py), gx.rows - 2);
    const float tx = px - float(x0), ty = py - float(y0);
    const auto at = [&](int i, int j) { return std::hypot(gx(j, i), gy(j, i)); };
    return (1 - ty) * ((1 - tx) * at(x0, y0) + tx * at(x0 + 1, y0)) +
           ty * ((1 - tx) * at(x0, y0 + 1) + tx * at(x0 + 1, y0 + 1));
  };
  const float before = magnitude(rim.x - rim.ux, rim.y - rim.uy), after = magnitude(rim.x + rim.ux, rim.y + rim.uy);
  const float bend = before - 2 * m + after;
  const float shift = bend < 0 ? std::clamp(0.5f * (before - after) / bend, -0.7f, 0.7f) : 0;
  rim.x += shift * rim.ux;
  rim.y += shift * rim.uy;
  return rim;
}

Rims find_rims(const cv::Mat& image, const CirclesParams& p, const Context& ctx) {
  cv::Mat real;
  image.convertTo(real, CV_32F, 1 / full_scale(image));
  GaussianParams g;
  g.sigma = p.sigma;
  CannyParams c;
  c.low = p.low, c.high = p.high;
  Context silent = ctx;
  silent.trace = Trace();
  const cv::Mat smooth = gaussian(real, g, silent);
  Rims rims;
  rims.edges = canny(smooth, c, silent);
  cv::Mat_<float> gx(image.size()), gy(image.size());
  sobel_rows<float>(smooth, 0, image.rows, Border::replicate, 0, gx[0], gy[0], image.cols);
  rims.blocks = (image.cols + Rims::kBlock - 1) / Rims::kBlock;
  for (int y = 0; y < image.rows; ++y) {
    const uint8_t* row = rims.edges.ptr<uint8_t>(y);
    for (int x = 0; x < image.cols; ++x) {
      if (x % Rims::kBlock == 0) rims.begin.push_back(rims.points.size());
      if (row[x]) rims.points.push_back(sub_pixel(gx, gy, x, y));
    }
  }
  rims.begin.push_back(rims.points.size());
  return rims;
}

// --- 2, 3 centres ----------------------------------------------------------------------------------------------------

// Steps r = r0 .. r1 of the ray from (x, y) along (ux, uy) that stay within the picture.
void vote_along(cv::Mat_<int>& votes, const Rim& rim, double way, int r0, int r1, const std::vector<int>& weight) {
  const double ux = way * rim.ux, uy = way * rim.uy;
  const auto steps = [](double from, double step, int n) {  // until from + r step leaves 0 .. n-1
    return step > 1e-9 ? (n - 1 - from) / step : step < -1e-9 ? -from / step : 1e9;
  };
  const int last = static_cast<int>(std::min({double(r1), steps(rim.x, ux, votes.cols), steps(rim.y, uy, votes.rows)}));
  constexpr int kFraction = 16;  // places in whole numbers, 16 bits behind the point
  const auto fixed = [](double v) { return static_cast<int64_t>(std::floor(v * (1 << kFraction) + 0.5)); };
  const int64_t sx = fixed(ux), sy = fixed(uy), half = 1 << (kFraction - 1);
  int64_t fx = fixed(rim.x) + sx * r0 + half, fy = fixed(rim.y) + sy * r0 + half;
  for (int r = r0; r <= last; ++r, fx += sx, fy += sy) {
    const int x = std::clamp(static_cast<int>(fx >> kFraction), 0, votes.cols - 1);
    const int y = std::clamp(static_cast<int>(fy >> kFraction), 0, votes.rows - 1);
    votes(y, x) += weight[static_cast<size_t>(r)];
  }
}

cv::Mat_<int> vote_for_centres(const Rims& rims, cv::Size size, int r0, int r1) {
  std::vector<int> weight(static_cast<size_t>(r1) + 1);
  for (int r = 1; r <= r1; ++r) weight[static_cast<size_t>(r)] = std::max(1, kVote / r);
  cv::Mat_<int> votes(size, 0);
  for (const Rim& rim : rims.points)
    for (const double way : {1.0, -1.0}) vote_along(votes, rim, way, r0, r1, weight);
  return votes;
}

// Sums over 3 x 3 cells: rounding and noise spread a centre's votes.
cv::Mat_<int> blocks_of(const cv::Mat_<int>& votes) {
  cv::Mat_<int> sums(votes.size(), 0), across(votes.size(), 0);
  for (int y = 0; y < votes.rows; ++y)
    for (int x = 1; x + 1 < votes.cols; ++x) across(y, x) = votes(y, x - 1) + votes(y, x) + votes(y, x + 1);
  for (int y = 1; y + 1 < votes.rows; ++y)
    for (int x = 1; x + 1 < votes.cols; ++x) sums(y, x) = across(y - 1, x) + across(y, x) + across(y + 1, x);
  return sums;
}

struct Centre {
  int x, y, votes;
};

std::vector<Centre> find_centres(const cv::Mat_<int>& sums, double support) {
  constexpr int kAround = 2;
  // A whole circle gives 2 pi kVote; part of it falls beside the block.
  const int least = static_cast<int>(0.4 * support * 2 * std::numbers::pi * kVote);
  std::vector<Centre> centres;
  for (int y = 1; y + 1 < sums.rows; ++y)
    for (int x = 1; x + 1 < sums.cols; ++x) {
      const int v = sums(y, x);
      if (v < least || v <= sums(y, x - 1) || v < sums(y, x + 1)) continue;
      bool peak = true;
      for (int j = std::max(0, y - kAround); peak && j <= std::min(sums.rows - 1, y + kAround); ++j)
        for (int i = std::max(0, x - kAround); i <= std::min(sums.cols - 1, x + kAround); ++i)
          if (j < y || (j == y && i < x) ? sums(j, i) >= v : sums(j, i) > v) peak = false;
      if (peak) centres.push_back({x, y, v});
    }
  std::stable_sort(centres.begin(), centres.end(), [](const Centre& a, const Centre& b) { return a.votes > b.votes; });
  if (centres.size() > kMostCentres) centres.resize(kMostCentres);
  return centres;
}

// --- 4, 5 circles ----------------------------------------------------------------------------------------------------

struct Circle {
  double a = 0, b = 0, r = 0;
  int votes = 0;
  double share = 0;
};

// Calls visit(rim, d, dx, dy) for each free edge pixel within `far` of (a, b) whose gradient points along the radius.
template <class Points, class Visit>
void for_rims_around(Points& rims, double a, double b, double far, Visit&& visit) {
  const int y0 = std::max(0, static_cast<int>(b - far) - 1),
            y1 = std::min(rims.edges.rows, static_cast<int>(b + far) + 3);
  const double far2 = far * far;
  for (int y = y0; y < y1; ++y) {
    const double beside = std::max(0.0, std::abs(y - b) - 1),
                 half = std::sqrt(std::max(0.0, far2 - beside * beside)) + 1;
    const int first = std::clamp(static_cast<int>(a - half) / Rims::kBlock, 0, rims.blocks);
    const int last = std::clamp(static_cast<int>(a + half) / Rims::kBlock + 1, 0, rims.blocks);
    const size_t row = static_cast<size_t>(y) * static_cast<size_t>(rims.blocks);
    for (size_t i = rims.begin[row + static_cast<size_t>(first)]; i < rims.begin[row + static_cast<size_t>(last)];
         ++i) {
      auto& rim = rims.points[i];
      const double dx = rim.x - a, dy = rim.y - b, d2 = dx * dx + dy * dy;
      if (d2 > far2 || rim.taken) continue;
      const double radial = dx * rim.ux + dy * rim.uy;
      if (radial * radial >= kAligned * kAligned * d2) visit(rim, std::sqrt(d2), dx, dy);
    }
  }
}

// The ring of three pixels with the largest share of edge pixels, at least half of `support`.
std::optional<double> best_radius(const Rims& rims, double a, double b, int r0, int r1, double support) {
  std::vector<int> ring(static_cast<size_t>(r1) + 3, 0);
  for_rims_around(rims, a, b, r1 + 1.0,
                  [&](const Rim&, double d, double, double) { ++ring[static_cast<size_t>(d + 0.5)]; });
  double best = 0.5 * support;
  std::optional<double> radius;
  for (int r = r0; r <= r1; ++r) {
    const auto i = static_cast<size_t>(r);
    const double share = (ring[i - 1] + ring[i] + ring[i + 1]) / (2 * std::numbers::pi * r);
    if (share > best) best = share, radius = r;
  }
  return radius;
}

// Least squares of distance - r over the edge pixels near the circle, by Gauss and Newton, weights falling to 0 at the
// band's rim. Nothing where the system is singular (an arc too short).
std::optional<Circle> fit_circle(const Rims& rims, Circle circle) {
  for (const double band : {3.0, 2.5, 2.0, 2.0, 2.0}) {
    double A[6] = {}, g[3] = {};  // J'WJ (xx xy x1 yy y1 11) and J'We, J = (dx/d, dy/d, 1)
    for_rims_around(rims, circle.a, circle.b, circle.r + band, [&](const Rim&, double d, double dx, double dy) {
      const double e = d - circle.r, u = 1 - (e / band) * (e / band);
      if (u <= 0 || d < 1) return;
      const double w = u * u, cx = dx / d, cy = dy / d;
      A[0] += w * cx * cx, A[1] += w * cx * cy, A[2] += w * cx, A[3] += w * cy * cy, A[4] += w * cy, A[5] += w;
      g[0] += w * cx * e, g[1] += w * cy * e, g[2] += w * e;
    });
    const cv::Matx33d N(A[0], A[1], A[2], A[1], A[3], A[4], A[2], A[4], A[5]);
    const double det = cv::determinant(N);
    if (!(A[5] > 3) || !(det > 1e-4 * A[5] * A[5] * A[5])) return std::nullopt;
    const auto solved = [&](int column) {  // Cramer's rule
      cv::Matx33d M = N;
      for (int i = 0; i < 3; ++i) M(i, column) = g[i];
      return cv::determinant(M) / det;
    };
    circle.a += solved(0), circle.b += solved(1), circle.r += solved(2);
    if (!(circle.r > 1)) return std::nullopt;
  }
  return circle;
}

// Which share of the circumference has an edge pixel within 1.5 pixels, in steps of about a pixel of arc.
void count_support(const Rims& rims, Circle& circle) {
  const int sectors = std::max(12, static_cast<int>(2 * std::numbers::pi * circle.r));
  std::vector<uint8_t> filled(static_cast<size_t>(sectors) + 1, 0);
  circle.votes = 0;
  for_rims_around(rims, circle.a, circle.b, circle.r + 1.5, [&](const Rim&, double d, double dx, double dy) {
    if (std::abs(d - circle.r) > 1.5) return;
    ++circle.votes;
    filled[static_cast<size_t>((std::atan2(dy, dx) / (2 * std::numbers::pi) + 0.5) * sectors)] = 1;
  });
  circle.share = static_cast<double>(std::count(filled.begin(), filled.end(), 1)) / sectors;
}

bool differs(const Circle& circle, const std::vector<Circle>& found, double distance) {
  return std::none_of(found.begin(), found.end(), [&](const Circle& f) {
    return std::hypot(f.a - circle.a, f.b - circle.b) < distance && std::abs(f.r - circle.r) < distance;
  });
}

std::vector<Circle> accept_circles(Rims& rims, const std::vector<Centre>& centres, int r0, int r1,
                                   const CirclesParams& p, const Context& ctx) {
  std::vector<Circle> found;
  for (const Centre& centre : centres) {
    ctx.check_cancelled();
    constexpr int kRings = 4;  // concentric circles at one centre
    for (int t = 0; t < kRings; ++t) {
      const std::optional<double> r = best_radius(rims, centre.x, centre.y, r0, r1, p.support);
      if (!r) break;
      std::optional<Circle> circle = fit_circle(rims, {double(centre.x), double(centre.y), *r});
      if (!circle || std::hypot(circle->a - centre.x, circle->b - centre.y) > 4) break;
      count_support(rims, *circle);
      if (circle->share < p.support || circle->r < p.min_radius - 1 || circle->r > r1 + 1 ||
          !differs(*circle, found, p.min_distance))
        break;
      for_rims_around(rims, circle->a, circle->b, circle->r + 3, [&](Rim& rim, double d, double, double) {
        if (std::abs(d - circle->r) < 3) rim.taken = true;
      });
      found.push_back(*circle);
    }
  }
  for (Circle& c : found) c.r += p.sigma * p.sigma / (2 * c.r);
  std::stable_sort(found.begin(), found.end(), [](const Circle& a, const Circle& b) { return a.votes > b.votes; });
  if (p.max_circles && found.size() > static_cast<size_t>(*p.max_circles))
    found.resize(static_cast<size_t>(*p.max_circles));
  return found;
}

// --- trace -----------------------------------------------------------------------------------------------------------

struct CircleStep {
  static constexpr const char* kind = "circle";
  static constexpr const char* title = "A peak of the votes, its radius, fitted";
  static constexpr const char* source = "features/hough/circles.cpp:fit_circle";
  long long rank;
  Circle c;
  static void fields(const CircleStep& s, auto&& field) {
    field("rank", s.rank, "1 has the most votes");
    field("a", s.c.a, "column of the centre");
    field("b", s.c.b, "row of the centre");
    field("r", s.c.r, "radius, pixels");
    field("votes", s.c.votes, "edge pixels on it");
    field("share", s.c.share, "of the circumference that has one");
  }
};

void show(const cv::Mat& image, const Rims& rims, const cv::Mat_<int>& sums, const std::vector<Circle>& found,
          const FeatureTable& table, const Context& ctx) {
  const auto picture = [&](const char* stage, const char* title, const char* caption, const cv::Mat& m, bool stretch,
                           const char* function) {
    ctx.trace.image([&] {
      return TraceImage{
          stage, title, caption, view_of(m), stretch, {}, std::string("features/hough/circles.cpp:") + function};
    });
  };
  cv::Mat real;
  sums.convertTo(real, CV_32F);
  picture("edges", "Edges of the smoothed picture", "Every white pixel votes along its gradient.", rims.edges, false,
          "find_rims");
  picture("votes", "Votes for centres: (a, b) = (x, y) +- r g / |g|",
          "Bright where many gradients' lines meet: the centres of circles.", real, true, "vote_for_centres");
  const cv::Mat drawn = draw_circles(image, table);
  picture("circles", "Circles fitted to their edges", "Each circle, the strongest red.", drawn, false,
          "accept_circles");
  for (size_t i = 0; i < found.size(); ++i)
    ctx.trace.step([&] { return CircleStep{static_cast<long long>(i + 1), found[i]}; });
}

}  // namespace

FeatureTable Circles::detect(const Params& p, const cv::Mat& image, const Context& ctx) {
  const double most = p.max_radius ? *p.max_radius : std::max(p.min_radius, std::min(image.cols, image.rows) / 2.0);
  const int longest = image.cols + image.rows;  // no circle of the picture is larger
  const int r0 = std::min(longest, static_cast<int>(p.min_radius)),
            r1 = std::min(longest, static_cast<int>(std::ceil(most)));
  Rims rims = find_rims(image, p, ctx);
  const cv::Mat_<int> sums = blocks_of(vote_for_centres(rims, image.size(), r0, r1));
  const std::vector<Circle> found = accept_circles(rims, find_centres(sums, p.support), r0, r1, p, ctx);
  FeatureTable table{{"x_px", "y_px", "r_px", "votes"}, {}};
  for (const Circle& c : found) table.values.insert(table.values.end(), {c.a, c.b, c.r, static_cast<double>(c.votes)});
  if (ctx.trace) show(image, rims, sums, found, table, ctx);
  return table;
}

cv::Mat draw_circles(const cv::Mat& image, const FeatureTable& table) {
  Drawing picture = dimmed(image);
  for (size_t row = table.rows(); row-- > 0;)
    draw_circle(picture, table.at(row, 0), table.at(row, 1), table.at(row, 2), rank_colour(row, table.rows()));
  return picture;
}

}  // namespace assay
