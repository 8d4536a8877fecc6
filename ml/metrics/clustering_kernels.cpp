#include "assay/ml/metrics/clustering_kernels.h"

#include <cmath>

namespace assay {

double sum_of_distances(const double* P, Eigen::Index stride, Eigen::Index begin, Eigen::Index end, const double* x,
                        Eigen::Index d) {
  alignas(64) double square[kDistanceBlock];
  const Eigen::Index n = end - begin;
  for (Eigen::Index j = 0; j < n; ++j) square[j] = 0;
  for (Eigen::Index f = 0; f < d; ++f) {
    const double* column = P + f * stride + begin;
    const double at = x[f];
    for (Eigen::Index j = 0; j < n; ++j) {
      const double difference = column[j] - at;
      square[j] += difference * difference;
    }
  }
  for (Eigen::Index j = 0; j < n; ++j) square[j] = std::sqrt(square[j]);
  return sum(square, n);
}

}  // namespace assay
