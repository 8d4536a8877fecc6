#include "assay/features/hough/line_fit.h"

#include <cmath>
#include <numbers>

#include "assay/features/hough/line_fit_kernels.h"

namespace assay {

Line with_theta_in_half_turn(Line line) {
  constexpr double pi = std::numbers::pi;
  const double turns = std::floor(line.theta / pi);
  if (std::fmod(turns, 2) != 0) line.rho = -line.rho;
  line.theta -= turns * pi;
  if (line.theta >= pi) return {-line.rho, 0};  // a tiny negative angle, rounded up to pi
  return line;
}

double angle_between(double theta_a, double theta_b) {
  const double d = std::fmod(std::abs(theta_a - theta_b), std::numbers::pi);
  return std::min(d, std::numbers::pi - d);
}

// --- pixels near a line ----------------------------------------------------------------------------------------------

namespace {

inline int clamped(double v, double n) { return static_cast<int>(std::max(0.0, std::min(n, v))); }

}  // namespace

Strip::Strip(const Line& line, double half, int width, int height) : width_(width), begin_(0), end_(height) {
  const double c = std::cos(line.theta), s = std::sin(line.theta);
  if (std::abs(s) > 1e-9) {
    const double left = line.rho / s, right = (line.rho - (width - 1) * c) / s, reach = half / std::abs(s);
    begin_ = clamped(std::ceil(std::min(left, right) - reach), height);
    end_ = clamped(std::floor(std::max(left, right) + reach) + 1, height);
  }
  const bool level = std::abs(c) < 1e-9;  // along the rows: all of a row or nothing
  start_ = level ? 0 : line.rho / c, slope_ = level ? 0 : -s / c, reach_ = level ? width : half / std::abs(c);
}

void Strip::runs(int y, int n, int* __restrict x0, int* __restrict x1) const {
  const double start = start_, slope = slope_, reach = reach_, width = width_;
  for (int i = 0; i < n; ++i) {
    const double middle = start + (y + i) * slope;
    x0[i] = clamped(std::ceil(middle - reach), width);
    x1[i] = clamped(std::floor(middle + reach) + 1, width);
  }
}

// --- the line through points -----------------------------------------------------------------------------------------

namespace {

// The line with the least sum of weighted squared distances; the points are not all equal.
Line line_through(const hough::LineMoments& m) {
  const double mx = m.x / m.w, my = m.y / m.w;
  const double cxx = m.xx / m.w - mx * mx, cyy = m.yy / m.w - my * my, cxy = m.xy / m.w - mx * my;
  const double theta = 0.5 * std::atan2(2 * cxy, cxx - cyy) + std::numbers::pi / 2;  // across the longer axis
  return {mx * std::cos(theta) + my * std::sin(theta), theta};
}

}  // namespace

Line refine_line(const std::vector<EdgePoint>& points, const Line& line, double reach, double turn) {
  Line best = line;
  for (const double half : {reach, reach, 2.0, 1.5, 1.5, 1.5}) {
    const hough::LineMoments sums =
        hough::line_moments(points.data(), points.size(), std::cos(best.theta), std::sin(best.theta), best.rho, half);
    if (sums.points < 3) return line;
    const Line fitted = line_through(sums);
    const double mx = sums.x / sums.w, my = sums.y / sums.w;
    const double moved = std::abs(mx * std::cos(line.theta) + my * std::sin(line.theta) - line.rho);
    if (moved > reach || angle_between(fitted.theta, line.theta) > turn) return line;
    best = fitted;
  }
  return with_theta_in_half_turn(best);
}

}  // namespace assay
