#include <algorithm>
#include <cmath>
#include <cstdint>

#include "assay/features/hough/binning_internal.h"

namespace assay::hough {

Binning::Binning(cv::Size size, double theta, int zero) : c_(std::cos(theta)), s_(std::sin(theta)), zero_(zero) {
  // Of |x c| + |y s| <= diagonal and of zero: c, s, start, the products and the sums, each rounded to 24 bits.
  const bool exact = std::max(size.width, size.height) < 1 << 20;  // the coordinates are
  slack_ =
      exact ? std::ldexp(4.0F * static_cast<float>(offset_for(size)) + 3.0F * static_cast<float>(zero) + 4, -24) : 1;
}

void Binning::operator()(const int* x, const int* y, size_t n, int* bin) const {
  uint32_t near =
      bins_of(x, y, n, static_cast<float>(c_), static_cast<float>(s_), static_cast<float>(zero_ + 0.5), slack_, bin);
  for (size_t first = 0; near != 0; first += kGroup, near >>= 1)
    if (near & 1)
      for (size_t i = first; i < std::min(n, first + kGroup); ++i) bin[i] = zero_ + nearest(x[i] * c_ + y[i] * s_);
}

}  // namespace assay::hough
