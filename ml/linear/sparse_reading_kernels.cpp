#include "assay/ml/linear/sparse_reading_kernels.h"

namespace assay {
namespace {

using Index = std::ptrdiff_t;

}  // namespace

// g++ tunes for this processor, and would not use its gathers, which are faster here: a pair is a cache line of its own.
#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target("tune=icelake-server")))
#endif
double
pair_score(const SparseRow& row, const double* __restrict pairs) {
  const double* x = row.value;
  const int32_t* f = row.column;
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (Index e = 0; e < row.entries; ++e) total += x[e] * pairs[2 * f[e]];  // below 2^31: read_classes
  return total;
}

// The columns of a row differ: four sums are on their way at a time.
void add_to_pairs(const SparseRow& row, double r, double* __restrict pairs) {
  const double* x = row.value;
  const int32_t* f = row.column;
  double* sums = pairs + 1;
  Index e = 0;
  for (; e + 4 <= row.entries; e += 4) {
    const double a = sums[2 * Index{f[e]}] + x[e] * r, b = sums[2 * Index{f[e + 1]}] + x[e + 1] * r;
    const double c = sums[2 * Index{f[e + 2]}] + x[e + 2] * r, d = sums[2 * Index{f[e + 3]}] + x[e + 3] * r;
    sums[2 * Index{f[e]}] = a;
    sums[2 * Index{f[e + 1]}] = b;
    sums[2 * Index{f[e + 2]}] = c;
    sums[2 * Index{f[e + 3]}] = d;
  }
  for (; e < row.entries; ++e) sums[2 * Index{f[e]}] += x[e] * r;
}

void add_scores(const SparseRow& row, Index K, const double* A, double* z) {
  for (Index e = 0; e < row.entries; ++e) {
    const double x = row.value[e];
    const double* w = A + 2 * K * row.column[e];
    for (Index k = 0; k < K; ++k) z[k] += x * w[k];
  }
}

void add_to_sums(const SparseRow& row, Index K, const double* __restrict r, double* __restrict A) {
  for (Index e = 0; e < row.entries; ++e) {
    const double x = row.value[e];
    double* sums = A + 2 * K * row.column[e] + K;
    for (Index k = 0; k < K; ++k) sums[k] += x * r[k];
  }
}

}  // namespace assay
