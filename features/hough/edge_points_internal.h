// features/hough/edge_points_internal.h: the edge points of a picture, by tiles, for those who look for circles.
#pragma once
#include <algorithm>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assay/features/hough/edge_points_kernels.h"
#include "assay/imgproc/edge/canny_internal.h"

namespace assay::hough {

class OrientedEdgePoints {
 public:
  /// The edges that Canny finds with these thresholds in the picture smoothed by `sigma`.
  OrientedEdgePoints(const cv::Mat& image, double sigma, double low, double high, const Context& ctx);

  cv::Mat edges;              // u8: 255 on an edge, 0 elsewhere
  std::vector<float> x, y;    // tile by tile
  std::vector<float> ux, uy;  // direction of the gradient, of length 1; 0 once a circle has taken the point

  void take(size_t i) { ux[i] = uy[i] = 0; }

  static constexpr float kAligned = 0.9F;  // |cosine| between gradient and radius, at least

  /// Calls visit(begin, end) for ranges of at most kBlock points that hold all within `most` of (a, b), and others.
  static constexpr size_t kBlock = 256;
  template <class Visit>
  void for_blocks_around(double a, double b, double most, Visit&& visit) const {
    const auto tile = [](double v, int n) { return std::clamp(static_cast<int>(v) / kTile, 0, n - 1); };
    // A point lies within a pixel of the edge pixel whose tile holds it.
    for (int row = tile(b - most - 1, rows_); row <= tile(b + most + 1, rows_); ++row) {
      const double beside = std::max({0.0, row * kTile - 1 - b, b - (row + 1) * kTile});
      const double half = std::sqrt(std::max(0.0, most * most - beside * beside)) + 1;
      const size_t end = begin_[tile_at(tile(a + half, columns_), row) + 1];
      for (size_t first = begin_[tile_at(tile(a - half, columns_), row)]; first < end; first += kBlock)
        visit(first, std::min(first + kBlock, end));
    }
  }

  /// Calls visit(i) for each point within least > 0 and most of (a, b) with |cosine| at least `aligned`.
  template <class Visit>
  void for_points_around(double a, double b, double least, double most, float aligned, Visit&& visit) const {
    float distance[kBlock];
    for_blocks_around(a, b, most, [&](size_t begin, size_t end) {
      aligned_distances(&x[begin], &y[begin], &ux[begin], &uy[begin], end - begin, static_cast<float>(a),
                        static_cast<float>(b), static_cast<float>(least), static_cast<float>(most), aligned, distance);
      size_t near[kBlock], count = 0;
      for (size_t i = begin; i < end; ++i) {
        near[count] = i;
        count += distance[i - begin] >= 0;
      }
      for (size_t k = 0; k < count; ++k) visit(near[k]);
    });
  }

 private:
  static constexpr int kTile = 32;
  size_t tile_at(int column, int row) const {
    return static_cast<size_t>(row) * static_cast<size_t>(columns_) + static_cast<size_t>(column);
  }
  int columns_, rows_;         // of tiles
  std::vector<size_t> begin_;  // of each tile's points, and the end
};

}  // namespace assay::hough
