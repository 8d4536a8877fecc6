// imgproc/geometry/rounding_internal.h: the correctly rounded integer of a sum known to some error.
#pragma once
#include <cmath>

namespace assay::detail {

/// The nearest whole number of a value within `error` of v: a half that it might be is taken for one, and goes to the even.
inline double nearest_or_tie(double v, double error) {
  const double low = std::floor(v);
  if (std::abs(v - low - 0.5) <= error) return 2 * std::floor((low + 1) / 2);
  return v - low < 0.5 ? low : low + 1;
}

}  // namespace assay::detail
