// features/calibration/camera.h: a pinhole with a lens.
//
//   (x, y) = (X / Z, Y / Z)     the point in front of the camera, on the plane Z = 1
//   r^2 = x^2 + y^2,   radial = 1 + k1 r^2 + k2 r^4 + k3 r^6
//   x' = x radial + 2 p1 x y + p2 (r^2 + 2 x^2)
//   y' = y radial + p1 (r^2 + 2 y^2) + 2 p2 x y                                                          [Brown1971]
//   u = fx x' + skew y' + cx,   v = fy y' + cy                                                   [Zhang2000, eq. 1]
//
// Units      fx, fy, cx, cy, skew in pixels, pixel centres at integer coordinates; k, p without unit (OpenCV's)
// See        [Zhang2000] sec. 2.1; [Brown1971] for the lens
#pragma once
#include <array>
#include <opencv2/core/types.hpp>
#include <optional>

#include "assay/imgproc/geometry/matrix3.h"

namespace assay {

/// The parameters of a camera, in the order of its standard deviations.
inline constexpr int kCameraParameters = 10;
inline constexpr std::array<const char*, kCameraParameters> kCameraNames{"fx", "fy", "cx", "cy", "k1",
                                                                         "k2", "p1", "p2", "k3", "skew"};

struct Camera {
  cv::Size size;
  double fx = 1, fy = 1, cx = 0, cy = 0;
  double k1 = 0, k2 = 0, p1 = 0, p2 = 0, k3 = 0;
  double skew = 0;

  std::array<double, kCameraParameters> values() const { return {fx, fy, cx, cy, k1, k2, p1, p2, k3, skew}; }
  void set(const std::array<double, kCameraParameters>& v) {
    fx = v[0], fy = v[1], cx = v[2], cy = v[3], k1 = v[4], k2 = v[5], p1 = v[6], p2 = v[7], k3 = v[8], skew = v[9];
  }
  Matrix3 matrix() const { return {fx, skew, cx, 0, fy, cy, 0, 0, 1}; }
};

/// The lens: (x', y') from (x, y), both on the plane Z = 1.
cv::Point2d distort(const Camera& camera, const cv::Point2d& p);
/// Its inverse by Newton's method; nothing where the lens takes no point near p' there (the polynomial folds).
std::optional<cv::Point2d> undistort(const Camera& camera, const cv::Point2d& distorted);

/// Pixels of a point of the plane Z = 1, through the lens.
cv::Point2d to_pixel(const Camera& camera, const cv::Point2d& p);
/// The point of the plane Z = 1 that is seen at a pixel.
std::optional<cv::Point2d> from_pixel(const Camera& camera, const cv::Point2d& pixel);

/// Where a board stands: camera = R board + t.
struct Pose {
  Matrix3 R = identity3;
  std::array<double, 3> t{0, 0, 1};
};
/// exp of the cross-product matrix of w: the rotation about w by |w| (Rodrigues).
Matrix3 rotation_about(const std::array<double, 3>& w);
/// Its inverse: the axis times the angle in [0, pi].
std::array<double, 3> rotation_vector(const Matrix3& R);

}  // namespace assay
