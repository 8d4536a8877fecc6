// features/homography/score_kernels.h: what a model costs on all pairs: the inner loop of robust estimation, in single
// precision. Pairs are in normalised coordinates: numbers near 1, errors below 1e-6.
#pragma once
#include <cstddef>

namespace assay {

struct PairsOfFloat {
  const float *x = nullptr, *y = nullptr, *u = nullptr, *v = nullptr;
  ptrdiff_t n = 0;
};

struct Score {
  float cost = 0;  ///< sum min(e^2, limit), e = |x' - H x|
  int inliers = 0;
  bool whole = true;  ///< false: given up where the cost reached `stop_at`
};
/// Pairs are summed in blocks; after each the sum is compared with `stop_at`: it can only grow.
Score truncated_cost(const PairsOfFloat& pairs, const float* H, float limit, float stop_at);

/// How many pairs have e^2 < limit; given up (and then less than `wanted`) once `wanted` cannot be reached any more.
int count_below(const PairsOfFloat& pairs, const float* H, float limit, int wanted);

void squared_errors(const PairsOfFloat& pairs, const float* H, float* out);

}  // namespace assay
