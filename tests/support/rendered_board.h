// A chessboard drawn through a homography or a lens: pictures whose corners are known.
#pragma once
#include <cmath>
#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/rng.h"

namespace assay::test {

struct RenderedBoard {
  int columns = 9, rows = 6;  ///< inner corners; the first at (0, 0), squares of side 1, a white rim of one square
  cv::Size size{640, 480};
  double dark = 0.15, bright = 0.8, paper = 0.85, ground = 0.5;  ///< full scale 1
  double noise = 0;                                              ///< standard deviation, of 255
};

/// board_from_pixel maps a place of the picture to the plane of the board; each pixel is the mean of 6 x 6 samples.
inline cv::Mat render(const RenderedBoard& b, const std::function<cv::Point2d(cv::Point2d)>& board_from_pixel,
                      uint64_t seed = 1) {
  constexpr int kSamples = 6;
  Rng rng(seed, 91);
  cv::Mat image(b.size, CV_8U);
  const auto value = [&](const cv::Point2d& p) {
    if (p.x < -2 || p.y < -2 || p.x > b.columns + 1 || p.y > b.rows + 1) return b.ground;
    if (p.x < -1 || p.y < -1 || p.x > b.columns || p.y > b.rows) return b.paper;
    return (static_cast<int>(std::floor(p.x)) + static_cast<int>(std::floor(p.y))) % 2 == 0 ? b.dark : b.bright;
  };
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      double sum = 0;
      for (int j = 0; j < kSamples; ++j)
        for (int i = 0; i < kSamples; ++i)
          sum += value(board_from_pixel({x - 0.5 + (i + 0.5) / kSamples, y - 0.5 + (j + 0.5) / kSamples}));
      const double v = 255 * sum / (kSamples * kSamples) + (b.noise > 0 ? b.noise * rng.normal() : 0);
      image.at<uint8_t>(y, x) = static_cast<uint8_t>(std::lround(std::min(255.0, std::max(0.0, v))));
    }
  return image;
}

/// A plane seen by a pinhole camera (f, centre of 640 x 480), turned about its axes, its corner (0, 0) at `at`, side s.
struct View {
  double turn_x = 0, turn_y = 0, turn_z = 0;
  cv::Point3d at{-4, -2.5, 14};
  double f = 600;
  cv::Point2d centre{319.5, 239.5};

  cv::Matx33d rotation() const {
    const double a = turn_x, b = turn_y, c = turn_z;
    const cv::Matx33d X(1, 0, 0, 0, std::cos(a), -std::sin(a), 0, std::sin(a), std::cos(a));
    const cv::Matx33d Y(std::cos(b), 0, std::sin(b), 0, 1, 0, -std::sin(b), 0, std::cos(b));
    const cv::Matx33d Z(std::cos(c), -std::sin(c), 0, std::sin(c), std::cos(c), 0, 0, 0, 1);
    return Z * Y * X;
  }
  cv::Matx33d homography() const {  // pixel from board
    const cv::Matx33d R = rotation();
    const cv::Matx33d plane(R(0, 0), R(0, 1), at.x, R(1, 0), R(1, 1), at.y, R(2, 0), R(2, 1), at.z);
    return cv::Matx33d(f, 0, centre.x, 0, f, centre.y, 0, 0, 1) * plane;
  }
};

inline cv::Point2d map_point(const cv::Matx33d& H, const cv::Point2d& p) {
  const cv::Vec3d q = H * cv::Vec3d(p.x, p.y, 1);
  return {q[0] / q[2], q[1] / q[2]};
}

inline cv::Mat render(const RenderedBoard& b, const cv::Matx33d& pixel_from_board, uint64_t seed = 1) {
  const cv::Matx33d inverse = pixel_from_board.inv();
  return render(
      b, [&](cv::Point2d p) { return map_point(inverse, p); }, seed);
}

/// The inner corners row by row.
inline std::vector<cv::Point2d> true_corners(const RenderedBoard& b, const cv::Matx33d& pixel_from_board) {
  std::vector<cv::Point2d> corners;
  for (int j = 0; j < b.rows; ++j)
    for (int i = 0; i < b.columns; ++i) corners.push_back(map_point(pixel_from_board, {double(i), double(j)}));
  return corners;
}

}  // namespace assay::test
