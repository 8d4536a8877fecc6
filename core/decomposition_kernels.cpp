#include "assay/core/decomposition_kernels.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

// Entries 0..n-1 of R rows (stride apart): their products with x are added to product[0..R), and v[r] times row r to y.
template <int R>
void both_products(const double* __restrict a, Eigen::Index stride, const double* __restrict x, Eigen::Index n,
                   const double* v, double* __restrict y, double* product) {
  double total[R] = {};
  double t0 = 0, t1 = 0, t2 = 0, t3 = 0;
  if constexpr (R == 4) {
    const double v0 = v[0], v1 = v[1], v2 = v[2], v3 = v[3];
    const double *a1 = a + stride, *a2 = a1 + stride, *a3 = a2 + stride;
#pragma omp simd reduction(+ : t0, t1, t2, t3)
    for (Eigen::Index j = 0; j < n; ++j) {
      y[j] += (v0 * a[j] + v1 * a1[j]) + (v2 * a2[j] + v3 * a3[j]);
      t0 += a[j] * x[j];
      t1 += a1[j] * x[j];
      t2 += a2[j] * x[j];
      t3 += a3[j] * x[j];
    }
    total[0] = t0, total[1] = t1, total[2] = t2, total[3] = t3;
  } else {
    const double v0 = v[0];
#pragma omp simd reduction(+ : t0)
    for (Eigen::Index j = 0; j < n; ++j) {
      y[j] += v0 * a[j];
      t0 += a[j] * x[j];
    }
    total[0] = t0;
  }
  for (int r = 0; r < R; ++r) product[r] += total[r];
}

}  // namespace

void rotate(double* __restrict x, double* __restrict y, Eigen::Index n, double c, double s) {
#pragma omp simd
  for (Eigen::Index i = 0; i < n; ++i) {
    const double a = x[i], b = y[i];
    x[i] = c * a + s * b;
    y[i] = c * b - s * a;
  }
}

void rotate_little(double* __restrict x, double* __restrict y, Eigen::Index n, double c_minus_1, double s, double t) {
#pragma omp simd
  for (Eigen::Index i = 0; i < n; ++i) {
    const double a = x[i], b = y[i];
    x[i] = a + (c_minus_1 * a + s * b);
    y[i] = b + (c_minus_1 * b + t * a);
  }
}

void symmetric_times(const Matrix& A, Eigen::Index first, const double* x, double* y) {
  const Eigen::Index m = A.rows() - first, stride = A.cols();
  const double* a = A.data() + first * stride + first;
  std::fill_n(y, m, 0.0);
  Eigen::Index i = 0;
  for (; i + 4 <= m; i += 4) {
    const double* row = a + i * stride;
    double product[4] = {};
    both_products<4>(row, stride, x, i, x + i, y, product);
    for (Eigen::Index r = 0; r < 4; ++r) {  // the 4 x 4 block on the diagonal
      for (Eigen::Index c = 0; c <= r; ++c) product[r] += row[r * stride + i + c] * x[i + c];
      for (Eigen::Index c = r + 1; c < 4; ++c) product[r] += row[c * stride + i + r] * x[i + c];
    }
    for (Eigen::Index r = 0; r < 4; ++r) y[i + r] += product[r];
  }
  for (; i < m; ++i) {
    const double* row = a + i * stride;
    double product = row[i] * x[i];
    both_products<1>(row, stride, x, i, x + i, y, &product);
    y[i] += product;
  }
}

void eigenvalues_above(const Vector& d, const Vector& e2, double pivot, const double* x, int* count) {
  double q[kSturmLanes], above[kSturmLanes];
  for (int l = 0; l < kSturmLanes; ++l) q[l] = 1, above[l] = 0;
  for (Eigen::Index i = 0; i < d.size(); ++i) {
    const double d_i = d[i], e2_i = i ? e2[i - 1] : 0.0;
#pragma omp simd
    for (int l = 0; l < kSturmLanes; ++l) {
      double next = d_i - x[l] - e2_i / q[l];
      next = std::abs(next) < pivot ? -pivot : next;
      above[l] += next > 0 ? 1.0 : 0.0;
      q[l] = next;
    }
  }
  for (int l = 0; l < kSturmLanes; ++l) count[l] = static_cast<int>(above[l]);
}

}  // namespace assay
