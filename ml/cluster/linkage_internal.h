// ml/cluster/linkage_internal.h: what the three ways to merge share.
#pragma once
#include <algorithm>

#include "assay/ml/cluster/linkage.h"

namespace assay::cluster {

/// A merge before the clusters have numbers: row i of one, row j of the other (i < j), at a distance that single,
/// complete and Ward leave squared.
struct Joint {
  double distance;
  Index i, j;
  bool operator<(const Joint& o) const {
    if (distance != o.distance) return distance < o.distance;
    return i != o.i ? i < o.i : j < o.j;
  }
};

inline bool is_squared(Linkage linkage) { return linkage != Linkage::average; }

/// out[j - begin] = |x_i - x_j|^2, summed up one coordinate after the other; Xt: d x n, a coordinate a row.
void squared_distances(const Matrix& Xt, Index i, Index begin, Index end, double* out);

/// d(A + B, C) of [Lance1967] from d(A, C), d(B, C), d(A, B) and the sizes; squared but for average. Never below the
/// smaller of the first two, which rounding alone could do.
inline double joined_distance(Linkage linkage, double ac, double bc, double ab, double a, double b, double c) {
  switch (linkage) {
    case Linkage::single:
      return std::min(ac, bc);
    case Linkage::complete:
      return std::max(ac, bc);
    case Linkage::average:
      return std::max(std::min(ac, bc), (a * ac + b * bc) / (a + b));
    case Linkage::ward:
      break;
  }
  return std::max(std::min(ac, bc), ((a + c) * ac + (b + c) * bc - c * ab) / (a + b + c));
}

/// Sorts the joints and gives the clusters their numbers.
std::vector<Merge> number_merges(std::vector<Joint> joints, Index n, Linkage linkage, const Context& ctx);

}  // namespace assay::cluster
