// features/hough/edge_points_kernels.h: edge points around a centre.
#pragma once
#include <cstddef>

namespace assay::hough {

/// Of n points (x, y) with gradient directions (ux, uy): distance[i] from (a, b) where it lies within least and most and
/// |cosine| between gradient and radius is at least `aligned`; else -1.
void aligned_distances(const float* x, const float* y, const float* ux, const float* uy, size_t n, float a, float b,
                       float least, float most, float aligned, float* distance);

/// Histograms that share the work: a point's ring is seldom that of the point before but often of one nearby, and who has
/// just been counted cannot be read fast.
inline constexpr int kRingTables = 4;
/// Counts such points by their distance, rounded: table[0 .. kRingTables - 1][distance], each table `size` long, in all.
void count_rings(const float* x, const float* y, const float* ux, const float* uy, size_t n, float a, float b,
                 float least, float most, float aligned, int* tables, size_t size);

/// Sums over points near a circle, with weight w = (1 - (e / band)^2)^2 of the error e = distance from (a, b) - r, for the
/// step of Gauss and Newton: A = J'WJ (xx xy x1 yy y1 11) and g = J'We, J = (dx / distance, dy / distance, 1).
struct CircleMoments {
  double A[6], g[3];
};

/// Over those with |e| < band and |cosine| between gradient and radius at least `aligned`. In f32: the origin should be near.
CircleMoments circle_moments(const float* x, const float* y, const float* ux, const float* uy, size_t n, float a,
                             float b, float r, float band, float aligned);

/// How many there are.
int count_near_circle(const float* x, const float* y, const float* ux, const float* uy, size_t n, float a, float b,
                      float r, float band, float aligned);

/// Pixel k, column[k] of row row[k] of gx and gy (`stride` from row to row), is moved along its gradient to where the magnitude
/// is steepest: to the top of a parabola through one pixel before, at, and behind it, by 0.7 pixels at most. `m`: magnitude of
/// the same rows, one more at each side (`m_stride`). dx, dy: how far; ux, uy: direction of the gradient, of length 1.
void steepest_places(const float* gx, const float* gy, ptrdiff_t stride, const float* m, ptrdiff_t m_stride,
                     const int* column, const int* row, size_t n, float* dx, float* dy, float* ux, float* uy);

}  // namespace assay::hough
