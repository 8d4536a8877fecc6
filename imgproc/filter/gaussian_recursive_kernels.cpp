#include "assay/imgproc/filter/gaussian_recursive_kernels.h"

namespace assay {

namespace {

// One direction: `step` is kLines or -kLines. `first`: writes the sum, else adds to it; both directions take the same steps,
// so that a turned line meets the same roundings.
template <bool first>
[[gnu::noinline]] void run(const double* f, const RecursiveTerm (&terms)[2], double* __restrict out, ptrdiff_t step,
                           ptrdiff_t n) {
  double before[kLines], one[2][kLines], two[2][kLines];  // f(i-1), u(i-1), u(i-2)
  for (int j = 0; j < kLines; ++j) {
    before[j] = f[j];
    for (int k = 0; k < 2; ++k) {
      const RecursiveTerm& t = terms[k];
      one[k][j] = two[k][j] = f[j] * ((t.n0 + t.n1) / (1 + t.d1 + t.d2));  // as if f had always been so
    }
  }
  const RecursiveTerm a = terms[0], b = terms[1];
  for (ptrdiff_t i = 0; i < n; ++i, f += step, out += step)
#pragma omp simd
    for (int j = 0; j < kLines; ++j) {
      const double now = f[j];
      const double u = a.n0 * now + a.n1 * before[j] - a.d1 * one[0][j] - a.d2 * two[0][j];
      const double v = b.n0 * now + b.n1 * before[j] - b.d1 * one[1][j] - b.d2 * two[1][j];
      before[j] = now;
      two[0][j] = one[0][j];
      two[1][j] = one[1][j];
      one[0][j] = u;
      one[1][j] = v;
      out[j] = first ? u + v : out[j] + (u + v);
    }
}

}  // namespace

void filter_lines(const double* f, const RecursiveTerm (&terms)[2], double centre, double* out, ptrdiff_t n) {
  run<true>(f, terms, out, kLines, n);
  run<false>(f + (n - 1) * kLines, terms, out + (n - 1) * kLines, -kLines, n);
  for (ptrdiff_t i = 0; i < n * kLines; ++i) out[i] -= centre * f[i];
}

}  // namespace assay
