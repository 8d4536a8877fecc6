#include "assay/features/hough/line_fit.h"

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

std::vector<EdgePoint> points_near(const cv::Mat& edges, const Line& line, double half) {
  std::vector<EdgePoint> points;
  for_runs_near(line, half, edges.cols, edges.rows, [&](int y, int x0, int x1) {
    const uint8_t* row = edges.ptr<uint8_t>(y);
    for (int x = x0; x < x1; ++x)
      if (row[x]) points.push_back({x, y});
  });
  return points;
}

}  // namespace assay
