#include "assay/features/drawing.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/imgproc/op.h"

namespace assay {

namespace {

// Share of a pixel that a stroke covers whose middle runs `distance` beside the pixel's centre.
double cover(double distance, double width) { return std::clamp(width / 2 + 0.5 - distance, 0.0, 1.0); }

void blend(cv::Vec3b& pixel, cv::Vec3b colour, double share) {
  for (int c = 0; c < 3; ++c) pixel[c] = cv::saturate_cast<uchar>(pixel[c] * (1 - share) + colour[c] * share);
}

// First and last whole number of lo..hi that is an index of 0..n-1.
int first_index(double lo, int n) { return static_cast<int>(std::clamp(std::ceil(lo), 0.0, static_cast<double>(n))); }
int last_index(double hi, int n) { return static_cast<int>(std::clamp(std::floor(hi), -1.0, n - 1.0)); }

}  // namespace

Drawing dimmed(const cv::Mat& image) {
  Drawing picture(image.size());
  cv::Mat scaled;
  image.convertTo(scaled, CV_8U, 0.6 * 255 / full_scale(image));
  const int channels = scaled.channels();
  for (int y = 0; y < picture.rows; ++y) {
    const uint8_t* from = scaled.ptr<uint8_t>(y);
    for (int x = 0; x < picture.cols; ++x, from += channels)
      picture(y, x) = channels == 1 ? cv::Vec3b(from[0], from[0], from[0]) : cv::Vec3b(from[0], from[1], from[2]);
  }
  return picture;
}

cv::Mat_<float> brightness_of_votes(const cv::Mat& votes) {
  cv::Mat_<float> bright;
  votes.convertTo(bright, CV_32F);
  std::vector<float> cast(bright.begin(), bright.end());
  cast.erase(std::remove(cast.begin(), cast.end(), 0.0F), cast.end());
  if (cast.empty()) return bright;
  const auto white = cast.begin() + static_cast<ptrdiff_t>(0.999 * static_cast<double>(cast.size() - 1));
  std::nth_element(cast.begin(), white, cast.end());
  bright *= 1 / *white;
  cv::sqrt(cv::min(bright, 1), bright);
  return bright;
}

cv::Vec3b rank_colour(size_t row, size_t rows) {
  const double rank = static_cast<double>(row) / static_cast<double>(std::max<size_t>(1, rows - 1));
  return {40, static_cast<uchar>(60 + 180 * rank), static_cast<uchar>(255 - 155 * rank)};
}

void draw_segment(Drawing& picture, double x1, double y1, double x2, double y2, cv::Vec3b colour, double width) {
  const double dx = x2 - x1, dy = y2 - y1, length = std::hypot(dx, dy);
  const double ux = length > 0 ? dx / length : 1, uy = length > 0 ? dy / length : 0, margin = width / 2 + 1;
  const auto stroke = [&](int x, int y) {
    const double along = std::clamp((x - x1) * ux + (y - y1) * uy, 0.0, length);
    blend(picture(y, x), colour, cover(std::hypot(x - x1 - along * ux, y - y1 - along * uy), width));
  };
  if (std::abs(ux) >= std::abs(uy)) {  // column by column, a short piece of each
    for (int x = first_index(std::min(x1, x2) - margin, picture.cols);
         x <= last_index(std::max(x1, x2) + margin, picture.cols); ++x) {
      const double middle = y1 + (x - x1) * uy / ux, half = margin / std::abs(ux);
      for (int y = first_index(middle - half, picture.rows); y <= last_index(middle + half, picture.rows); ++y)
        stroke(x, y);
    }
  } else {
    for (int y = first_index(std::min(y1, y2) - margin, picture.rows);
         y <= last_index(std::max(y1, y2) + margin, picture.rows); ++y) {
      const double middle = x1 + (y - y1) * ux / uy, half = margin / std::abs(uy);
      for (int x = first_index(middle - half, picture.cols); x <= last_index(middle + half, picture.cols); ++x)
        stroke(x, y);
    }
  }
}

void draw_line(Drawing& picture, double rho_px, double theta_rad, cv::Vec3b colour, double width) {
  const double c = std::cos(theta_rad), s = std::sin(theta_rad), far = picture.rows + picture.cols;
  const double t = (picture.cols * -s + picture.rows * c) / 2;  // the point of the line beside the picture's middle
  const double x = rho_px * c - t * s, y = rho_px * s + t * c;
  draw_segment(picture, x - far * s, y + far * c, x + far * s, y - far * c, colour, width);
}

void draw_circle(Drawing& picture, double x, double y, double r, cv::Vec3b colour, double width) {
  const double outer = r + width, inner = r - width;
  for (int py = first_index(y - outer, picture.rows); py <= last_index(y + outer, picture.rows); ++py) {
    const double dy = py - y, half = std::sqrt(std::max(0.0, outer * outer - dy * dy));
    const double hole = inner > std::abs(dy) ? std::sqrt(inner * inner - dy * dy) : 0;
    for (int px = first_index(x - half, picture.cols); px <= last_index(x + half, picture.cols); ++px) {
      if (hole > 1 && std::abs(px - x) < hole - 1)  // jump over the inside
        px = std::max(px, static_cast<int>(std::floor(x + hole - 1)));
      if (px >= picture.cols) break;
      blend(picture(py, px), colour, cover(std::abs(std::hypot(px - x, dy) - r), width));
    }
  }
}

}  // namespace assay
