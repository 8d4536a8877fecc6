// features/calibration/camera.cpp
// Notation   (x, y) before the lens, (x', y') after it;  r2 = x^2 + y^2
// Method     undistort: Newton's method on distort(q) = p', from q = p'; each step solves the 2 x 2 system of the
//            lens's Jacobian
// Departures from the paper: [Brown1971] writes the lens as a correction of the seen point; here, as in OpenCV, the same
//            polynomial makes the seen point from the true one, and correcting solves it.

#include "assay/features/calibration/camera.h"

#include <cmath>

namespace assay {

namespace {

struct LensJacobian {
  double xx, xy, yy;  // d x'/dx, d x'/dy = d y'/dx, d y'/dy
};

LensJacobian lens_jacobian(const Camera& c, const cv::Point2d& p) {
  const double r2 = p.x * p.x + p.y * p.y, radial = 1 + r2 * (c.k1 + r2 * (c.k2 + r2 * c.k3));
  const double slope = c.k1 + r2 * (2 * c.k2 + 3 * r2 * c.k3);  // d radial / d r2
  return {radial + 2 * p.x * p.x * slope + 2 * c.p1 * p.y + 6 * c.p2 * p.x,
          2 * p.x * p.y * slope + 2 * c.p1 * p.x + 2 * c.p2 * p.y,
          radial + 2 * p.y * p.y * slope + 6 * c.p1 * p.y + 2 * c.p2 * p.x};
}

}  // namespace

cv::Point2d distort(const Camera& c, const cv::Point2d& p) {
  const double r2 = p.x * p.x + p.y * p.y, radial = 1 + r2 * (c.k1 + r2 * (c.k2 + r2 * c.k3));
  return {p.x * radial + 2 * c.p1 * p.x * p.y + c.p2 * (r2 + 2 * p.x * p.x),
          p.y * radial + c.p1 * (r2 + 2 * p.y * p.y) + 2 * c.p2 * p.x * p.y};
}

std::optional<cv::Point2d> undistort(const Camera& c, const cv::Point2d& distorted) {
  cv::Point2d q = distorted;
  for (int t = 0; t < 50; ++t) {
    const cv::Point2d off = distort(c, q) - distorted;
    const LensJacobian J = lens_jacobian(c, q);
    const double det = J.xx * J.yy - J.xy * J.xy;
    if (!(det > 1e-9)) return std::nullopt;  // beyond the fold
    const cv::Point2d step((J.yy * off.x - J.xy * off.y) / det, (J.xx * off.y - J.xy * off.x) / det);
    q -= step;
    if (!(std::abs(q.x) < 1e6 && std::abs(q.y) < 1e6)) return std::nullopt;
    if (std::abs(step.x) + std::abs(step.y) <= 1e-15 * (1 + std::abs(q.x) + std::abs(q.y))) break;
  }
  const cv::Point2d off = distort(c, q) - distorted;
  if (std::hypot(off.x, off.y) > 1e-12 * (1 + std::hypot(q.x, q.y))) return std::nullopt;
  return q;
}

cv::Point2d to_pixel(const Camera& c, const cv::Point2d& p) {
  const cv::Point2d d = distort(c, p);
  return {c.fx * d.x + c.skew * d.y + c.cx, c.fy * d.y + c.cy};
}

std::optional<cv::Point2d> from_pixel(const Camera& c, const cv::Point2d& pixel) {
  const double y = (pixel.y - c.cy) / c.fy;
  return undistort(c, {(pixel.x - c.cx - c.skew * y) / c.fx, y});
}

Matrix3 rotation_about(const std::array<double, 3>& w) {
  const double angle2 = w[0] * w[0] + w[1] * w[1] + w[2] * w[2], angle = std::sqrt(angle2);
  // sin a / a and (1 - cos a) / a^2, by their series near 0
  const double s = angle > 1e-4 ? std::sin(angle) / angle : 1 - angle2 / 6;
  const double half = std::sin(angle / 2), k = angle > 1e-4 ? 2 * half * half / angle2 : 0.5 - angle2 / 24;
  const double xx = w[0] * w[0], yy = w[1] * w[1], zz = w[2] * w[2];
  const double xy = k * w[0] * w[1], xz = k * w[0] * w[2], yz = k * w[1] * w[2];
  return {1 - k * (yy + zz), xy - s * w[2], xz + s * w[1], xy + s * w[2],    1 - k * (xx + zz),
          yz - s * w[0],     xz - s * w[1], yz + s * w[0], 1 - k * (xx + yy)};
}

std::array<double, 3> rotation_vector(const Matrix3& R) {
  const std::array<double, 3> v{(R[7] - R[5]) / 2, (R[2] - R[6]) / 2, (R[3] - R[1]) / 2};  // sin a times the axis
  const double s = std::hypot(v[0], v[1], v[2]), c = (R[0] + R[4] + R[8] - 1) / 2, angle = std::atan2(s, c);
  if (s > 1e-6) return {v[0] * angle / s, v[1] * angle / s, v[2] * angle / s};
  if (c > 0) return v;
  // Half a turn: R = 2 a a' - 1, the axis from the longest column of R + 1.
  size_t longest = 0;
  for (size_t i = 1; i < 3; ++i)
    if (R[4 * i] > R[4 * longest]) longest = i;
  std::array<double, 3> axis{R[longest], R[3 + longest], R[6 + longest]};
  axis[longest] += 1;
  const double n = std::hypot(axis[0], axis[1], axis[2]);
  return {axis[0] * angle / n, axis[1] * angle / n, axis[2] * angle / n};
}

}  // namespace assay
