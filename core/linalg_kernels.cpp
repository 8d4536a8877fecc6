// Sums in eight fixed lanes. The lanes are part of the definition: they make the order of additions the same at every
// address and for every way the compiler vectorises the loop.
#include "assay/core/linalg.h"

namespace assay {
namespace {

constexpr Eigen::Index kLanes = 8;

double add_lanes(const double* lane) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

}  // namespace

double sum(const double* x, Eigen::Index n) {
  double lane[kLanes] = {};
  Eigen::Index i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (Eigen::Index l = 0; l < kLanes; ++l) lane[l] += x[i + l];
  for (Eigen::Index l = 0; i + l < n; ++l) lane[l] += x[i + l];
  return add_lanes(lane);
}

double dot(const double* x, const double* y, Eigen::Index n) {
  double lane[kLanes] = {};
  Eigen::Index i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (Eigen::Index l = 0; l < kLanes; ++l) lane[l] += x[i + l] * y[i + l];
  for (Eigen::Index l = 0; i + l < n; ++l) lane[l] += x[i + l] * y[i + l];
  return add_lanes(lane);
}

// x - x is 0 of every number and NaN of all else.
bool all_finite(const double* x, Eigen::Index n) {
  double lane[kLanes] = {};
  Eigen::Index i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (Eigen::Index l = 0; l < kLanes; ++l) lane[l] += x[i + l] - x[i + l];
  for (Eigen::Index l = 0; i + l < n; ++l) lane[l] += x[i + l] - x[i + l];
  return add_lanes(lane) == 0;
}

}  // namespace assay
