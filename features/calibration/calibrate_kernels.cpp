#include "assay/features/calibration/calibrate_kernels.h"

#include <limits>

namespace assay {

namespace {

// N += a a' + b b', g += a ra + b rb, for the two rows a, b of a point.
void add_rows(const double* __restrict a, const double* __restrict b, double ra, double rb, ViewEquations& to) {
  for (int i = 0; i < kUnknowns; ++i) {
    double* __restrict row = to.N[i];
    const double ai = a[i], bi = b[i];
#pragma omp simd
    for (int j = 0; j < kUnknowns; ++j) row[j] += ai * a[j] + bi * b[j];
  }
#pragma omp simd
  for (int j = 0; j < kUnknowns; ++j) to.g[j] += ra * a[j] + rb * b[j];
}

}  // namespace

double view_equations(const double* camera, const double* R, const double* t, const double* board, const double* pixels,
                      ptrdiff_t n, ViewEquations* equations) {
  const double fx = camera[0], fy = camera[1], cx = camera[2], cy = camera[3], k1 = camera[4], k2 = camera[5],
               p1 = camera[6], p2 = camera[7], k3 = camera[8], skew = camera[9];
  if (equations) *equations = {};
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; ++i) {
    const double X = board[2 * i], Y = board[2 * i + 1];
    const double rx = R[0] * X + R[1] * Y, ry = R[3] * X + R[4] * Y, rz = R[6] * X + R[7] * Y;  // R M
    const double Z = rz + t[2];
    if (!(Z > 0)) return std::numeric_limits<double>::infinity();
    const double w = 1 / Z, x = (rx + t[0]) * w, y = (ry + t[1]) * w;
    const double r2 = x * x + y * y, radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3));
    const double xd = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x);
    const double yd = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y;
    const double ru = fx * xd + skew * yd + cx - pixels[2 * i], rv = fy * yd + cy - pixels[2 * i + 1];
    sum += ru * ru + rv * rv;
    if (!equations) continue;
    // The lens by its coefficients, and by x and y.
    const double lens_x[5] = {x * r2, x * r2 * r2, 2 * x * y, r2 + 2 * x * x, x * r2 * r2 * r2};
    const double lens_y[5] = {y * r2, y * r2 * r2, r2 + 2 * y * y, 2 * x * y, y * r2 * r2 * r2};
    const double slope = k1 + r2 * (2 * k2 + 3 * r2 * k3);
    const double xx = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x;
    const double xy = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y;
    const double yy = radial + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x;
    // u and v by x and y, then by the point in front of the camera: dx = (dX - x dZ) w.
    const double ux = (fx * xx + skew * xy) * w, uy = (fx * xy + skew * yy) * w, vx = fy * xy * w, vy = fy * yy * w;
    const double uz = -(ux * x + uy * y), vz = -(vx * x + vy * y);
    alignas(64) double a[kUnknowns], b[kUnknowns];
    a[0] = xd, a[1] = 0, a[2] = 1, a[3] = 0, a[9] = yd;
    b[0] = 0, b[1] = yd, b[2] = 0, b[3] = 1, b[9] = 0;
    for (int k = 0; k < 5; ++k) a[4 + k] = fx * lens_x[k] + skew * lens_y[k], b[4 + k] = fy * lens_y[k];
    // A turn w moves R M by w x R M.
    a[10] = uz * ry - uy * rz, a[11] = ux * rz - uz * rx, a[12] = uy * rx - ux * ry;
    b[10] = vz * ry - vy * rz, b[11] = vx * rz - vz * rx, b[12] = vy * rx - vx * ry;
    a[13] = ux, a[14] = uy, a[15] = uz;
    b[13] = vx, b[14] = vy, b[15] = vz;
    add_rows(a, b, ru, rv, *equations);
  }
  return sum;
}

}  // namespace assay
