#include "assay/features/feature.h"

#include <cmath>
#include <opencv2/core.hpp>

#include "assay/features/drawing.h"

namespace assay {

cv::Mat draw_points(const cv::Mat& image, const FeatureTable& table) {
  Drawing picture = dimmed(image);
  constexpr double kRadius = 3.5;
  for (size_t row = table.rows(); row-- > 0;) {  // the strongest last, on top
    const double x = table.at(row, 0), y = table.at(row, 1);
    const cv::Vec3b colour = rank_colour(row, table.rows());
    for (int py = static_cast<int>(std::floor(y - kRadius)); py <= std::ceil(y + kRadius); ++py)
      for (int px = static_cast<int>(std::floor(x - kRadius)); px <= std::ceil(x + kRadius); ++px) {
        if (px < 0 || py < 0 || px >= picture.cols || py >= picture.rows) continue;
        if (std::abs(std::hypot(px - x, py - y) - kRadius) < 0.7) picture(py, px) = colour;
      }
  }
  return picture;
}

}  // namespace assay
