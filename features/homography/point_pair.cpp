#include "assay/features/homography/point_pair.h"

#include <algorithm>
#include <string>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/error.h"

namespace assay {

Matrix3 with_unit_corner(const Matrix3& H) {
  double largest = 0, squares = 0;
  for (double h : H) largest = std::max(largest, std::abs(h));
  for (double h : H) squares += (h / largest) * (h / largest);
  const bool corner = std::abs(H[8]) > 1e-9 * largest;
  const double unit = corner ? H[8] : sign_rule(H.data(), 9) * largest * std::sqrt(squares);
  Matrix3 scaled;
  for (size_t i = 0; i < 9; ++i) scaled[i] = H[i] / unit;
  return scaled;
}

void check_finite(const char* who, PointPairs pairs) {
  for (size_t i = 0; i < pairs.size(); ++i)
    for (double v : {pairs[i].x1, pairs[i].y1, pairs[i].x2, pairs[i].y2})
      if (!std::isfinite(v))
        throw DataError(std::string(who) + ": pair " + std::to_string(i + 1) + " of " + std::to_string(pairs.size()) +
                            " holds a number that is not finite",
                        "leave that pair out");
}

}  // namespace assay
