#include "assay/features/feature.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

namespace assay {

namespace {

// 8-bit colour at 60 % brightness.
cv::Mat_<cv::Vec3b> dimmed(const cv::Mat& image) {
  cv::Mat_<cv::Vec3b> picture(image.size());
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

}  // namespace

cv::Mat draw_points(const cv::Mat& image, const FeatureTable& table) {
  cv::Mat_<cv::Vec3b> picture = dimmed(image);
  constexpr double kRadius = 3.5;
  for (size_t row = table.rows(); row-- > 0;) {  // the strongest last, on top
    const double x = table.at(row, 0), y = table.at(row, 1);
    const double rank = static_cast<double>(row) / static_cast<double>(std::max<size_t>(1, table.rows() - 1));
    const cv::Vec3b colour(40, static_cast<uchar>(60 + 180 * rank), static_cast<uchar>(255 - 155 * rank));
    for (int py = static_cast<int>(std::floor(y - kRadius)); py <= std::ceil(y + kRadius); ++py)
      for (int px = static_cast<int>(std::floor(x - kRadius)); px <= std::ceil(x + kRadius); ++px) {
        if (px < 0 || py < 0 || px >= picture.cols || py >= picture.rows) continue;
        if (std::abs(std::hypot(px - x, py - y) - kRadius) < 0.7) picture(py, px) = colour;
      }
  }
  return picture;
}

}  // namespace assay
