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

/// Bins of pixels at one angle: x c + y s, from `zero` on, to the nearest whole number. In whole numbers: c and s are rounded to
/// 2^-19 at 640 x 480, which turns the angle by less than 1e-6, and to 2^-13 at the largest pictures.
class Binning {
 public:
  /// `zero`: the bin of rho = 0, such that no pixel's bin is negative.
  Binning(cv::Size size, double theta, int zero);
  void operator()(const int* x, const int* y, size_t n, int* bin) const {
    bins_of(x, y, n, c_, s_, start_, fraction_, bin);
  }

 private:
  int fraction_, c_, s_, start_;  // fraction_ bits behind the point
};

}  // namespace assay::hough
