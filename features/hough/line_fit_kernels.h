// features/hough/line_fit_kernels.h: sums over edge points near a line.
#pragma once
#include <cstddef>

#include "assay/features/hough/line_fit.h"

namespace assay::hough {

/// Sums of w, w x, w y, w x^2, w xy, w y^2 over the points nearer than `half` to the line, with Tukey's biweight
/// w = (1 - (distance / half)^2)^2.
struct LineMoments {
  double w, x, y, xx, xy, yy;
  int points;
};
LineMoments line_moments(const EdgePoint* point, size_t n, double c, double s, double rho, double half);

}  // namespace assay::hough
