// ml/cluster/k_distance.h: the plot of [Ester1996, sec. 4.2], from which eps is read.
//
//   k-distance of a row: the radius within which the weights add up to min_points, the row itself counted (k = min_points)
//   curve: the k-distances, largest first; noise comes first, then the rows of clusters; eps is where the curve bends
//
// The bend is the point furthest below the chord from the curve's beginning to its end ([Satopaa2011]), after the 2 %
// of the rows with the largest distances, which are nearly all of them noise and whose size says nothing.
//
// Requires   what Dbscan::fit checks
// Cost       2 000 rows at most are asked (one drawn from each of as many equal stretches of the table) among all n
// See        dbscan.h; the figure of `cluster dbscan`
#pragma once
#include <string>
#include <vector>

#include "assay/core/context.h"
#include "assay/ml/data/samples.h"

namespace assay {

struct KDistanceCurve {
  std::vector<double> distance;  ///< largest first
  std::vector<double> share;     ///< of the (asked) weight that lies before each
  size_t bend = 0;               ///< index of the suggestion
  double eps = 1;                ///< above 0
  std::string note;              ///< what was suggested and why; one sentence
};

KDistanceCurve k_distance_curve(const Samples& samples, int min_points, const Context& ctx);

}  // namespace assay
