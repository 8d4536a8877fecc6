// Edge maps with lines of known place.
#pragma once
#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/features/hough/line_fit.h"

namespace assay::test {

/// One pixel a column (a row, where the line is steep), the nearest to the line; `half` pixels to either side of the foot
/// of the picture's middle.
inline void draw_edge_line(cv::Mat& edges, const Line& line, double half) {
  const double c = std::cos(line.theta), s = std::sin(line.theta);
  const double mx = (edges.cols - 1) / 2.0, my = (edges.rows - 1) / 2.0, away = line.rho - (mx * c + my * s);
  const double fx = mx + away * c, fy = my + away * s;
  const bool flat = std::abs(s) > std::abs(c);
  for (int i = 0; i < (flat ? edges.cols : edges.rows); ++i) {
    const double j = flat ? (line.rho - i * c) / s : (line.rho - i * s) / c;
    const long near = std::lround(j);
    if (near < 0 || near >= (flat ? edges.rows : edges.cols)) continue;
    const double along = std::hypot((flat ? i : j) - fx, (flat ? j : i) - fy);
    if (along <= half) edges.at<uint8_t>(flat ? static_cast<int>(near) : i, flat ? i : static_cast<int>(near)) = 255;
  }
}

/// Distance of `found` from the point of `truth` that is nearest to the picture's middle.
inline double distance_at_middle(const Line& found, const Line& truth, cv::Size size) {
  const double c = std::cos(truth.theta), s = std::sin(truth.theta);
  const double mx = (size.width - 1) / 2.0, my = (size.height - 1) / 2.0, away = truth.rho - (mx * c + my * s);
  return std::abs((mx + away * c) * std::cos(found.theta) + (my + away * s) * std::sin(found.theta) - found.rho);
}

}  // namespace assay::test
