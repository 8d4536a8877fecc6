// features/hough/rims.cpp
// Method     for each row of tiles: 1 the gradient of its pixels and of those around   2 tile by tile, the edge pixels, each moved
//            along its gradient to the steepest place
// Departures from the paper: [Ballard1981] takes edge pixels where they are.
#include <cmath>
#include <cstring>

#include "assay/features/hough/rims_internal.h"
#include "assay/imgproc/edge/sobel.h"

namespace assay::hough {

Rims::Rims(const cv::Mat& edges, const cv::Mat& smooth)
    : columns_((edges.cols + kTile - 1) / kTile), rows_((edges.rows + kTile - 1) / kTile) {
  const cv::Size strip(edges.cols, std::min(edges.rows, kTile + 2));
  Gradient g{0, 0, cv::Mat_<float>(strip), cv::Mat_<float>(strip), cv::Mat_<float>(strip)};
  for (int row = 0; row < rows_; ++row) {
    const int y0 = row * kTile, y1 = std::min(edges.rows, y0 + kTile), last = std::min(edges.rows, y1 + 1);
    g.first = std::max(0, y0 - 1);
    g.last = last - 1;
    sobel_rows<float>(smooth, g.first, last, Border::replicate, 0, g.x[0], g.y[0], edges.cols);
    const auto pixels = static_cast<ptrdiff_t>(last - g.first) * edges.cols;
    const float *gx = g.x[0], *gy = g.y[0];
    float* m = g.magnitude[0];
    for (ptrdiff_t i = 0; i < pixels; ++i) m[i] = std::sqrt(gx[i] * gx[i] + gy[i] * gy[i]);
    for (int column = 0; column < columns_; ++column) {
      begin_.push_back(x.size());
      const int x0 = column * kTile, n = std::min(kTile, edges.cols - x0);
      for (int py = y0; py < y1; ++py) {
        uint8_t edge[kTile] = {};
        std::memcpy(edge, edges.ptr<uint8_t>(py) + x0, static_cast<size_t>(n));
        uint8_t any = 0;
        for (const uint8_t e : edge) any |= e;
        if (any == 0) continue;
        for (int k = 0; k < n; ++k)
          if (edge[k]) add(g, x0 + k, py, edges.rows - 1);
      }
    }
  }
  begin_.push_back(x.size());
}

// At the top of a parabola through the magnitude one pixel before, at, and behind (px, py) along the gradient.
void Rims::add(const Gradient& g, int px, int py, int last_row) {
  const int row = py - g.first, last_column = g.x.cols - 1;
  const float dx = g.x(row, px), dy = g.y(row, px), m = g.magnitude(row, px);
  const float u = m > 0 ? dx / m : 0, v = m > 0 ? dy / m : 0;
  float shift = 0;
  if (m > 0 && px >= 1 && py >= 1 && px < last_column && py < last_row) {
    const auto magnitude = [&](float qx, float qy) {
      const int x0 = std::min(static_cast<int>(qx), last_column - 1), y0 = std::min(static_cast<int>(qy), g.last - 1);
      const float tx = qx - static_cast<float>(x0), ty = qy - static_cast<float>(y0);
      const float *above = g.magnitude[y0 - g.first] + x0, *below = g.magnitude[y0 - g.first + 1] + x0;
      return (1 - ty) * ((1 - tx) * above[0] + tx * above[1]) + ty * ((1 - tx) * below[0] + tx * below[1]);
    };
    const auto cx = static_cast<float>(px), cy = static_cast<float>(py);
    const float before = magnitude(cx - u, cy - v), after = magnitude(cx + u, cy + v), bend = before - 2 * m + after;
    if (bend < 0) shift = std::clamp(0.5F * (before - after) / bend, -0.7F, 0.7F);
  }
  x.push_back(static_cast<float>(px) + shift * u);
  y.push_back(static_cast<float>(py) + shift * v);
  ux.push_back(u);
  uy.push_back(v);
}

}  // namespace assay::hough
