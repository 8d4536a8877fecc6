// features/hough/line_fit.h: the edge pixels near a line, and the line through them.
#pragma once
#include <algorithm>
#include <cmath>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace assay {

/// x cos theta + y sin theta = rho, in pixels and radians.
struct Line {
  double rho = 0, theta = 0;
};

/// The same line with theta in [0, pi).
Line with_theta_in_half_turn(Line line);

/// Angle between two lines, 0 to pi / 2.
double angle_between(double theta_a, double theta_b);

/// Calls visit(y, x0, x1) for every run x0 <= x < x1 of pixels of a width x height picture within `half` pixels of the
/// line: row by row, one run a row.
template <class Visit>
void for_runs_near(const Line& line, double half, int width, int height, Visit&& visit) {
  const double c = std::cos(line.theta), s = std::sin(line.theta);
  const auto clamped = [](double v, double n) { return static_cast<int>(std::max(0.0, std::min(n, v))); };
  int y0 = 0, y1 = height;  // rows that the strip touches
  if (std::abs(s) > 1e-9) {
    const double left = line.rho / s, right = (line.rho - (width - 1) * c) / s, reach = half / std::abs(s);
    y0 = clamped(std::ceil(std::min(left, right) - reach), height);
    y1 = clamped(std::floor(std::max(left, right) + reach) + 1, height);
  }
  const bool level = std::abs(c) < 1e-9;  // along the rows: all of a row or nothing
  const double start = level ? 0 : line.rho / c, slope = level ? 0 : -s / c, reach = level ? width : half / std::abs(c);
  for (int y = y0; y < y1; ++y) {
    const double middle = start + y * slope;
    const int x0 = clamped(std::ceil(middle - reach), width), x1 = clamped(std::floor(middle + reach) + 1, width);
    if (x0 < x1) visit(y, x0, x1);
  }
}

struct EdgePoint {
  int x, y;
};

/// The line refined by edge points: least squares of distances, repeated within narrower and narrower strips, weights
/// falling to 0 at the strip's rim (Tukey's biweight). The line itself where fewer than three points are near, or where
/// the fit leaves it by more than `reach` pixels (the first strip's half width) or `turn` radians: that is another line.
Line refine_line(const std::vector<EdgePoint>& points, const Line& line, double reach, double turn);

/// Points of `edges` (u8, not 0) within `half` pixels of the line.
std::vector<EdgePoint> points_near(const cv::Mat& edges, const Line& line, double half);

}  // namespace assay
