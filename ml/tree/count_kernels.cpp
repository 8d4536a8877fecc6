// ml/tree/count_kernels.cpp: whole numbers in doubles below 2^53, so the order of a sum does not matter.
#include "assay/ml/tree/count_kernels.h"

namespace assay::tree {
namespace {

template <int Lanes>
void squares(const int* cells, int ranks, int padded, const double* T, double* L, double* A, double* B, double* W) {
  for (int r = 0; r < ranks; ++r, cells += padded) {
    double a[Lanes] = {}, b[Lanes] = {}, w[Lanes] = {};
    for (int k = 0; k < padded; k += Lanes)
#pragma omp simd
      for (int lane = 0; lane < Lanes; ++lane) {
        const double left = L[k + lane] + cells[k + lane], right = T[k + lane] - left;
        L[k + lane] = left;
        a[lane] += left * left;
        b[lane] += right * right;
        w[lane] += left;
      }
    double sum_a = 0, sum_b = 0, sum_w = 0;
    for (int lane = 0; lane < Lanes; ++lane) {
      sum_a += a[lane];
      sum_b += b[lane];
      sum_w += w[lane];
    }
    A[r] = sum_a;
    B[r] = sum_b;
    W[r] = sum_w;
  }
}

}  // namespace

int padded_classes(int K) { return K <= 4 ? 4 : (K + 7) / 8 * 8; }

void squares_by_rank(const int* cells, int ranks, int padded, const double* T, double* L, double* A, double* B,
                     double* W) {
  if (padded == 4)
    squares<4>(cells, ranks, padded, T, L, A, B, W);
  else
    squares<8>(cells, ranks, padded, T, L, A, B, W);
}

}  // namespace assay::tree
