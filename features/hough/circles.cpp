// features/hough/circles.cpp
// Notation   (a, b), r: centre and radius;  (gx, gy): gradient;  (ux, uy): its direction, of length 1
// Method     1 smooth, gradient, canny; sub-pixel place of each edge pixel   2 vote_for_centres   3 find_centres: peaks of
//            the votes   4 best radius: ring with the largest share of edge pixels   5 fit_circle: Gauss-Newton on
//            distances   6 keep it if enough of its circumference is edge, and take its edge pixels
// Departures from the paper: a vote weighs 1 / r, so that small and large circles give equal peaks; [Ballard1981] counts a
//            space of centre and radius, here the radius is found per centre. A pixel votes at every second radius, odd or even by turns. Steps 5 and
//            6 are not in the paper.
//            Smoothing by sigma moves the steepest place of a disc's rim inwards by about sigma^2 / (2 r): that is added.

#include "assay/features/hough/circles.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/features/drawing.h"
#include "assay/features/hough/rims_internal.h"
#include "assay/imgproc/edge/canny.h"
#include "assay/imgproc/filter/gaussian.h"

namespace assay {

std::optional<std::string> CirclesParams::check(const CirclesParams& p) {
  if (p.low > p.high) return "parameter 'low' must not exceed 'high'";
  if (p.max_radius && *p.max_radius < p.min_radius) return "parameter 'max-radius' must not be below 'min-radius'";
  return std::nullopt;
}

namespace {

using hough::Rims;

constexpr int kVote = 1024;         // a vote for radius r counts kVote / r
constexpr int kMostCentres = 1000;  // peaks looked at, the highest first

// --- 1 edges ---------------------------------------------------------------------------------------------------------

// The memory of an f32 picture, for whole numbers.
struct Room {
  cv::Mat owner;
  cv::Mat_<int> cells() { return {owner.rows, owner.cols, owner.ptr<int>(), owner.step[0]}; }
};

struct Edges {
  cv::Mat map;
  hough::Rims rims;
  Room votes, sums;  // as large as the picture: memory that is touched for the first time costs as much as the work
};

Edges find_rims(const cv::Mat& image, const CirclesParams& p, const Context& ctx) {
  cv::Mat real;
  image.convertTo(real, CV_32F, 1 / full_scale(image));
  GaussianParams g;
  g.sigma = p.sigma;
  CannyParams c;
  c.low = p.low, c.high = p.high;
  Context silent = ctx;
  silent.trace = Trace();
  const cv::Mat smooth = gaussian(real, g, silent);
  const cv::Mat map = canny(smooth, c, silent);
  return {map, hough::Rims(map, smooth), {real}, {smooth}};
}

// --- 2, 3 centres ----------------------------------------------------------------------------------------------------

constexpr int kStep = 2;  // a ray that crosses a block of 3 x 3 cells still leaves a vote there

// Steps r = r0, r0 + kStep .. r1 of the ray from (x, y) along (ux, uy) that stay within the picture.
void vote_along(cv::Mat_<int>& votes, double from_x, double from_y, double ux, double uy, int r0, int r1,
                const std::vector<int>& weight) {
  from_x = std::clamp(from_x, 0.0, votes.cols - 1.0);
  from_y = std::clamp(from_y, 0.0, votes.rows - 1.0);
  const auto steps = [](double from, double step, int n) {  // until from + r step leaves 0 .. n-1
    return step > 1e-9 ? (n - 1 - from) / step : step < -1e-9 ? -from / step : 1e9;
  };
  const int last =
      static_cast<int>(std::min({double(r1), steps(from_x, ux, votes.cols), steps(from_y, uy, votes.rows)}));
  constexpr int kFraction = 16;  // places in whole numbers, 16 bits behind the point
  const auto fixed = [](double v) { return static_cast<int64_t>(std::floor(v * (1 << kFraction) + 0.5)); };
  int64_t sx = fixed(ux), sy = fixed(uy);
  const int64_t half = 1 << (kFraction - 1);
  const ptrdiff_t stride = votes.ptr<int>(votes.rows > 1) - votes[0];
  int* cells = votes[0];
  int64_t x = fixed(from_x) + sx * r0 + half, y = fixed(from_y) + sy * r0 + half;
  sx *= kStep, sy *= kStep;
  for (int r = r0; r <= last; r += kStep, x += sx, y += sy)
    cells[(y >> kFraction) * stride + (x >> kFraction)] += weight[static_cast<size_t>(r)];
}

void vote_for_centres(const Rims& rims, int r0, int r1, cv::Mat_<int>& votes) {
  std::vector<int> weight(static_cast<size_t>(r1) + 1);
  for (int r = 1; r <= r1; ++r) weight[static_cast<size_t>(r)] = std::max(1, kStep * kVote / r);
  votes.setTo(0);
  for (size_t i = 0; i < rims.x.size(); ++i)
    for (const float way : {1.0F, -1.0F})
      vote_along(votes, rims.x[i], rims.y[i], way * rims.ux[i], way * rims.uy[i], r0 + static_cast<int>(i % kStep), r1,
                 weight);
}

// Sums over 3 x 3 cells: rounding and noise spread a centre's votes.
void sum_blocks(const cv::Mat_<int>& votes, cv::Mat_<int>& sums) {
  std::vector<int> down(static_cast<size_t>(votes.cols));
  for (int y = 0; y < votes.rows; ++y) {
    int* sum = sums[y];
    if (y == 0 || y == votes.rows - 1) {
      std::fill_n(sum, votes.cols, 0);
      continue;
    }
    const int *above = votes[y - 1], *middle = votes[y], *below = votes[y + 1];
    int* column = down.data();
    for (int x = 0; x < votes.cols; ++x) column[x] = above[x] + middle[x] + below[x];
    for (int x = 1; x + 1 < votes.cols; ++x) sum[x] = column[x - 1] + column[x] + column[x + 1];
    sum[0] = sum[votes.cols - 1] = 0;
  }
}

struct Centre {
  int x, y, votes;
};

// No more votes around; of equal ones the first.
bool is_peak(const cv::Mat_<int>& sums, int x, int y) {
  constexpr int kAround = 2;
  const int v = sums(y, x);
  for (int j = std::max(0, y - kAround); j <= std::min(sums.rows - 1, y + kAround); ++j)
    for (int i = std::max(0, x - kAround); i <= std::min(sums.cols - 1, x + kAround); ++i)
      if (j < y || (j == y && i < x) ? sums(j, i) >= v : sums(j, i) > v) return false;
  return true;
}

std::vector<Centre> find_centres(const cv::Mat_<int>& sums, double support, int r1) {
  // A whole circle gives 2 pi kVote up to three times, for a ray crosses three cells of a block. With noise rays miss the
  // block, the more so the larger the circle: of 50 pixels at 12 grey levels a third is left.
  const double left = std::clamp(40.0 / r1, 0.4, 0.8);
  const int least = static_cast<int>(left * support * 2 * std::numbers::pi * kVote);
  std::vector<Centre> centres;
  std::vector<uint8_t> perhaps(static_cast<size_t>(sums.cols) + 7,
                               0);  // enough votes, and no more in the four cells beside
  for (int y = 1; y + 1 < sums.rows; ++y) {
    const int *above = sums[y - 1], *row = sums[y], *below = sums[y + 1];
    uint8_t* may = perhaps.data();
    for (int x = 1; x + 1 < sums.cols; ++x)
      may[x] = (row[x] >= least) & (row[x] > row[x - 1]) & (row[x] >= row[x + 1]) & (row[x] > above[x]) &
               (row[x] >= below[x]);
    for (int first = 0; first < sums.cols; first += 8) {
      uint64_t eight = 0;
      std::memcpy(&eight, may + first, sizeof eight);
      if (eight == 0) continue;
      for (int x = first; x < first + 8; ++x)
        if (may[x] && is_peak(sums, x, y)) centres.push_back({x, y, row[x]});
    }
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

// The ring of three pixels with the largest share of edge pixels, at least kRing of `support`: the centre may be two pixels
// off.
constexpr double kRing = 0.6;
std::optional<double> best_radius(const Rims& rims, double a, double b, int r0, int r1, double support) {
  const int none = r1 + 3;  // further on: what is not on a ring
  std::vector<int> ring(static_cast<size_t>(none) + 16, 0);
  rims.for_blocks_around(a, b, r1 + 1.0, [&](size_t begin, size_t end) {
    int rings[Rims::kBlock];
    hough::aligned_rings(&rims.x[begin], &rims.y[begin], &rims.ux[begin], &rims.uy[begin], end - begin,
                         static_cast<float>(a), static_cast<float>(b), static_cast<float>(r0 - 1.5),
                         static_cast<float>(r1 + 1.0), Rims::kAligned, none, rings);
    for (size_t i = 0; i < end - begin; ++i) ++ring[static_cast<size_t>(rings[i])];
  });
  double best = kRing * support;
  std::optional<double> radius;
  for (int r = r0; r <= r1; ++r) {
    const auto i = static_cast<size_t>(r);
    const double share = (ring[i - 1] + ring[i] + ring[i + 1]) / (2 * std::numbers::pi * r);
    if (share > best) best = share, radius = r;
  }
  return radius;
}

constexpr double kHalf = 1.5;  // edge pixels within so many pixels of a circle are on it

// The points near a circle, listed once for all places that it may move to.
class Near {
 public:
  Near(Rims& rims, const Circle& circle) : rims_(rims) { list(circle); }
  /// Sums over the free points within `band` of the circle whose gradient points along the radius.
  hough::CircleMoments moments(const Circle& circle, double band) {
    if (std::hypot(circle.a - at_.a, circle.b - at_.b) + std::abs(circle.r - at_.r) > kMoves) list(circle);
    return hough::circle_moments(x_.data(), y_.data(), ux_.data(), uy_.data(), x_.size(), circle.a, circle.b, circle.r,
                                 band, Rims::kAligned);
  }
  int count(const Circle& circle, double band) {
    if (std::hypot(circle.a - at_.a, circle.b - at_.b) + std::abs(circle.r - at_.r) > kMoves) list(circle);
    return hough::count_near_circle(x_.data(), y_.data(), ux_.data(), uy_.data(), x_.size(), circle.a, circle.b,
                                    circle.r, band, Rims::kAligned);
  }
  /// Calls visit(i, dx, dy) for those points.
  template <class Visit>
  void within(const Circle& circle, double band, Visit&& visit) {
    if (std::hypot(circle.a - at_.a, circle.b - at_.b) + std::abs(circle.r - at_.r) > kMoves) list(circle);
    for (size_t k = 0; k < x_.size(); ++k) {
      const double dx = x_[k] - circle.a, dy = y_[k] - circle.b, d = std::sqrt(dx * dx + dy * dy);
      const double radial = dx * ux_[k] + dy * uy_[k];
      if (std::abs(d - circle.r) < band && d >= 1 && std::abs(radial) >= double{Rims::kAligned} * d)
        visit(index_[k], dx, dy);
    }
  }

 private:
  static constexpr double kBand = 3, kMoves = 2;
  void list(const Circle& circle) {
    at_ = circle;
    index_.clear();
    const double far = kBand + kMoves;
    // Seen from 10 pixels, a centre that moves by 2 turns the radius by 11.5 degrees: 0.75 = cos(acos 0.9 + 15 degrees).
    const float aligned = circle.r - far > 10 ? 0.75F : 0;
    rims_.for_rims_around(circle.a, circle.b, std::max(0.5, circle.r - far), circle.r + far, aligned,
                          [&](size_t i) { index_.push_back(i); });
    const std::vector<float>* from[] = {&rims_.x, &rims_.y, &rims_.ux, &rims_.uy};
    std::vector<float>* to[] = {&x_, &y_, &ux_, &uy_};
    for (int v = 0; v < 4; ++v) {
      to[v]->resize(index_.size());
      for (size_t k = 0; k < index_.size(); ++k) (*to[v])[k] = (*from[v])[index_[k]];
    }
  }
  Rims& rims_;
  Circle at_;
  std::vector<size_t> index_;
  std::vector<float> x_, y_, ux_, uy_;
};

// Least squares of distance - r over the edge pixels near the circle, by Gauss and Newton, weights falling to 0 at the
// band's rim. Nothing where the system is singular (an arc too short), or where after two rounds too few points are near.
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

std::vector<Circle> accept_circles(Rims& rims, const std::vector<Centre>& centres, int r0, int r1,
                                   const CirclesParams& p, const Context& ctx) {
  std::vector<Circle> found;
  for (const Centre& centre : centres) {
    ctx.check_cancelled();
    constexpr int kRings = 4;  // concentric circles at one centre
    for (int t = 0; t < kRings; ++t) {
      const std::optional<double> r = best_radius(rims, centre.x, centre.y, r0, r1, p.support);
      if (!r) break;
      const Circle start{double(centre.x), double(centre.y), *r};
      Near near(rims, start);
      std::optional<Circle> circle = fit_circle(near, start, p.support);
      if (!circle || std::hypot(circle->a - centre.x, circle->b - centre.y) > 4) break;
      count_support(near, *circle, p.support);
      if (circle->share < p.support || circle->r < p.min_radius - 1 || circle->r > r1 + 1 ||
          !differs(*circle, found, p.min_distance))
        break;
      near.within(*circle, 3, [&](size_t i, double, double) { rims.take(i); });
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
                           const char* function) {
    ctx.trace.image([&] {
      return TraceImage{
          stage, title, caption, view_of(m), stretch, {}, std::string("features/hough/circles.cpp:") + function};
    });
  };
  picture("edges", "Edges of the smoothed picture", "Every white pixel votes along its gradient.", edges, false,
          "find_rims");
  picture("votes", "Votes for centres: (a, b) = (x, y) +- r g / |g|",
          "Bright where many gradients' lines meet: the centres of circles. Brightness is the square root of votes.",
          brightness_of_votes(sums), false, "vote_for_centres");
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
  Edges edges = find_rims(image, p, ctx);
  cv::Mat_<int> votes = edges.votes.cells(), sums = edges.sums.cells();
  vote_for_centres(edges.rims, r0, r1, votes);
  sum_blocks(votes, sums);
  const std::vector<Circle> found = accept_circles(edges.rims, find_centres(sums, p.support, r1), r0, r1, p, ctx);
  FeatureTable table{{"x_px", "y_px", "r_px", "votes"}, {}};
  for (const Circle& c : found) table.values.insert(table.values.end(), {c.a, c.b, c.r, static_cast<double>(c.votes)});
  if (ctx.trace) show(image, edges.map, sums, found, table, ctx);
  return table;
}

cv::Mat draw_circles(const cv::Mat& image, const FeatureTable& table) {
  Drawing picture = dimmed(image);
  for (size_t row = table.rows(); row-- > 0;)
    draw_circle(picture, table.at(row, 0), table.at(row, 1), table.at(row, 2), rank_colour(row, table.rows()));
  return picture;
}

}  // namespace assay
