// features/homography/homography_kernels.cpp: plain loops; 34 sums in one pass.
#include "assay/features/homography/homography_kernels.h"

namespace assay {

TransferSums transfer_sums(const double* __restrict x, const double* __restrict y, const double* __restrict u,
                           const double* __restrict v, ptrdiff_t n, const double* H) {
  const double h0 = H[0], h1 = H[1], h2 = H[2], h3 = H[3], h4 = H[4], h5 = H[5], h6 = H[6], h7 = H[7], h8 = H[8];
  double cost = 0, m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0, u0 = 0, u1 = 0, u2 = 0, u3 = 0, u4 = 0, u5 = 0;
  double v0 = 0, v1 = 0, v2 = 0, v3 = 0, v4 = 0, v5 = 0, d0 = 0, d1 = 0, d2 = 0, d3 = 0, d4 = 0, d5 = 0;
  double g0 = 0, g1 = 0, g2 = 0, g3 = 0, g4 = 0, g5 = 0, g6 = 0, g7 = 0, g8 = 0;
#pragma omp simd reduction(+ : cost, m0, m1, m2, m3, m4, m5, u0, u1, u2, u3, u4, u5, v0, v1, v2, v3, v4, v5, d0, d1, \
                               d2, d3, d4, d5, g0, g1, g2, g3, g4, g5, g6, g7, g8)
  for (ptrdiff_t i = 0; i < n; ++i) {
    const double t = 1 / (h6 * x[i] + h7 * y[i] + h8);
    const double a = (h0 * x[i] + h1 * y[i] + h2) * t, b = (h3 * x[i] + h4 * y[i] + h5) * t;
    const double ru = a - u[i], rv = b - v[i], xt = x[i] * t, yt = y[i] * t, square = a * a + b * b;
    const double xx = xt * xt, xy = xt * yt, x1 = xt * t, yy = yt * yt, y1 = yt * t, one = t * t;
    cost += ru * ru + rv * rv;
    m0 += xx, m1 += xy, m2 += x1, m3 += yy, m4 += y1, m5 += one;
    u0 += a * xx, u1 += a * xy, u2 += a * x1, u3 += a * yy, u4 += a * y1, u5 += a * one;
    v0 += b * xx, v1 += b * xy, v2 += b * x1, v3 += b * yy, v4 += b * y1, v5 += b * one;
    d0 += square * xx, d1 += square * xy, d2 += square * x1, d3 += square * yy, d4 += square * y1, d5 += square * one;
    const double s = -(a * ru + b * rv);
    g0 += ru * xt, g1 += ru * yt, g2 += ru * t;
    g3 += rv * xt, g4 += rv * yt, g5 += rv * t;
    g6 += s * xt, g7 += s * yt, g8 += s * t;
  }
  return {cost,
          {m0, m1, m2, m3, m4, m5},
          {u0, u1, u2, u3, u4, u5},
          {v0, v1, v2, v3, v4, v5},
          {d0, d1, d2, d3, d4, d5},
          {g0, g1, g2, g3, g4, g5, g6, g7, g8}};
}

double transfer_cost(const double* __restrict x, const double* __restrict y, const double* __restrict u,
                     const double* __restrict v, ptrdiff_t n, const double* H) {
  const double h0 = H[0], h1 = H[1], h2 = H[2], h3 = H[3], h4 = H[4], h5 = H[5], h6 = H[6], h7 = H[7], h8 = H[8];
  double cost = 0;
#pragma omp simd reduction(+ : cost)
  for (ptrdiff_t i = 0; i < n; ++i) {
    const double t = 1 / (h6 * x[i] + h7 * y[i] + h8);
    const double ru = (h0 * x[i] + h1 * y[i] + h2) * t - u[i], rv = (h3 * x[i] + h4 * y[i] + h5) * t - v[i];
    cost += ru * ru + rv * rv;
  }
  return cost;
}

}  // namespace assay
