// features/hough/line_fit_kernels.cpp
#include "assay/features/hough/line_fit_kernels.h"

namespace assay::hough {

LineMoments line_moments(const EdgePoint* point, size_t n, double c, double s, double rho, double half) {
  const double per_half = 1 / half;
  double sum = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0, sum_yy = 0;
  int points = 0;
#pragma omp simd reduction(+ : sum, sum_x, sum_y, sum_xx, sum_xy, sum_yy, points)
  for (size_t i = 0; i < n; ++i) {
    const double x = point[i].x, y = point[i].y, part = (x * c + y * s - rho) * per_half, u = 1 - part * part;
    const double w = u > 0 ? u * u : 0;
    points += u > 0;
    sum += w, sum_x += w * x, sum_y += w * y, sum_xx += w * x * x, sum_xy += w * x * y, sum_yy += w * y * y;
  }
  return {sum, sum_x, sum_y, sum_xx, sum_xy, sum_yy, points};
}

}  // namespace assay::hough
