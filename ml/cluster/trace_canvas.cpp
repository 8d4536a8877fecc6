#include "assay/ml/cluster/trace_canvas.h"

#include <algorithm>
#include <cmath>

namespace assay::kmeans {

Color cluster_color(int c) {
  const double hue = std::fmod(0.58 + 0.61803398875 * c, 1.0) * 6, part = hue - std::floor(hue);
  const double value = c % 2 ? 0.72 : 0.86, low = value * 0.18, rise = low + (value - low) * part,
               fall = low + (value - low) * (1 - part);
  const double rgb[6][3] = {{value, rise, low}, {fall, value, low}, {low, value, rise},
                            {low, fall, value}, {rise, low, value}, {value, low, fall}};
  const double* of = rgb[std::min(5, static_cast<int>(hue))];
  return {static_cast<uint8_t>(255 * of[2]), static_cast<uint8_t>(255 * of[1]), static_cast<uint8_t>(255 * of[0])};
}

Color tint(Color color, double strength) {
  for (uint8_t& v : color) v = static_cast<uint8_t>(255 - strength * (255 - v));
  return color;
}

Plane::Plane(const Samples& samples) {
  const Matrix& X = samples.rows();
  const Index d = X.cols();
  whole_ = d <= 2;
  std::vector<std::pair<double, Index>> spread;
  for (Index f = 0; f < d; ++f) {
    const double mean = X.col(f).mean();
    spread.emplace_back(-(X.col(f).array() - mean).square().sum(), f);
  }
  std::stable_sort(spread.begin(), spread.end());
  if (d > 1) across_ = std::min(spread[0].second, spread[1].second), up_ = std::max(spread[0].second, spread[1].second);
  for (int axis = 0; axis < 2; ++axis) {
    const Index f = axis == 0 ? across_ : up_;
    lo_[static_cast<size_t>(axis)] = f < 0 ? 0 : X.col(f).minCoeff();
    hi_[static_cast<size_t>(axis)] = f < 0 ? 1 : X.col(f).maxCoeff();
    if (!(hi_[static_cast<size_t>(axis)] > lo_[static_cast<size_t>(axis)]))
      hi_[static_cast<size_t>(axis)] = lo_[static_cast<size_t>(axis)] + 1;
  }
}

void Plane::place(double x, double y, double* row) const {
  row[across_] = lo_[0] + x * (hi_[0] - lo_[0]);
  if (up_ >= 0) row[up_] = lo_[1] + y * (hi_[1] - lo_[1]);
}

std::string Plane::text(const std::vector<Column>& columns) const {
  std::string text = "Across: " + columns[static_cast<size_t>(across_)].name;
  if (up_ >= 0) text += ", up: " + columns[static_cast<size_t>(up_)].name;
  if (!whole_) text += " (the two columns of " + std::to_string(columns.size()) + " that spread most)";
  return text + ".";
}

Canvas::Canvas() : bgr_(static_cast<size_t>(3 * kSize * kSize), 255) {}

void Canvas::pixel(int x, int y, Color color) {
  if (x < 0 || y < 0 || x >= kSize || y >= kSize) return;
  std::copy(color.begin(), color.end(), bgr_.begin() + 3 * (y * kSize + x));
}

void Canvas::disc(double x, double y, double radius, Color color) {
  const double cx = to_x(x), cy = to_y(y);
  if (!(std::abs(cx) < 4 * kSize && std::abs(cy) < 4 * kSize)) return;
  for (int v = static_cast<int>(cy - radius); v <= static_cast<int>(cy + radius) + 1; ++v)
    for (int u = static_cast<int>(cx - radius); u <= static_cast<int>(cx + radius) + 1; ++u)
      if (std::hypot(u - cx, v - cy) <= radius) pixel(u, v, color);
}

void Canvas::ring(double x, double y, double radius, Color color) {
  const double cx = to_x(x), cy = to_y(y);
  if (!(std::abs(cx) < 4 * kSize && std::abs(cy) < 4 * kSize)) return;
  for (int v = static_cast<int>(cy - radius) - 1; v <= static_cast<int>(cy + radius) + 1; ++v)
    for (int u = static_cast<int>(cx - radius) - 1; u <= static_cast<int>(cx + radius) + 1; ++u)
      if (std::abs(std::hypot(u - cx, v - cy) - radius) <= 0.7) pixel(u, v, color);
}

void Canvas::line(double x0, double y0, double x1, double y1, Color color) {
  const double ax = to_x(x0), ay = to_y(y0), bx = to_x(x1), by = to_y(y1);
  const double length = std::hypot(bx - ax, by - ay);
  if (!(length < 8 * kSize)) return;
  const int steps = static_cast<int>(2 * length) + 1;
  for (int s = 0; s <= steps; ++s) {
    const int u = static_cast<int>(ax + (bx - ax) * s / steps), v = static_cast<int>(ay + (by - ay) * s / steps);
    pixel(u, v, color);
    pixel(u + 1, v, color);
  }
}

ImageView Canvas::view() const { return {bgr_.data(), kSize, kSize, 3, Depth::u8, static_cast<size_t>(3 * kSize)}; }

}  // namespace assay::kmeans
