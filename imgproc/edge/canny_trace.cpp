// imgproc/edge/canny_trace.cpp: what Canny shows to somebody who watches. Computed a second time, from the same stages
// as the result, so that the detector itself carries no drawing.

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <queue>
#include <vector>

#include "assay/imgproc/edge/canny_internal.h"

namespace assay::canny_stages {

namespace {

constexpr const char* kSource = "imgproc/edge/canny.cpp";

// --- colours ---------------------------------------------------------------------------------------------------------

// Hue from the gradient's angle (red: brighter to the right; yellow-green: downwards), brightness from its magnitude.
cv::Vec3b wheel(double angle_rad, double strength) {
  const double hue = std::fmod(angle_rad / (2 * CV_PI) * 6 + 6, 6.0), v = 255 * strength;
  const double rise = v * (hue - std::floor(hue)), fall = v - rise;
  const auto bgr = [](double b, double g, double r) {
    return cv::Vec3b(cv::saturate_cast<uchar>(b), cv::saturate_cast<uchar>(g), cv::saturate_cast<uchar>(r));
  };
  switch (static_cast<int>(hue)) {
    case 0:
      return bgr(0, rise, v);
    case 1:
      return bgr(0, v, fall);
    case 2:
      return bgr(rise, v, 0);
    case 3:
      return bgr(v, fall, 0);
    case 4:
      return bgr(v, 0, rise);
    default:
      return bgr(fall, 0, v);
  }
}

template <class Real>
cv::Mat direction_picture(const Band<Real>& band) {
  cv::Mat_<cv::Vec3b> picture(band.gx.size());
  double largest = 0;
  cv::minMaxLoc(band.magnitude, nullptr, &largest);
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      const double m = static_cast<double>(band.magnitude(y + 1, x + 1));
      picture(y, x) = wheel(std::atan2(band.gy(y, x), band.gx(y, x)), largest > 0 ? std::sqrt(m / largest) : 0);
    }
  const int radius = std::min({24, picture.rows / 6, picture.cols / 6});  // the legend, in the lower right corner
  const int cx = picture.cols - 2 - radius, cy = picture.rows - 2 - radius;
  for (int dy = -radius; dy <= radius; ++dy)
    for (int dx = -radius; dx <= radius; ++dx)
      if (dx * dx + dy * dy <= radius * radius && radius >= 6)
        picture(cy + dy, cx + dx) = wheel(std::atan2(dy, dx), std::hypot(dx, dy) / radius);
  return picture;
}

// Strong white, weak blue.
cv::Mat class_picture(const cv::Mat_<uint8_t>& candidates) {
  cv::Mat_<cv::Vec3b> picture(candidates.rows - 2, candidates.cols - 2, cv::Vec3b(0, 0, 0));
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      const uint8_t c = candidates(y + 1, x + 1);
      if (c == kStrong) picture(y, x) = {255, 255, 255};
      if (c == kWeak) picture(y, x) = {230, 150, 60};
    }
  return picture;
}

// --- one pixel's story -----------------------------------------------------------------------------------------------

struct PixelStep {
  static constexpr const char* kind = "pixel";
  std::string why;
  int x, y;
  double gx, gy, m, angle_deg, ahead, behind;
  bool kept;
  const char* verdict;
  static void fields(const PixelStep& s, auto&& field) {
    field("x", s.x, "column of the pixel");
    field("y", s.y, "row of the pixel");
    field("gx", s.gx, "derivative to the right");
    field("gy", s.gy, "derivative downwards");
    field("m", s.m, "gradient magnitude here");
    field("angle_deg", s.angle_deg, "direction of the gradient, from x towards y: across the edge, to its bright side");
    field("m_ahead", s.ahead, "magnitude one step along the gradient");
    field("m_behind", s.behind, "magnitude one step against it");
    field("kept", s.kept, "m is a maximum across the edge");
    field("class", s.verdict, "strong: above high; weak: above low; none: suppressed or below low");
  }
};

struct LinkStep {
  static constexpr const char* kind = "link";
  std::string why;
  std::vector<double> xs, ys;
  static void fields(const LinkStep& s, auto&& field) {
    field("x", s.xs, "columns of the path, from the weak pixel to the strong one that saves it");
    field("y", s.ys, "rows of the path");
    field("length", static_cast<int>(s.xs.size()) - 1, "steps between neighbours");
  }
};

// Magnitudes one step along and against the gradient: on the ring of 8 neighbours, interpolated or nearest.
template <class Real>
std::pair<double, double> neighbours_across(const Band<Real>& band, bool interpolated, int x, int y) {
  const double gx = band.gx(y, x), gy = band.gy(y, x), major = std::max(std::abs(gx), std::abs(gy));
  if (major == 0) return {0, 0};
  const auto at = [&](double dx, double dy) {  // one of the two is whole
    const int x0 = static_cast<int>(std::floor(dx)), y0 = static_cast<int>(std::floor(dy));
    const double tx = dx - x0, ty = dy - y0;
    const int x1 = tx > 0 ? x0 + 1 : x0, y1 = ty > 0 ? y0 + 1 : y0;
    const double t = std::max(tx, ty);
    return static_cast<double>(band.magnitude(y + 1 + y0, x + 1 + x0)) * (1 - t) +
           static_cast<double>(band.magnitude(y + 1 + y1, x + 1 + x1)) * t;
  };
  double dx = gx / major, dy = gy / major;
  if (!interpolated) {
    const double tan = std::sqrt(2.0) - 1;
    dx = std::abs(dx) < tan ? 0 : std::copysign(1.0, dx);
    dy = std::abs(dy) < tan ? 0 : std::copysign(1.0, dy);
  }
  return {at(dx, dy), at(-dx, -dy)};
}

// Shortest paths from the strong pixels through weak ones; the path to the weak pixel that is farthest from any.
std::vector<cv::Point> longest_rescue(const cv::Mat_<uint8_t>& candidates) {
  cv::Mat_<int> from(candidates.size(), -1);  // index of the neighbour the path comes from
  std::queue<cv::Point> front;
  for (int y = 0; y < candidates.rows; ++y)
    for (int x = 0; x < candidates.cols; ++x)
      if (candidates(y, x) == kStrong) {
        from(y, x) = y * candidates.cols + x;
        front.push({x, y});
      }
  if (front.empty()) return {};
  cv::Point last = front.front();
  while (!front.empty()) {
    const cv::Point p = front.front();
    front.pop();
    if (candidates(p) == kWeak || candidates(last) == kStrong) last = p;
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx) {
        const cv::Point q(p.x + dx, p.y + dy);
        if (candidates(q) != kWeak || from(q) >= 0) continue;
        from(q) = p.y * candidates.cols + p.x;
        front.push(q);
      }
  }
  std::vector<cv::Point> path{last};
  while (candidates(path.back()) == kWeak) {
    const int index = from(path.back());
    path.emplace_back(index % candidates.cols, index / candidates.cols);
  }
  for (cv::Point& p : path) p -= cv::Point(1, 1);  // without the margin
  return path;
}

template <class Real>
void tell_pixel(const CannyParams& p, const Band<Real>& band, const cv::Mat_<uint8_t>& candidates, cv::Point at,
                const Context& ctx) {
  const bool interpolated = suppression_of(p) == Suppression::interpolated;
  const auto [ahead, behind] = neighbours_across(band, interpolated, at.x, at.y);
  const uint8_t c = candidates(at.y + 1, at.x + 1);
  PixelStep step;
  step.x = at.x, step.y = at.y;
  step.gx = band.gx(at), step.gy = band.gy(at), step.m = band.magnitude(at.y + 1, at.x + 1);
  step.angle_deg = std::atan2(step.gy, step.gx) * 180 / CV_PI;
  step.ahead = ahead, step.behind = behind;
  step.kept = c != kNone;
  step.verdict = c == kStrong ? "strong" : c == kWeak ? "weak" : "none";
  step.why = step.kept ? "Kept: neither neighbour across the edge has a larger gradient."
                       : "Suppressed: a neighbour across the edge has a larger gradient, or m is not above low.";
  ctx.trace.step([&] { return step; });
}

// --- the grid of threshold pairs -------------------------------------------------------------------------------------

// Edges for low and high times 1/2, 1, 2 (low down, high to the right), each shrunk by the largest value of a block.
template <class Real>
cv::Mat threshold_grid(const CannyParams& p, const cv::Mat& image, const Band<Real>& band) {
  const int shrink = std::max(1, (std::max(image.rows, image.cols) + 299) / 300), gap = 4;
  const int h = (image.rows + shrink - 1) / shrink, w = (image.cols + shrink - 1) / shrink;
  cv::Mat_<uint8_t> grid(3 * h + 2 * gap, 3 * w + 2 * gap, uint8_t(96));
  const double factors[] = {0.5, 1, 2};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      CannyParams q = p;
      q.low = std::min(p.low * factors[i], p.high * factors[j]);
      q.high = p.high * factors[j];
      cv::Mat_<uint8_t> candidates(image.rows + 2, image.cols + 2, kNone);
      suppress_non_maxima(band, q, thresholds_for(q, image), candidates);
      link_by_hysteresis(candidates);
      cv::Mat_<uint8_t> tile = grid(cv::Rect(j * (w + gap), i * (h + gap), w, h));
      tile.setTo(0);
      for (int y = 0; y < image.rows; ++y)
        for (int x = 0; x < image.cols; ++x)
          if (candidates(y + 1, x + 1) == kEdge) tile(y / shrink, x / shrink) = 255;
    }
  return grid;
}

template <class Real>
void show(const CannyParams& p, const cv::Mat& image, const cv::Mat& edges, const Context& ctx) {
  const auto picture = [&](const char* stage, const char* title, const std::string& caption, const cv::Mat& m,
                           bool stretch, const char* function, std::vector<TraceField> fields = {}) {
    ctx.trace.image([&] {
      return TraceImage{
          stage, title, caption, view_of(m), stretch, std::move(fields), std::string(kSource) + ":" + function};
    });
  };
  const auto real = [](const cv::Mat& m) {
    cv::Mat f;
    m.convertTo(f, CV_32F);
    return f;
  };
  const Band<Real> band = gradient<Real>(image, p, 0, image.rows);
  const Thresholds t = thresholds_for(p, image);
  cv::Mat_<uint8_t> candidates(image.rows + 2, image.cols + 2, kNone);
  suppress_non_maxima(band, p, t, candidates);
  const cv::Mat inner = candidates(cv::Rect(1, 1, image.cols, image.rows));
  const cv::Mat magnitude = real(band.magnitude(cv::Rect(1, 1, image.cols, image.rows)));
  cv::Mat thinned = cv::Mat::zeros(image.size(), CV_32F);
  magnitude.copyTo(thinned, inner);
  double largest = 0;
  cv::minMaxLoc(magnitude, nullptr, &largest);

  picture("input", "The picture Canny gets", "The input. Smooth it first: gradients of noise are edges too.", image,
          false, "apply");
  picture("gx", "Derivative along x", "Bright: brighter to the right. Dark: darker to the right. Grey: no change.",
          real(band.gx), true, "gradient");
  picture("gy", "Derivative along y", "Bright: brighter downwards. Dark: darker downwards. Grey: no change.",
          real(band.gy), true, "gradient");
  picture("magnitude",
          p.norm == EdgeNorm::l1 ? "Gradient magnitude |gx| + |gy|" : "Gradient magnitude sqrt(gx^2 + gy^2)",
          "Broad ridges along every outline: the edge is somewhere on each ridge.", magnitude, true, "gradient",
          {{"max m", largest, "largest magnitude"}});
  picture("direction", "Direction of the gradient",
          "Hue is the direction across the edge, as in the wheel; brightness is the magnitude.",
          direction_picture(band), false, "gradient");
  picture("suppressed", "Non-maximum suppression",
          "Ridges thinned to their crests: of what is above low, only maxima across the edge remain.", thinned, true,
          "suppress_non_maxima",
          {{"pixels", static_cast<long long>(cv::countNonZero(inner)), "candidates that remain"}});
  picture("classes", "Two thresholds",
          "White: strong, above high. Blue: weak, between low and high, kept only if joined to white.",
          class_picture(candidates), false, "suppress_non_maxima",
          {{"low", t.low, "weak above this"},
           {"high", t.high, "strong above this"},
           {"strong", static_cast<long long>(cv::countNonZero(inner == kStrong)), "pixels"},
           {"weak", static_cast<long long>(cv::countNonZero(inner == kWeak)), "pixels"}});
  picture("result", "Hysteresis", "The edges: strong pixels and the weak ones joined to them.", edges, false,
          "link_by_hysteresis", {{"pixels", static_cast<long long>(cv::countNonZero(edges)), "edge pixels"}});
  picture("thresholds", "Change the thresholds",
          "Rows: low times 1/2, 1, 2. Columns: high times 1/2, 1, 2. The middle is the result.",
          threshold_grid(p, image, band), false, "find_edges");

  const std::vector<cv::Point> path = longest_rescue(candidates);
  if (path.empty()) return;
  tell_pixel(p, band, candidates, path.front(), ctx);
  for (const cv::Point beside :
       {cv::Point(1, 0), cv::Point(0, 1)}) {  // a neighbour that was suppressed, for comparison
    const cv::Point q = path.front() + beside;
    if (q.x >= image.cols || q.y >= image.rows || candidates(q.y + 1, q.x + 1) != kNone) continue;
    tell_pixel(p, band, candidates, q, ctx);
    break;
  }
  if (path.size() < 2) return;
  ctx.trace.step([&] {
    LinkStep step;
    step.why = "This weak pixel is kept: a chain of weak neighbours joins it to a strong one.";
    for (const cv::Point& q : path) {
      step.xs.push_back(q.x);
      step.ys.push_back(q.y);
    }
    return step;
  });
}

}  // namespace

void show_stages(const CannyParams& p, const cv::Mat& image, const cv::Mat& edges, const Context& ctx) {
  if (p.convention == CannyConvention::skimage)
    show<double>(p, image, edges, ctx);
  else
    show<float>(p, image, edges, ctx);
}

}  // namespace assay::canny_stages
