// features/calibration/undistort.cpp
// Notation   (x, y) on the plane Z = 1;  K' the shown camera
// Method     1 for a run of pixels of a row: (x, y) = K'^-1 (u, v)   2 through the lens to the pixel they were seen at
//            3 the picture's value there
// Departures from the paper: none; the rectangles of alpha are taken over every pixel of the border, where OpenCV takes a
//            grid of 9 x 9 places.

#include "assay/features/calibration/undistort.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/error.h"
#include "assay/features/calibration/undistort_kernels.h"

namespace assay {

namespace {

cv::Point2d plane_point(const Camera& camera, double u, double v) {
  const auto p = from_pixel(camera, {u, v});
  if (!p)
    throw DataError("the lens folds inside the picture: no point is seen at pixel (" +
                        std::to_string(static_cast<int>(u)) + ", " + std::to_string(static_cast<int>(v)) + ")",
                    "calibrate with fewer lens parameters (--distortion k1,k2), or leave --alpha out");
  return *p;
}

struct Rectangle {
  double left, top, right, bottom;
};

}  // namespace

Camera shown_camera(const Camera& camera, double alpha, const cv::Size& size) {
  constexpr double kMost = std::numeric_limits<double>::max();
  Rectangle inner{-kMost, -kMost, kMost, kMost}, outer{kMost, kMost, -kMost, -kMost};
  const auto widen = [&](const cv::Point2d& p) {
    outer = {std::min(outer.left, p.x), std::min(outer.top, p.y), std::max(outer.right, p.x),
             std::max(outer.bottom, p.y)};
  };
  const int w = camera.size.width, h = camera.size.height;
  for (int y = 0; y < h; ++y) {
    const cv::Point2d left = plane_point(camera, 0, y), right = plane_point(camera, w - 1, y);
    widen(left), widen(right);
    inner.left = std::max(inner.left, left.x), inner.right = std::min(inner.right, right.x);
  }
  for (int x = 0; x < w; ++x) {
    const cv::Point2d top = plane_point(camera, x, 0), bottom = plane_point(camera, x, h - 1);
    widen(top), widen(bottom);
    inner.top = std::max(inner.top, top.y), inner.bottom = std::min(inner.bottom, bottom.y);
  }
  if (!(inner.right > inner.left && inner.bottom > inner.top))
    throw DataError("the lens leaves no rectangle in which every pixel was seen", "--alpha 1 shows every pixel");
  // f (right - left) = width - 1, f left + c = 0
  const auto focal = [&](double from, double to, int pixels) { return std::max(1, pixels - 1) / (to - from); };
  const double fx0 = focal(inner.left, inner.right, size.width), fx1 = focal(outer.left, outer.right, size.width);
  const double fy0 = focal(inner.top, inner.bottom, size.height), fy1 = focal(outer.top, outer.bottom, size.height);
  Camera shown;
  shown.size = size;
  shown.fx = (1 - alpha) * fx0 + alpha * fx1, shown.fy = (1 - alpha) * fy0 + alpha * fy1;
  shown.cx = -(1 - alpha) * fx0 * inner.left - alpha * fx1 * outer.left;
  shown.cy = -(1 - alpha) * fy0 * inner.top - alpha * fy1 * outer.top;
  return shown;
}

void undistort(const Camera& camera, const Camera& shown, const Sampling& how, const cv::Mat& image, cv::Mat& out,
               const Context& ctx) {
  check_image("undistort", {kAnyDepth, kAnyChannels, Law::none, Law::none}, image);
  if (image.size() != camera.size)
    throw DataError("the camera was calibrated for " + std::to_string(camera.size.width) + "x" +
                        std::to_string(camera.size.height) + " pixels, the picture has " + std::to_string(image.cols) +
                        "x" + std::to_string(image.rows),
                    "calibrate with pictures of this size");
  if (detail::shares_memory(image, out)) out = cv::Mat();
  out.create(shown.size, image.type());
  const std::array<double, kCameraParameters> lens = camera.values();
  const bool none = camera.k1 == 0 && camera.k2 == 0 && camera.p1 == 0 && camera.p2 == 0 && camera.k3 == 0;
  if (none && shown.size == camera.size && shown.matrix() == camera.matrix()) return image.copyTo(out);
  sample_rows(
      image, how,
      [&](int y, RowOfMaps& to) {
        const double py = (y - shown.cy) / shown.fy;
        lens_row(lens.data(), -(shown.cx + shown.skew * py) / shown.fx, 1 / shown.fx, py, shown.size.width, to.u_space,
                 to.v_space);
        to.u = to.u_space, to.v = to.v_space;
      },
      out, ctx);
}

}  // namespace assay
