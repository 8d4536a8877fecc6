// features/homography/point_pair.h: one point seen in two pictures, and what a 3 x 3 matrix does to points.
#pragma once
#include <cmath>
#include <opencv2/core/types.hpp>
#include <span>

#include "assay/imgproc/geometry/matrix3.h"

namespace assay {

/// (x1, y1) in the first picture is (x2, y2) in the second. Pixels, or any other unit.
struct PointPair {
  double x1, y1, x2, y2;
};
using PointPairs = std::span<const PointPair>;

/// x' ~ H (x, y, 1); not finite where the point goes to infinity.
inline cv::Point2d map_point(const Matrix3& H, double x, double y) {
  const double w = H[6] * x + H[7] * y + H[8];
  return {(H[0] * x + H[1] * y + H[2]) / w, (H[3] * x + H[4] * y + H[5]) / w};
}

/// |x' - H x|: how far the mapped first point lies from the second.
inline double transfer_error(const Matrix3& H, const PointPair& p) {
  const cv::Point2d q = map_point(H, p.x1, p.y1);
  return std::hypot(q.x - p.x2, q.y - p.y2);
}

/// The same map with h33 = 1; where h33 is (nearly) 0 that would not do: length 1, and the first large entry positive.
Matrix3 with_unit_corner(const Matrix3& H);

/// DataError naming `who` at the first pair that holds NaN or infinity.
void check_finite(const char* who, PointPairs pairs);

}  // namespace assay
