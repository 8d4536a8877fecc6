#include "assay/ml/boosting/gain_kernels.h"

namespace assay::boosting {
namespace {

constexpr double kLeastShare = 1e-12;  ///< of the node's H on each side: less is what rounding leaves of nothing

/// score of gain.h as selections, which become vectors.
template <bool kSoft>
inline double smooth_score(double G, double H, double lambda, double alpha) {
  double T = std::abs(G);
  if (kSoft) T = T - alpha > 0 ? T - alpha : 0;
  const double denominator = H + lambda;
  return denominator > 0 ? 0.5 * T * T / denominator : 0;
}

template <bool kSoft>
void keys(int n, const double* __restrict G, const double* __restrict H, Sums extra, Sums total,
          const Regularization& r, float* __restrict key) {
  const double least = std::max(r.min_child_weight, kLeastShare * total.H), lambda = r.lambda, alpha = r.alpha;
#pragma omp simd
  for (int i = 0; i < n; ++i) {
    const double G_L = G[i] + extra.G, H_L = H[i] + extra.H, G_R = total.G - G_L, H_R = total.H - H_L;
    const float both =
        static_cast<float>(smooth_score<kSoft>(G_L, H_L, lambda, alpha) + smooth_score<kSoft>(G_R, H_R, lambda, alpha));
    key[i] = (H_L >= least) & (H_R >= least) ? both : -1.0f;
  }
}

}  // namespace

void candidate_keys(int n, const double* G, const double* H, Sums extra, Sums total, const Regularization& r,
                    float* key) {
  if (r.alpha > 0)
    keys<true>(n, G, H, extra, total, r, key);
  else
    keys<false>(n, G, H, extra, total, r, key);
}

}  // namespace assay::boosting
