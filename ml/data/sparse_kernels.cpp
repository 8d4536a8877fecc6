#include "assay/ml/data/sparse.h"

namespace assay {

ASSAY_GATHER double sparse_dot(const double* value, const int32_t* at, int64_t first, int64_t last, const double* w) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (int64_t e = first; e < last; ++e) total += value[e] * w[at[e]];
  return total;
}

}  // namespace assay
