#include "assay/features/calibration/undistort_kernels.h"

namespace assay {

// With s = x^2 and radial = 1 + k1 r2 + k2 r2^2 + k3 r2^3, r2 = s + y^2 (see camera.h), along a row
//   x_d = x (radial + 2 p1 y) + p2 (3 s + y^2),   y_d = y radial + p1 (s + 3 y^2) + 2 p2 x y
// are polynomials in s and x, whose coefficients are made once.
void lens_row(const double* camera, double x0, double dx, double y, ptrdiff_t n, float* __restrict u,
              float* __restrict v) {
  const double fx = camera[0], fy = camera[1], cx = camera[2], cy = camera[3], k1 = camera[4], k2 = camera[5],
               p1 = camera[6], p2 = camera[7], k3 = camera[8], skew = camera[9], y2 = y * y;
  const double radial[] = {1 + y2 * (k1 + y2 * (k2 + y2 * k3)), k1 + y2 * (2 * k2 + 3 * y2 * k3), k2 + 3 * y2 * k3, k3};
  double odd[4], even[4], lower[4];  // u = x odd(s) + even(s),  v = lower(s) + 2 fy p2 y x
  for (int j = 0; j < 4; ++j) {
    odd[j] = fx * radial[j];
    even[j] = skew * y * radial[j];
    lower[j] = fy * y * radial[j];
  }
  odd[0] += 2 * y * (fx * p1 + skew * p2);
  even[0] += y2 * (fx * p2 + 3 * skew * p1) + cx;
  even[1] += 3 * fx * p2 + skew * p1;
  lower[0] += 3 * fy * p1 * y2 + cy;
  lower[1] += fy * p1;
  const double slope = 2 * fy * p2 * y;
  for (int i = 0; i < static_cast<int>(n); ++i) {
    const double x = x0 + i * dx, s = x * x;
    u[i] = static_cast<float>(x * (odd[0] + s * (odd[1] + s * (odd[2] + s * odd[3]))) +
                              (even[0] + s * (even[1] + s * (even[2] + s * even[3]))));
    v[i] = static_cast<float>(slope * x + (lower[0] + s * (lower[1] + s * (lower[2] + s * lower[3]))));
  }
}

}  // namespace assay
