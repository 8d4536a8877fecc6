// Point pairs of known homographies, and how far two homographies are apart.
#pragma once
#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "assay/core/rng.h"
#include "assay/features/homography/point_pair.h"

namespace assay::test {

inline constexpr double kWidth = 1000, kHeight = 800;  // of the first picture

/// Largest difference of entries, relative to the largest entry of b.
inline double difference(const Matrix3& a, const Matrix3& b) {
  double largest = 0, scale = 0;
  for (size_t i = 0; i < 9; ++i)
    largest = std::max(largest, std::abs(a[i] - b[i])), scale = std::max(scale, std::abs(b[i]));
  return largest / scale;
}

/// Length 1, first large entry positive.
inline Matrix3 unit(const Matrix3& H) {
  double squares = 0, sign = 0;
  for (double h : H) squares += h * h;
  for (double h : H)
    if (sign == 0 && h * h > 1e-3 * squares) sign = h < 0 ? -1 : 1;
  Matrix3 out;
  for (size_t i = 0; i < 9; ++i) out[i] = sign * H[i] / std::sqrt(squares);
  return out;
}

/// Mean distance between the images of the picture's corners.
inline double corner_error(const Matrix3& a, const Matrix3& b) {
  double sum = 0;
  for (double x : {0.0, kWidth})
    for (double y : {0.0, kHeight}) {
      const cv::Point2d p = map_point(a, x, y), q = map_point(b, x, y);
      sum += std::hypot(p.x - q.x, p.y - q.y) / 4;
    }
  return sum;
}

/// A view of a picture whose corners move by up to 150 pixels or so.
inline Matrix3 random_homography(Rng& rng) {
  const double turn = rng.uniform(-0.4, 0.4), s = rng.uniform(0.7, 1.4), c = s * std::cos(turn), d = s * std::sin(turn);
  return {c, -d + rng.uniform(-0.1, 0.1), rng.uniform(-99, 99),     d,
          c, rng.uniform(-99, 99),        rng.uniform(-2e-4, 2e-4), rng.uniform(-2e-4, 2e-4),
          1};
}

inline std::vector<PointPair> noisy_pairs(const Matrix3& H, int n, double sigma, Rng& rng) {
  std::vector<PointPair> pairs;
  for (int i = 0; i < n; ++i) {
    const double x = rng.uniform(0, kWidth), y = rng.uniform(0, kHeight);
    const cv::Point2d q = map_point(H, x, y);
    const double dx = sigma > 0 ? sigma * rng.normal() : 0, dy = sigma > 0 ? sigma * rng.normal() : 0;
    pairs.push_back({x, y, q.x + dx, q.y + dy});
  }
  return pairs;
}
inline std::vector<PointPair> exact_pairs(const Matrix3& H, int n, Rng& rng) { return noisy_pairs(H, n, 0, rng); }

inline Matrix3 matrix(const nlohmann::json& numbers) {
  Matrix3 H;
  for (size_t i = 0; i < 9; ++i) H[i] = numbers.at(i).get<double>();
  return H;
}
inline std::vector<PointPair> golden_pairs(const nlohmann::json& c) {
  std::vector<PointPair> pairs;
  for (const auto& row : c.at("pairs")) pairs.push_back({row.at(0), row.at(1), row.at(2), row.at(3)});
  return pairs;
}

}  // namespace assay::test
