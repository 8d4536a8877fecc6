#include "assay/core/reflectors.h"

#include <algorithm>
#include <cmath>

namespace assay {

double reflector(Eigen::Ref<Vector> x, double* beta) {
  const Index n = x.size();
  const double largest = n > 1 ? x.tail(n - 1).cwiseAbs().maxCoeff() : 0.0;
  *beta = x[0];
  if (largest == 0) {
    x[0] = 1;
    return 0;
  }
  const double scale = std::ldexp(1.0, std::clamp(std::ilogb(std::max(largest, std::abs(x[0]))), -1000, 1000));
  x /= scale;
  const double alpha = x[0];
  const double length = std::sqrt(dot(x.data(), x.data(), n));
  const double image = alpha > 0 ? -length : length;
  *beta = image * scale;
  x.tail(n - 1) /= alpha - image;
  x[0] = 1;
  return (image - alpha) / image;
}

void Reflectors::apply(Columns& Z) const {
  constexpr Index kTogether = 32;
  const Index count = tau.size(), n = v.rows();
  if (count == 0) return;
  for (Index first = (count - 1) / kTogether * kTogether; first >= 0; first -= kTogether) {
    const Index width = std::min(kTogether, count - first), m = n - first - first_row;
    const Columns V = v.block(first + first_row, first, m, width);
    const Columns VV = V.transpose() * V;
    Columns S = Columns::Zero(width, width);
    for (Index i = 0; i < width; ++i) {
      S(i, i) = tau[first + i];
      if (i) S.col(i).head(i) = -tau[first + i] * (S.topLeftCorner(i, i) * VV.col(i).head(i));
    }
    const Columns VZ = V.transpose() * Z.bottomRows(m);
    const Columns SVZ = S * VZ;
    Z.bottomRows(m).noalias() -= V * SVZ;
  }
}

}  // namespace assay
