#include "assay/features/feature.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/features/drawing.h"

namespace assay {

cv::Mat draw_points(const cv::Mat& image, const FeatureTable& table) {
  Drawing picture = dimmed(image);
  const bool sized = table.columns.size() >= 4 && table.columns[2] == "sigma_px" && table.columns[3] == "angle_rad";
  for (size_t row = table.rows(); row-- > 0;) {  // the strongest last, on top
    const double x = table.at(row, 0), y = table.at(row, 1);
    const cv::Vec3b colour = rank_colour(row, table.rows());
    const double radius = sized ? std::clamp(std::sqrt(2.0) * table.at(row, 2), 1.5, 1e4) : 3.5;
    const double width = sized ? 0.5 : 0.7, cosine = sized ? std::cos(table.at(row, 3)) : 0,
                 sine = sized ? std::sin(table.at(row, 3)) : 0;
    for (int py = static_cast<int>(std::floor(y - radius)); py <= std::ceil(y + radius); ++py)
      for (int px = static_cast<int>(std::floor(x - radius)); px <= std::ceil(x + radius); ++px) {
        if (px < 0 || py < 0 || px >= picture.cols || py >= picture.rows) continue;
        const double dx = px - x, dy = py - y, along = dx * cosine + dy * sine, across = dy * cosine - dx * sine;
        const bool line = sized && along >= 0 && along <= radius && std::abs(across) < 0.5;
        if (line || std::abs(std::hypot(dx, dy) - radius) < width) picture(py, px) = colour;
      }
  }
  return picture;
}

}  // namespace assay
