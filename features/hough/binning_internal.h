// features/hough/binning_internal.h: the bin of a pixel, for those who vote pixel by pixel.
#pragma once
#include <cmath>
#include <cstddef>
#include <opencv2/core/mat.hpp>

#include "assay/features/hough/binning_kernels.h"

namespace assay::hough {

/// Bin of rho = 0: the diagonal, rounded up.
inline int offset_for(cv::Size size) { return static_cast<int>(std::ceil(std::hypot(size.width, size.height))); }

/// To the nearest whole number, halves away from 0.
inline int nearest(double rho) { return static_cast<int>(rho + std::copysign(0.5, rho)); }

/// Bins of pixels at one angle: zero + nearest(x c + y s). Computed in single precision; where a sum is too near to the
/// border of two bins for that, its group of pixels is computed by the formula itself.
class Binning {
 public:
  /// `zero`: the bin of rho = 0, such that no pixel's bin is negative.
  Binning(cv::Size size, double theta, int zero);
  /// Of n <= kBlock pixels.
  void operator()(const int* x, const int* y, size_t n, int* bin) const;

 private:
  double c_, s_;
  int zero_;
  float slack_;
};

}  // namespace assay::hough
