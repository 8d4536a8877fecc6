// features/hough/rims_internal.h: the edge points of a picture, by tiles, for those who look for circles.
#pragma once
#include <algorithm>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assay/features/hough/rims_kernels.h"

namespace assay::hough {

class Rims {
 public:
  /// `edges`: 0 or not; gx, gy: the gradient, from which each edge pixel's sub-pixel place is found.
  Rims(const cv::Mat& edges, const cv::Mat_<float>& gx, const cv::Mat_<float>& gy);

  std::vector<float> x, y;    // tile by tile
  std::vector<float> ux, uy;  // direction of the gradient, of length 1; 0 once a circle has taken the point

  void take(size_t i) { ux[i] = uy[i] = 0; }

  static constexpr float kAligned = 0.9F;  // |cosine| between gradient and radius, at least

  /// Calls visit(i, distance) for each point within least > 0 and most of (a, b) with |cosine| at least `aligned`.
  template <class Visit>
  void for_rims_around(double a, double b, double least, double most, float aligned, Visit&& visit) const {
    constexpr size_t kBlock = 256;
    float distance[kBlock];
    const auto tile = [](double v, int n) { return std::clamp(static_cast<int>(v) / kTile, 0, n - 1); };
    // A point lies within a pixel of the edge pixel whose tile holds it.
    for (int row = tile(b - most - 1, rows_); row <= tile(b + most + 1, rows_); ++row) {
      const double beside = std::max({0.0, row * kTile - 1 - b, b - (row + 1) * kTile});
      const double half = std::sqrt(std::max(0.0, most * most - beside * beside)) + 1;
      const size_t begin = begin_[tile_at(tile(a - half, columns_), row)];
      const size_t end = begin_[tile_at(tile(a + half, columns_), row) + 1];
      for (size_t first = begin; first < end; first += kBlock) {
        const size_t n = std::min(kBlock, end - first);
        aligned_distances(&x[first], &y[first], &ux[first], &uy[first], n, static_cast<float>(a), static_cast<float>(b),
                          static_cast<float>(least), static_cast<float>(most), aligned, distance);
        int near[kBlock];
        size_t count = 0;
        for (size_t i = 0; i < n; ++i) {
          near[count] = static_cast<int>(i);
          count += distance[i] >= 0;
        }
        for (size_t k = 0; k < count; ++k) {
          const auto i = static_cast<size_t>(near[k]);
          visit(first + i, distance[i]);
        }
      }
    }
  }

 private:
  static constexpr int kTile = 32;
  size_t tile_at(int column, int row) const {
    return static_cast<size_t>(row) * static_cast<size_t>(columns_) + static_cast<size_t>(column);
  }
  void add(const cv::Mat_<float>& gx, const cv::Mat_<float>& gy, int px, int py);

  int columns_, rows_;         // of tiles
  std::vector<size_t> begin_;  // of each tile's points, and the end
};

}  // namespace assay::hough
