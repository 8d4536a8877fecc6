// ml/neighbors/distance.h: reduced distances, added up one coordinate after the other.
//
//   euclidean  sum (x_f - z_f)^2        manhattan  sum |x_f - z_f|        chebyshev  max |x_f - z_f|
//   minkowski  sum |x_f - z_f|^p        cosine     euclidean, between rows of length 1 (twice 1 - cos)
//
// The order of the sum is fixed (f = 0, 1, ...), whether one pair is measured or a block of points at once, so that every
// search computes the same bits. And each step but Minkowski's is monotone under rounding: a part that is not smaller gives a total that
// is not smaller; the kd-tree's bound rests on that.
#pragma once
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "assay/core/linalg.h"
#include "assay/core/simd.h"
#include "assay/ml/neighbors/search.h"

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

struct Minkowski {
  double p;
  double add(double total, double difference) const { return total + std::pow(std::abs(difference), p); }
  void add(BlockDistances& total, const auto& difference) const {
    const BlockDistances part = difference.abs();
    for (int j = 0; j < kBlock; ++j) total[j] += std::pow(part[j], p);
  }
};

/// Calls f(metric) with the metric of `measure`.
template <class F>
auto with_metric(Measure measure, F&& f) {
  switch (measure.distance) {
    case Distance::manhattan:
      return f(Manhattan{});
    case Distance::chebyshev:
      return f(Chebyshev{});
    case Distance::minkowski:
      return f(Minkowski{measure.p});
    case Distance::euclidean:
    case Distance::cosine:
      break;
  }
  return f(Euclidean{});
}

template <class Metric>
double reduced_distance(const Metric& metric, const double* x, const double* z, Eigen::Index d) {
  double total = 0;
  for (Eigen::Index f = 0; f < d; ++f) total = metric.add(total, x[f] - z[f]);
  return total;
}

/// Those of several rows at once: each sum is a chain, and they do not wait for each other.
template <class Metric, size_t kRows>
void reduced_distances(const Metric& metric, const double* q, const double* const (&x)[kRows], Eigen::Index d,
                       double (&distance)[kRows]) {
  double total[kRows] = {};
  for (Eigen::Index f = 0; f < d; ++f)
    for (size_t l = 0; l < kRows; ++l) total[l] = metric.add(total[l], q[f] - x[l][f]);
  std::copy_n(total, kRows, distance);
}

/// The distance itself.
inline double from_reduced(Measure measure, double reduced) {
  switch (measure.distance) {
    case Distance::euclidean:
      return std::sqrt(reduced);
    case Distance::minkowski:
      return std::pow(reduced, 1 / measure.p);
    case Distance::cosine:
      return reduced / 2;
    case Distance::manhattan:
    case Distance::chebyshev:
      break;
  }
  return reduced;
}

template <class Metric>
BlockDistances distances_to_block(const Metric& metric, const double* q, const double* block, Eigen::Index d) {
  BlockDistances total = BlockDistances::Zero();
  for (Eigen::Index f = 0; f < d; ++f) metric.add(total, q[f] - Eigen::Map<const BlockDistances>(block + f * kBlock));
  return total;
}

/// The points of a block within the limit: bit j stands for point j. In vectors: a plain loop becomes sixteen scalar comparisons.
inline unsigned within(const BlockDistances& distance, double limit) {
  constexpr int kLanes = kSimdBytes / sizeof(double);
  using Bits = Simd<int64_t>;
  static_assert(kBlock % kLanes == 0);
  Bits own, near{};
  for (int l = 0; l < kLanes; ++l) own[l] = int64_t{1} << l;
#pragma GCC unroll 4
  for (int j = 0; j < kBlock; j += kLanes) near |= (simd_at(distance.data() + j) <= limit) & (own << j);
  const auto all = [](auto bits) {
    if constexpr (sizeof bits == 64) {
      bits |= __builtin_shufflevector(bits, bits, 4, 5, 6, 7, 0, 1, 2, 3);
      bits |= __builtin_shufflevector(bits, bits, 2, 3, 0, 1, 6, 7, 4, 5);
    } else {
      bits |= __builtin_shufflevector(bits, bits, 2, 3, 0, 1);
    }
    return static_cast<unsigned>(bits[0] | bits[1]);
  };
  return all(near);
}

}  // namespace assay::neighbors
