#include "assay/features/calibration/undistort_kernels.h"

namespace assay {

void lens_row(const double* camera, double x0, double dx, double y, ptrdiff_t n, float* __restrict u,
              float* __restrict v) {
  const double fx = camera[0], fy = camera[1], cx = camera[2], cy = camera[3], k1 = camera[4], k2 = camera[5],
               p1 = camera[6], p2 = camera[7], k3 = camera[8], skew = camera[9], y2 = y * y;
  for (ptrdiff_t i = 0; i < n; ++i) {
    const double x = x0 + static_cast<double>(static_cast<int>(i)) * dx, x2 = x * x, r2 = x2 + y2;
    const double radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3));
    const double xd = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x2);
    const double yd = y * radial + p1 * (r2 + 2 * y2) + 2 * p2 * x * y;
    u[i] = static_cast<float>(fx * xd + skew * yd + cx);
    v[i] = static_cast<float>(fy * yd + cy);
  }
}

}  // namespace assay
