// Method     exp only of t <= 0 (core/exp_kernel.h): p = 1 / (1 + e) or e / (1 + e) with e = exp(-|F|); the softmax after the
//            greatest margin is taken off
#include "assay/ml/boosting/objective_kernels.h"

#include <algorithm>
#include <cmath>

#include "assay/core/exp_kernel.h"

namespace assay::boosting {

void logistic_gradients(Index n, const float* __restrict F, const int* __restrict code, const double* __restrict s,
                        Gradient* __restrict out) {
#pragma omp simd
  for (Index i = 0; i < n; ++i) {
    const double e = kernel::exp_of(-std::abs(static_cast<double>(F[i]))), over = 1 / (1 + e);
    const double p = F[i] >= 0 ? over : e * over, w = s ? s[i] : 1.0;
    const float shown = static_cast<float>(p);
    out[i].g = static_cast<float>(w) * (shown - static_cast<float>(code[i]));
    out[i].h = static_cast<float>(w) * std::max(shown * (1 - shown), 1e-16f);
  }
}

void softmax_rows(Index n, int K, const float* __restrict F, float* __restrict shares) {
  for (Index i = 0; i < n; ++i) {
    const float* f = F + i * K;
    float* p = shares + i * K;
    float top = f[0];
    for (int k = 1; k < K; ++k) top = std::max(top, f[k]);
#pragma omp simd
    for (int k = 0; k < K; ++k) p[k] = static_cast<float>(kernel::exp_of(static_cast<double>(f[k] - top)));
    double sum = 0;
    for (int k = 0; k < K; ++k) sum += static_cast<double>(p[k]);
    const float over = static_cast<float>(1 / sum);
    for (int k = 0; k < K; ++k) p[k] *= over;
  }
}

double logistic_loss(Index n, const float* __restrict F, const int* __restrict code, const double* __restrict s) {
  constexpr Index kLanes = 8;
  double lane[kLanes] = {};
  const auto loss = [&](Index i) {
    const double f = static_cast<double>(F[i]), e = kernel::exp_of(-std::abs(f));
    return (s ? s[i] : 1.0) * (std::max(f, 0.0) + kernel::log1p_of(e) - (code[i] ? f : 0.0));
  };
  Index i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (Index l = 0; l < kLanes; ++l) lane[l] += loss(i + l);
  for (; i < n; ++i) lane[0] += loss(i);
  return sum(lane, kLanes);
}

}  // namespace assay::boosting
