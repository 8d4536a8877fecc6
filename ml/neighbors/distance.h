// ml/neighbors/distance.h: reduced distances, added up one coordinate after the other.
//
//   euclidean  sum (x_f - z_f)^2        manhattan  sum |x_f - z_f|        chebyshev  max |x_f - z_f|
//
// The order of the sum is fixed (f = 0, 1, ...), whether one pair is measured or a block of points at once, so that every
// search computes the same bits. And each step is monotone under rounding: a part that is not smaller gives a total that
// is not smaller; the kd-tree's bound rests on that.
#pragma once
#include <Eigen/Core>
#include <cmath>

#include "assay/core/linalg.h"
#include "assay/ml/neighbors/knn.h"

namespace assay::neighbors {

/// Points measured together, coordinate by coordinate: block[f * kBlock + j] is coordinate f of point j.
inline constexpr int kBlock = 16;
using BlockDistances = Eigen::Array<double, kBlock, 1>;

/// A metric takes one more coordinate into a total: of a pair, or of a block.
struct Euclidean {
  static double add(double total, double difference) { return total + difference * difference; }
  static void add(BlockDistances& total, const auto& difference) { total += difference.square(); }
};
struct Manhattan {
  static double add(double total, double difference) { return total + std::abs(difference); }
  static void add(BlockDistances& total, const auto& difference) { total += difference.abs(); }
};
struct Chebyshev {
  static double add(double total, double difference) {
    const double part = std::abs(difference);
    return part > total ? part : total;
  }
  static void add(BlockDistances& total, const auto& difference) { total = total.max(difference.abs()); }
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

template <class Metric>
BlockDistances distances_to_block(const double* q, const double* block, Eigen::Index d) {
  BlockDistances total = BlockDistances::Zero();
  for (Eigen::Index f = 0; f < d; ++f) Metric::add(total, q[f] - Eigen::Map<const BlockDistances>(block + f * kBlock));
  return total;
}

/// Whether any point of a block is within the limit.
inline bool any_within(const BlockDistances& distance, double limit) { return distance.minCoeff() <= limit; }

}  // namespace assay::neighbors
