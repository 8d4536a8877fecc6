// features/hough/circles.cpp
// Notation   (a, b), r: centre and radius;  (gx, gy): gradient;  (ux, uy): its direction, of length 1
// Method     1 edges and their sub-pixel places (edge_points.cpp)   2 votes for centres, and their peaks (centres.cpp)   3 best
//            radius: ring with the largest share of edge pixels   4 fit_circle: Gauss-Newton on distances   5 keep it if
//            enough of its circumference is edge, and take its edge pixels
// Departures from the paper: [Ballard1981] counts a space of centre and radius; here the radius is found per centre. Steps 4
//            and 5 are not in the paper.
//            Smoothing by sigma moves the steepest place of a disc's edge inwards by about sigma^2 / (2 r): that is added.

#include "assay/features/hough/circles.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/features/drawing.h"
#include "assay/features/hough/centres_internal.h"
#include "assay/features/hough/edge_points_internal.h"

namespace assay {

std::optional<std::string> CirclesParams::check(const CirclesParams& p) {
  if (p.low > p.high) return "parameter 'low' must not exceed 'high'";
  if (p.max_radius && *p.max_radius < p.min_radius) return "parameter 'max-radius' must not be below 'min-radius'";
  return std::nullopt;
}

namespace {

using hough::Centre, hough::OrientedEdgePoints;

// --- 3, 4 circles ----------------------------------------------------------------------------------------------------

struct Circle {
  double a = 0, b = 0, r = 0;
  int votes = 0;
  double share = 0;
};

// The ring of three pixels with the largest share of edge pixels, at least kRing of `support`: the centre may be two pixels
// off.
constexpr double kRing = 0.6;
std::optional<double> best_radius(const OrientedEdgePoints& points, double a, double b, int r0, int r1,
                                  double support) {
  const auto size = static_cast<size_t>(r1) + 3;
  std::vector<int> tables(hough::kRingTables * size, 0);
  points.for_blocks_around(a, b, r1 + 1.0, [&](size_t begin, size_t end) {
    hough::count_rings(&points.x[begin], &points.y[begin], &points.ux[begin], &points.uy[begin], end - begin,
                       static_cast<float>(a), static_cast<float>(b), static_cast<float>(r0 - 1.5),
                       static_cast<float>(r1 + 1.0), OrientedEdgePoints::kAligned, tables.data(), size);
  });
  int* ring = tables.data();
  for (size_t t = 1; t < hough::kRingTables; ++t)
    for (size_t r = 0; r < size; ++r) ring[r] += ring[t * size + r];
  double best = kRing * support;
  std::optional<double> radius;
  for (int r = r0; r <= r1; ++r) {
    const double share = (ring[r - 1] + ring[r] + ring[r + 1]) / (2 * std::numbers::pi * r);
    if (share > best) best = share, radius = r;
  }
  return radius;
}

constexpr double kHalf = 1.5;  // edge pixels within so many pixels of a circle are on it

// The points near a circle, listed once for all places that it may move to.
class Near {
 public:
  explicit Near(OrientedEdgePoints& points) : points_(points) {}
  void list(const Circle& circle) {
    at_ = circle;
    x0_ = std::round(circle.a), y0_ = std::round(circle.b);
    index_.clear();
    const double far = kBand + kMoves;
    // Seen from 10 pixels, a centre that moves by 2 turns the radius by 11.5 degrees: 0.75 = cos(acos 0.9 + 15 degrees).
    const float aligned = circle.r - far > 10 ? 0.75F : 0;
    points_.for_points_around(circle.a, circle.b, std::max(0.5, circle.r - far), circle.r + far, aligned,
                              [&](size_t i) { index_.push_back(i); });
    const auto gather = [&](const std::vector<float>& from, double origin, std::vector<float>& to) {
      to.resize(index_.size());
      for (size_t k = 0; k < index_.size(); ++k) to[k] = from[index_[k]] - static_cast<float>(origin);
    };
    gather(points_.x, x0_, x_), gather(points_.y, y0_, y_), gather(points_.ux, 0, ux_), gather(points_.uy, 0, uy_);
  }
  /// Sums over the free points within `band` of the circle whose gradient points along the radius.
  hough::CircleMoments moments(const Circle& circle, double band) {
    follow(circle);
    return hough::circle_moments(x_.data(), y_.data(), ux_.data(), uy_.data(), x_.size(),
                                 static_cast<float>(circle.a - x0_), static_cast<float>(circle.b - y0_),
                                 static_cast<float>(circle.r), static_cast<float>(band), OrientedEdgePoints::kAligned);
  }
  int count(const Circle& circle, double band) {
    follow(circle);
    return hough::count_near_circle(x_.data(), y_.data(), ux_.data(), uy_.data(), x_.size(),
                                    static_cast<float>(circle.a - x0_), static_cast<float>(circle.b - y0_),
                                    static_cast<float>(circle.r), static_cast<float>(band),
                                    OrientedEdgePoints::kAligned);
  }
  /// Calls visit(i, dx, dy) for those points.
  template <class Visit>
  void within(const Circle& circle, double band, Visit&& visit) {
    follow(circle);
    const double a = circle.a - x0_, b = circle.b - y0_;
    for (size_t k = 0; k < x_.size(); ++k) {
      const double dx = x_[k] - a, dy = y_[k] - b, d = std::sqrt(dx * dx + dy * dy);
      const double radial = dx * ux_[k] + dy * uy_[k];
      if (std::abs(d - circle.r) < band && d >= 1 && std::abs(radial) >= double{OrientedEdgePoints::kAligned} * d)
        visit(index_[k], dx, dy);
    }
  }

 private:
  static constexpr double kBand = 3, kMoves = 2;
  void follow(const Circle& circle) {
    if (std::hypot(circle.a - at_.a, circle.b - at_.b) + std::abs(circle.r - at_.r) > kMoves) list(circle);
  }
  OrientedEdgePoints& points_;
  Circle at_;
  double x0_ = 0, y0_ = 0;  // the origin of x_ and y_, so that f32 is enough
  std::vector<size_t> index_;
  std::vector<float> x_, y_, ux_, uy_;
};

// Least squares of distance - r over the edge pixels near the circle, by Gauss and Newton, weights falling to 0 at the
// band's end. Nothing where the system is singular (an arc too short), or where after two rounds too few points are near.
std::optional<Circle> fit_circle(Near& near, Circle circle, double support) {
  constexpr int kRounds = 12;
  constexpr double kStill = 1e-4;  // pixels
  for (int round = 0; round < kRounds; ++round) {
    if (round == 2 && near.count(circle, kHalf) < 0.75 * support * 2 * std::numbers::pi * circle.r) return std::nullopt;
    const double band = round == 0 ? 3 : round == 1 ? 2.5 : 2;
    const hough::CircleMoments sums = near.moments(circle, band);
    const double* A = sums.A;
    const cv::Matx33d N(A[0], A[1], A[2], A[1], A[3], A[4], A[2], A[4], A[5]);
    const double det = cv::determinant(N);
    if (!(A[5] > 3) || !(det > 1e-4 * A[5] * A[5] * A[5])) return std::nullopt;
    const auto solved = [&](int column) {  // Cramer's rule
      cv::Matx33d M = N;
      for (int i = 0; i < 3; ++i) M(i, column) = sums.g[i];
      return cv::determinant(M) / det;
    };
    const double da = solved(0), db = solved(1), dr = solved(2);
    circle.a += da, circle.b += db, circle.r += dr;
    if (!(circle.r > 1)) return std::nullopt;
    if (round > 2 && std::abs(da) + std::abs(db) + std::abs(dr) < kStill) break;
  }
  return circle;
}

// Which share of the circumference has an edge pixel within 1.5 pixels, in steps of about a pixel of arc; left at 0 where
// there are too few pixels for `support`.
void count_support(Near& near, Circle& circle, double support) {
  const int sectors = std::max(12, static_cast<int>(2 * std::numbers::pi * circle.r));
  circle.votes = near.count(circle, kHalf);
  if (circle.votes < support * sectors) return;
  std::vector<uint8_t> filled(static_cast<size_t>(sectors) + 1, 0);
  near.within(circle, kHalf, [&](size_t, double dx, double dy) {
    filled[static_cast<size_t>((std::atan2(dy, dx) / (2 * std::numbers::pi) + 0.5) * sectors)] = 1;
  });
  circle.share = static_cast<double>(std::count(filled.begin(), filled.end(), 1)) / sectors;
}

bool differs(const Circle& circle, const std::vector<Circle>& found, double distance) {
  return std::none_of(found.begin(), found.end(), [&](const Circle& f) {
    return std::hypot(f.a - circle.a, f.b - circle.b) < distance && std::abs(f.r - circle.r) < distance;
  });
}

std::vector<Circle> accept_circles(OrientedEdgePoints& points, const std::vector<Centre>& centres, int r0, int r1,
                                   const CirclesParams& p, const Context& ctx) {
  std::vector<Circle> found;
  Near near(points);
  for (const Centre& centre : centres) {
    ctx.check_cancelled();
    constexpr int kRings = 4;  // concentric circles at one centre
    for (int t = 0; t < kRings; ++t) {
      const std::optional<double> r = best_radius(points, centre.x, centre.y, r0, r1, p.support);
      if (!r) break;
      const Circle start{double(centre.x), double(centre.y), *r};
      near.list(start);
      std::optional<Circle> circle = fit_circle(near, start, p.support);
      if (!circle || std::hypot(circle->a - centre.x, circle->b - centre.y) > 4) break;
      count_support(near, *circle, p.support);
      if (circle->share < p.support || circle->r < p.min_radius - 1 || circle->r > r1 + 1 ||
          !differs(*circle, found, p.min_distance))
        break;
      near.within(*circle, 3, [&](size_t i, double, double) { points.take(i); });
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

void show(const cv::Mat& image, const cv::Mat& edges, const cv::Mat_<int>& sums, const std::vector<Circle>& found,
          const FeatureTable& table, const Context& ctx) {
  const auto picture = [&](const char* stage, const char* title, const char* caption, const cv::Mat& m, bool stretch,
                           const char* source) {
    ctx.trace.image([&] {
      return TraceImage{stage, title, caption, view_of(m), stretch, {}, std::string("features/hough/") + source};
    });
  };
  picture("edges", "Edges of the smoothed picture", "Every white pixel votes along its gradient.", edges, false,
          "edge_points.cpp:OrientedEdgePoints");
  picture("votes", "Votes for centres: (a, b) = (x, y) +- r g / |g|",
          "Bright where many gradients' lines meet: the centres of circles. Brightness is the square root of votes.",
          brightness_of_votes(sums), false, "centres.cpp:CentreVotes");
  const cv::Mat drawn = draw_circles(image, table);
  picture("circles", "Circles fitted to their edges", "Each circle, the strongest red.", drawn, false,
          "circles.cpp:accept_circles");
  for (size_t i = 0; i < found.size(); ++i)
    ctx.trace.step([&] { return CircleStep{static_cast<long long>(i + 1), found[i]}; });
}

}  // namespace

FeatureTable Circles::detect(const Params& p, const cv::Mat& image, const Context& ctx) {
  const double most = p.max_radius ? *p.max_radius : std::max(p.min_radius, std::min(image.cols, image.rows) / 2.0);
  const int longest = image.cols + image.rows;  // no circle of the picture is larger
  const int r0 = std::min(longest, static_cast<int>(p.min_radius)),
            r1 = std::min(longest, static_cast<int>(std::ceil(most)));
  OrientedEdgePoints points(image, p.sigma, p.low, p.high, ctx);
  const hough::CentreVotes votes(points, image.size(), r0, r1, ctx);
  const std::vector<Circle> found = accept_circles(points, votes.peaks(votes.least(p.support)), r0, r1, p, ctx);
  FeatureTable table{{"x_px", "y_px", "r_px", "votes"}, {}};
  for (const Circle& c : found) table.values.insert(table.values.end(), {c.a, c.b, c.r, static_cast<double>(c.votes)});
  if (ctx.trace) show(image, points.edges, votes.block_sums(), found, table, ctx);
  return table;
}

cv::Mat draw_circles(const cv::Mat& image, const FeatureTable& table) {
  Drawing picture = dimmed(image);
  for (size_t row = table.rows(); row-- > 0;)
    draw_circle(picture, table.at(row, 0), table.at(row, 1), table.at(row, 2), rank_colour(row, table.rows()));
  return picture;
}

}  // namespace assay
