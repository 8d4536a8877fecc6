#include "assay/ml/bayes/discrete_kernels.h"

#include <cmath>
#include <limits>

#include "assay/core/exp_kernel.h"

namespace assay {

void logs(const double* __restrict x, std::ptrdiff_t n, double alpha, double* __restrict out) {
  constexpr double kNormal = std::numeric_limits<double>::min();
  int tiny = 0;
  for (std::ptrdiff_t j = 0; j < n; ++j) {
    out[j] = kernel::log_of(x[j] + alpha);
    tiny += x[j] + alpha < kNormal;
  }
  for (std::ptrdiff_t j = 0; j < n && tiny > 0; ++j)
    if (x[j] + alpha < kNormal) out[j] = std::log(x[j] + alpha);
}

bool all_allowed(const double* x, std::ptrdiff_t n, double least) {
  constexpr double kMost = std::numeric_limits<double>::max();
  int refused = 0;
#pragma omp simd reduction(+ : refused)
  for (std::ptrdiff_t j = 0; j < n; ++j) refused += !(x[j] >= least && x[j] <= kMost);
  return refused == 0;
}

}  // namespace assay
