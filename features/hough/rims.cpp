// features/hough/rims.cpp
#include <cmath>
#include <cstring>

#include "assay/features/hough/rims_internal.h"

namespace assay::hough {

Rims::Rims(const cv::Mat& edges, const cv::Mat_<float>& gx, const cv::Mat_<float>& gy)
    : columns_((edges.cols + kTile - 1) / kTile), rows_((edges.rows + kTile - 1) / kTile) {
  for (int row = 0; row < rows_; ++row)
    for (int column = 0; column < columns_; ++column) {
      begin_.push_back(x.size());
      const int x0 = column * kTile, n = std::min(kTile, edges.cols - x0);
      for (int py = row * kTile; py < std::min(edges.rows, (row + 1) * kTile); ++py) {
        uint8_t pixels[kTile] = {};
        std::memcpy(pixels, edges.ptr<uint8_t>(py) + x0, static_cast<size_t>(n));
        uint8_t any = 0;
        for (const uint8_t pixel : pixels) any |= pixel;
        if (any == 0) continue;
        for (int k = 0; k < n; ++k)
          if (pixels[k]) add(gx, gy, x0 + k, py);
      }
    }
  begin_.push_back(x.size());
}

// At the top of a parabola through the magnitude one pixel before, at, and behind (px, py) along the gradient.
void Rims::add(const cv::Mat_<float>& gx, const cv::Mat_<float>& gy, int px, int py) {
  const float dx = gx(py, px), dy = gy(py, px), m = std::sqrt(dx * dx + dy * dy);
  const float u = m > 0 ? dx / m : 0, v = m > 0 ? dy / m : 0;
  float shift = 0;
  if (m > 0 && px >= 1 && py >= 1 && px + 1 < gx.cols && py + 1 < gx.rows) {
    const auto magnitude = [&](float qx, float qy) {
      const int x0 = std::min(static_cast<int>(qx), gx.cols - 2), y0 = std::min(static_cast<int>(qy), gx.rows - 2);
      const float tx = qx - static_cast<float>(x0), ty = qy - static_cast<float>(y0);
      const auto at = [&](int i, int j) {
        const float a = gx(j, i), b = gy(j, i);
        return std::sqrt(a * a + b * b);
      };
      return (1 - ty) * ((1 - tx) * at(x0, y0) + tx * at(x0 + 1, y0)) +
             ty * ((1 - tx) * at(x0, y0 + 1) + tx * at(x0 + 1, y0 + 1));
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
