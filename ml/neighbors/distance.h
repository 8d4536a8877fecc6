// ml/neighbors/distance.h: reduced distances, added up one coordinate after the other.
//
//   euclidean  sum (x_f - z_f)^2        manhattan  sum |x_f - z_f|        chebyshev  max |x_f - z_f|
//
// The order of the sum is fixed (f = 0, 1, ...), whether one pair is measured or a block of points at once, so that every
// search computes the same bits. And each step is monotone under rounding: a part that is not smaller gives a total that
// is not smaller; the kd-tree's bound rests on that.
#pragma once
#include <array>
#include <cmath>

#include "assay/core/linalg.h"
#include "assay/ml/neighbors/knn.h"

namespace assay::neighbors {

struct Euclidean {
  static double add(double total, double difference) { return total + difference * difference; }
};
struct Manhattan {
  static double add(double total, double difference) { return total + std::abs(difference); }
};
struct Chebyshev {
  static double add(double total, double difference) {
    const double part = std::abs(difference);
    return part > total ? part : total;
  }
};

/// Calls f(Metric{}) with the struct of `distance`.
template <class F>
auto with_metric(Distance distance, F&& f) {
  switch (distance) {
    case Distance::manhattan:
      return f(Manhattan{});
    case Distance::chebyshev:
      return f(Chebyshev{});
    case Distance::euclidean:
      break;
  }
  return f(Euclidean{});
}

template <class Metric>
double reduced_distance(const double* x, const double* z, Eigen::Index d) {
  double total = 0;
  for (Eigen::Index f = 0; f < d; ++f) total = Metric::add(total, x[f] - z[f]);
  return total;
}

/// The distance itself.
inline double from_reduced(Distance distance, double reduced) {
  return distance == Distance::euclidean ? std::sqrt(reduced) : reduced;
}

/// Points measured together, coordinate by coordinate: block[f * kBlock + j] is coordinate f of point j.
inline constexpr int kBlock = 16;

template <class Metric>
void distances_to_block(const double* q, const double* block, Eigen::Index d, std::array<double, kBlock>& total) {
  total.fill(0);
  for (Eigen::Index f = 0; f < d; ++f, block += kBlock)
    for (int j = 0; j < kBlock; ++j)
      total[static_cast<size_t>(j)] = Metric::add(total[static_cast<size_t>(j)], q[f] - block[j]);
}

}  // namespace assay::neighbors
