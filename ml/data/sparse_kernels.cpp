// Four lanes hide the latency of an addition; gathers stay scalar, which is faster than the processor's own.
#include "assay/ml/data/sparse.h"

namespace assay {

double sparse_dot(const double* value, const int32_t* at, int64_t first, int64_t last, const double* w) {
  double a = 0, b = 0, c = 0, d = 0;
  int64_t e = first;
  for (; e + 4 <= last; e += 4) {
    a += value[e] * w[at[e]];
    b += value[e + 1] * w[at[e + 1]];
    c += value[e + 2] * w[at[e + 2]];
    d += value[e + 3] * w[at[e + 3]];
  }
  for (; e < last; ++e) a += value[e] * w[at[e]];
  return (a + c) + (b + d);
}

}  // namespace assay
