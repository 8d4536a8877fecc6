// ml/metrics/clustering_kernels.h: the inner loop of the silhouette.
#pragma once
#include "assay/core/linalg.h"

namespace assay {

/// Sum over j in begin .. end of |P_j - x|, for P column-major (a column every `stride`), d columns. At most kDistanceBlock rows.
inline constexpr Eigen::Index kDistanceBlock = 256;
double sum_of_distances(const double* P, Eigen::Index stride, Eigen::Index begin, Eigen::Index end, const double* x,
                        Eigen::Index d);

}  // namespace assay
