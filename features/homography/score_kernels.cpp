// features/homography/score_kernels.cpp: plain loops that become vectors; blocks of pairs, so that a bad model is given up
// after few of them.
#include "assay/features/homography/score_kernels.h"

#include <algorithm>

namespace assay {

namespace {

constexpr ptrdiff_t kBlock = 128;

// e^2 = (a - u)^2 + (b - v)^2, (a, b) = H (x, y).
struct SquaredError {
  float h0, h1, h2, h3, h4, h5, h6, h7, h8;
  explicit SquaredError(const float* H)
      : h0(H[0]), h1(H[1]), h2(H[2]), h3(H[3]), h4(H[4]), h5(H[5]), h6(H[6]), h7(H[7]), h8(H[8]) {}
  float operator()(float x, float y, float u, float v) const {
    const float t = 1 / (h6 * x + h7 * y + h8);
    const float a = (h0 * x + h1 * y + h2) * t - u, b = (h3 * x + h4 * y + h5) * t - v;
    return a * a + b * b;
  }
};

}  // namespace

Score truncated_cost(const PairsOfFloat& pairs, const float* H, float limit, float stop_at) {
  const SquaredError error(H);
  const float* __restrict x = pairs.x, * __restrict y = pairs.y, * __restrict u = pairs.u, * __restrict v = pairs.v;
  Score score;
  for (ptrdiff_t begin = 0; begin < pairs.n; begin += kBlock) {
    const ptrdiff_t end = std::min(pairs.n, begin + kBlock);
    float cost = 0;
    int inliers = 0;
#pragma omp simd reduction(+ : cost, inliers)
    for (ptrdiff_t i = begin; i < end; ++i) {
      const float e = error(x[i], y[i], u[i], v[i]);
      const bool near = e <= limit;
      cost += near ? e : limit;
      inliers += near;
    }
    score.cost += cost;
    score.inliers += inliers;
    if (score.cost >= stop_at && end < pairs.n) {
      score.whole = false;
      return score;
    }
  }
  return score;
}

int count_below(const PairsOfFloat& pairs, const float* H, float limit, int wanted) {
  const SquaredError error(H);
  const float* __restrict x = pairs.x, * __restrict y = pairs.y, * __restrict u = pairs.u, * __restrict v = pairs.v;
  int count = 0;
  for (ptrdiff_t begin = 0; begin < pairs.n; begin += kBlock) {
    const ptrdiff_t end = std::min(pairs.n, begin + kBlock);
    int below = 0;
#pragma omp simd reduction(+ : below)
    for (ptrdiff_t i = begin; i < end; ++i) below += error(x[i], y[i], u[i], v[i]) < limit;
    count += below;
    if (count + (pairs.n - end) < wanted) return count;
  }
  return count;
}

void squared_errors(const PairsOfFloat& pairs, const float* H, float* __restrict out) {
  const SquaredError error(H);
  const float* __restrict x = pairs.x, * __restrict y = pairs.y, * __restrict u = pairs.u, * __restrict v = pairs.v;
#pragma omp simd
  for (ptrdiff_t i = 0; i < pairs.n; ++i) out[i] = error(x[i], y[i], u[i], v[i]);
}

}  // namespace assay
