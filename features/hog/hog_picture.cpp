// features/hog/hog_picture.cpp: stars of the cells, and the study window.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/features/hog/hog_internal.h"
#include "assay/imgproc/filter/border.h"

namespace assay::detail {

namespace {

double at(const cv::Mat& m, int y, int x) {
  return m.depth() == CV_64F ? m.at<double>(y, x) : static_cast<double>(m.at<float>(y, x));
}

// Mean over the blocks that hold it, of each cell and bin. A block's first cell stands at (bx, by) stride / cell.
cv::Mat_<double> mean_cells(const HogBlocks& blocks, const HogSetting& s, int& across) {
  const int step = std::max(1, s.stride / s.cell);
  across = (blocks.across - 1) * step + s.cells;
  const int down = (blocks.down - 1) * step + s.cells;
  cv::Mat_<double> sum(down * across, s.bins, 0.0), count(down * across, 1, 0.0);
  for (int by = 0; by < blocks.down; ++by)
    for (int bx = 0; bx < blocks.across; ++bx)
      for (int cy = 0; cy < s.cells; ++cy)
        for (int cx = 0; cx < s.cells; ++cx) {
          const int cell = (by * step + cy) * across + bx * step + cx;
          for (int b = 0; b < s.bins; ++b)
            sum(cell, b) += at(blocks.values, by * blocks.length + s.entry(cx, cy, b), bx);
          count(cell) += 1;
        }
  for (int cell = 0; cell < sum.rows; ++cell)
    for (int b = 0; b < s.bins && count(cell) > 0; ++b) sum(cell, b) /= count(cell);
  return sum;
}

struct BlockStep {
  static constexpr const char* kind = "block";
  static constexpr const char* title = "L2-Hys: v = h / |h|, clipped at 0.2, normalised again";
  static constexpr const char* source = "features/hog/hog_textbook.cpp:normalize";
  int x, y;
  double length;
  int clipped;
  std::string why;
  static void fields(const BlockStep& s, auto&& field) {
    field("x", s.x, "first pixel of the block");
    field("y", s.y, "first pixel of the block");
    field("|h|", s.length, "length of the block's histograms before");
    field("clipped", s.clipped, "entries above 0.2 |h|");
  }
};

// Hue: direction. Brightness: magnitude, as a share of the largest.
cv::Mat colour_wheel(const cv::Mat& image, const HogSetting& s) {
  HogSetting pixel = s;
  pixel.cell = pixel.block = pixel.stride = pixel.cells = 1;
  pixel.bins = 12, pixel.interpolate = false, pixel.normalized = false;
  const HogBlocks votes = blocks_textbook(image, pixel, {});
  double largest = 1e-30;
  for (int i = 0; i < votes.values.rows; ++i)
    for (int x = 0; x < votes.across; ++x) largest = std::max(largest, at(votes.values, i, x));
  cv::Mat_<cv::Vec3b> out(votes.down, votes.across);
  for (int y = 0; y < votes.down; ++y)
    for (int x = 0; x < votes.across; ++x) {
      int bin = 0;
      for (int b = 1; b < pixel.bins; ++b)
        if (at(votes.values, y * pixel.bins + b, x) > at(votes.values, y * pixel.bins + bin, x)) bin = b;
      const double v = std::sqrt(at(votes.values, y * pixel.bins + bin, x) / largest), hue = 6.0 * bin / pixel.bins;
      const auto channel = [&](double shift) {  // of the hexagon of hues
        const double h = std::fmod(hue + shift, 6.0);
        return static_cast<uchar>(std::lround(255 * v * std::clamp(std::abs(h - 3) - 1, 0.0, 1.0)));
      };
      out(y, x) = cv::Vec3b(channel(2), channel(4), channel(0));
    }
  return out;
}

}  // namespace

cv::Mat draw_cells(const HogBlocks& blocks, const HogSetting& s) {
  int across = 0;
  const cv::Mat_<double> cells = mean_cells(blocks, s, across);
  const int side = std::max(s.cell, 16), down = cells.rows / across;
  double largest = 1e-30;
  for (const double v : cells) largest = std::max(largest, v);
  cv::Mat_<uint8_t> out(down * side, across * side, uint8_t(0));
  for (int cell = 0; cell < cells.rows; ++cell)
    for (int v = 0; v < side; ++v)
      for (int u = 0; u < side; ++u) {
        const double x = u + 0.5 - side / 2.0, y = v + 0.5 - side / 2.0;
        if (std::hypot(x, y) > 0.48 * side) continue;
        double brightest = 0;
        for (int b = 0; b < s.bins; ++b) {
          const double angle = (b + 0.5) * s.degrees() / s.bins * std::numbers::pi / 180;
          const double c = std::cos(angle), d = std::sin(angle), from_ray = std::abs(c * x + d * y);
          const double ray = std::clamp(1.25 - from_ray, 0.0, 1.0);
          brightest = std::max(brightest, ray * cells(cell, b));
        }
        out(cell / across * side + v, cell % across * side + u) =
            static_cast<uint8_t>(std::lround(255 * std::sqrt(brightest / largest)));
      }
  return out;
}

void trace_hog(const cv::Mat& image, const HogSetting& s, const HogBlocks& blocks, const Context& ctx) {
  const auto show = [&](const char* stage, const char* title, const char* caption, const cv::Mat& m, bool stretch,
                        const char* source) {
    ctx.trace.image([&] { return TraceImage{stage, title, caption, view_of(m), stretch, {}, source}; });
  };
  show("input", "The picture hog gets", "The input.", image, false, "features/hog/hog.cpp:detect");
  HogSetting pixel = s;
  pixel.cell = pixel.block = pixel.stride = pixel.cells = 1;
  pixel.bins = 2, pixel.interpolate = false, pixel.normalized = false;
  const HogBlocks votes = blocks_textbook(image, pixel, ctx);
  cv::Mat_<float> magnitude(votes.down, votes.across);
  for (int y = 0; y < votes.down; ++y)
    for (int x = 0; x < votes.across; ++x)
      magnitude(y, x) = static_cast<float>(at(votes.values, 2 * y, x) + at(votes.values, 2 * y + 1, x));
  show("magnitude", "m = |g|, differences -1 0 1, no smoothing", "Bright: the picture changes.", magnitude, true,
       "features/hog/hog_textbook.cpp:gradient");
  show("orientation", "theta: the direction of g", "Hue: direction, equal for opposite gradients unless full-circle.",
       colour_wheel(image, s), false, "features/hog/hog_textbook.cpp:direction_degrees");
  HogSetting raw = s;
  raw.normalized = false;
  const HogBlocks plain = blocks_textbook(image, raw, ctx);
  show("cells", "Votes of the pixels of each cell", "Rays lie along edges; bright ones have many votes.",
       draw_cells(plain, s), false, "features/hog/hog_textbook.cpp:vote");
  show("blocks", "Each block normalised by L2-Hys, cells averaged over their blocks",
       "Weak edges beside nothing stronger are as bright as strong ones.", draw_cells(blocks, s), false,
       "features/hog/hog_textbook.cpp:normalize");
  for (int by = 0; by < plain.down; ++by)
    for (int bx = 0; bx < plain.across; ++bx)
      ctx.trace.step([&] {
        double sum = 0;
        for (int f = 0; f < plain.length; ++f) sum += std::pow(at(plain.values, by * plain.length + f, bx), 2);
        BlockStep step{bx * s.stride, by * s.stride, std::sqrt(sum), 0, ""};
        for (int f = 0; f < plain.length; ++f)
          step.clipped += at(plain.values, by * plain.length + f, bx) > 0.2 * (std::sqrt(sum + s.add1) + s.plus1);
        step.why = step.clipped > 0 ? "A few strong edges would else drown the others of the block."
                                    : "No direction stands out: nothing is clipped.";
        return step;
      });
}

}  // namespace assay::detail
