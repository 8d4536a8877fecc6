#include <bit>
#include <cmath>

#include "assay/features/hough/binning_internal.h"

namespace assay::hough {

// |x c + y s| and zero stay below the diagonal and some, so their sum below 2^30.
Binning::Binning(cv::Size size, double theta, int zero)
    : fraction_(29 - static_cast<int>(std::bit_width(static_cast<unsigned>(offset_for(size))))),
      c_(static_cast<int>(std::lround(std::ldexp(std::cos(theta), fraction_)))),
      s_(static_cast<int>(std::lround(std::ldexp(std::sin(theta), fraction_)))),
      start_(static_cast<int>(std::lround(std::ldexp(zero + 0.5, fraction_)))) {}

}  // namespace assay::hough
