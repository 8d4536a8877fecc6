// Four lanes hide the latency of an addition; gathers stay scalar, which is as fast as the processor's own.
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

namespace {

// Two chains of sums in registers.
template <Index k>
void add_rows_of(const double* __restrict value, const int32_t* __restrict at, int64_t first, int64_t last,
                 const double* __restrict w, double* __restrict out) {
  double even[k] = {}, odd[k] = {};
  int64_t e = first;
  for (; e + 2 <= last; e += 2) {
    const double *a = w + k * Index{at[e]}, *b = w + k * Index{at[e + 1]};
    for (Index c = 0; c < k; ++c) even[c] += value[e] * a[c];
    for (Index c = 0; c < k; ++c) odd[c] += value[e + 1] * b[c];
  }
  if (e < last)
    for (Index c = 0; c < k; ++c) even[c] += value[e] * w[k * Index{at[e]} + c];
  for (Index c = 0; c < k; ++c) out[c] += even[c] + odd[c];
}

}  // namespace

void add_sparse_rows(const double* value, const int32_t* at, int64_t first, int64_t last, const double* w, Index k,
                     double* out) {
  switch (k) {
    case 2:
      return add_rows_of<2>(value, at, first, last, w, out);
    case 3:
      return add_rows_of<3>(value, at, first, last, w, out);
    case 4:
      return add_rows_of<4>(value, at, first, last, w, out);
    default:
      for (int64_t e = first; e < last; ++e) {
        const double x = value[e];
        const double* row = w + k * Index{at[e]};
        for (Index c = 0; c < k; ++c) out[c] += x * row[c];
      }
  }
}

}  // namespace assay
