// Method     two classes: with m = z for class 1 and -z for class 0, e = exp(-|z|): the loss is max(-m, 0) + log(1 + e), and the
//            probability of the other class e / (1 + e) or 1 / (1 + e), without a subtraction that could cancel
//            sums over rows are made in eight fixed lanes
#include "assay/ml/linear/logistic_kernels.h"

#include <algorithm>
#include <cmath>

#include "assay/core/exp_kernel.h"
#include "assay/core/linalg.h"

namespace assay::logistic {
namespace {

constexpr Index kLanes = 8;

// One row; returns its loss.
inline double two_class_row(double z, int code, double s, double& r, double& v) {
  const double sign = 2.0 * code - 1, m = sign * z;
  const double e = kernel::exp_of(-std::abs(z)), over = 1 / (1 + e);
  const double wrong = m >= 0 ? e * over : over;
  r = -sign * s * wrong;
  v = s * e * over * over;
  return s * ((m < 0 ? -m : 0.0) + kernel::log1p_of(e));
}

}  // namespace

double two_class_rows(Index n, const double* __restrict z, const int* __restrict code, const double* __restrict s,
                      double* __restrict r, double* __restrict v) {
  double lane[kLanes] = {};
  Index i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (Index l = 0; l < kLanes; ++l) lane[l] += two_class_row(z[i + l], code[i + l], s[i + l], r[i + l], v[i + l]);
  for (; i < n; ++i) lane[0] += two_class_row(z[i], code[i], s[i], r[i], v[i]);
  return sum(lane, kLanes);
}

double softmax_rows(Index n, Index K, Index stride, double* __restrict Z, const int* __restrict code,
                    const double* __restrict s, double* __restrict P, double* __restrict R) {
  double loss = 0;
  for (Index i = 0; i < n; ++i) {
    double* z = Z + i * stride;
    double top = z[0];
    for (Index k = 1; k < K; ++k) top = top < z[k] ? z[k] : top;
    for (Index k = 0; k < K; ++k) z[k] -= top;
    loss -= s[i] * z[code[i]];
  }
  for (Index j = 0; j < n * stride; ++j) Z[j] = kernel::exp_of(Z[j]);
  for (Index i = 0; i < n; ++i) {
    const double* z = Z + i * stride;
    double* p = P + i * K;
    double* r = R + i * stride;
    double total = 0;
#pragma omp simd reduction(+ : total)
    for (Index k = 0; k < K; ++k) total += z[k];
    loss += s[i] * std::log(total);
    const double scale = 1 / total;
    for (Index k = 0; k < K; ++k) {
      p[k] = z[k] * scale;
      r[k] = s[i] * p[k];
    }
    for (Index k = K; k < stride; ++k) r[k] = 0;
    r[code[i]] = s[i] * (p[code[i]] - 1);
  }
  return loss;
}

void softmax_curvature_rows(Index n, Index K, Index stride, const double* __restrict P, const double* __restrict s,
                            const double* __restrict U, double* __restrict V) {
  for (Index i = 0; i < n; ++i) {
    const double* p = P + i * K;
    const double* u = U + i * stride;
    double* v = V + i * stride;
    double mean = 0;
#pragma omp simd reduction(+ : mean)
    for (Index k = 0; k < K; ++k) mean += p[k] * u[k];
    for (Index k = 0; k < K; ++k) v[k] = s[i] * p[k] * (u[k] - mean);
    for (Index k = K; k < stride; ++k) v[k] = 0;
  }
}

double sigmoid(double z) {
  const double e = std::exp(-std::abs(z));
  return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

void softmax(double* z, Index K) {
  const double top = *std::max_element(z, z + K);
  double total = 0;
  for (Index k = 0; k < K; ++k) total += z[k] = std::exp(z[k] - top);
  for (Index k = 0; k < K; ++k) z[k] /= total;
}

}  // namespace assay::logistic
