// ml/tree/small_search_kernels.cpp: v is rounded thrice, far below kTie.
// Method     values    sums along each order, a lane a column
//            classes   L_k = rows of the class of the row that moves, already left: bits counted. A = sum_k L_k^2 gains
//                      2 L_k + 1, C = sum_k L_k T_k gains T_k, and B = sum_k (T_k - L_k)^2 = sum T_k^2 - 2 C + A
#include "assay/ml/tree/small_search_kernels.h"

#include <bit>

namespace assay::tree {
namespace {

constexpr uint16_t kRowMask = kSmallRows - 1;

/// Of a set of m rows of weight 1: 1 / (W_L W_R) behind each place.
void inverse_weights(int m, double* inverse) {
  for (int j = 0; j + 1 < m; ++j) inverse[j] = 1.0 / ((j + 1) * (m - j - 1));
}

template <bool Weighted>
void values_of_lanes(const SmallOrders& o, int f, const double* z, const double* w, double W, double T,
                     const double* inverse, double* value, double* greatest) {
  double L[kSmallLanes] = {}, W_L[kSmallLanes] = {}, best[kSmallLanes];
  for (double& b : best) b = -1;
  for (int j = 0; j <= o.last; ++j) {
    const uint16_t* here = o.cells + j * o.width + f;
    const uint16_t* next = here + o.width;
    double* out = value + j * o.width + f;
    const double left = j + 1, scale = inverse[j];
    const bool admissible = j >= o.first;
#pragma omp simd
    for (int lane = 0; lane < kSmallLanes; ++lane) {
      const int row = here[lane] & kRowMask;
      L[lane] += z[row];
      double v = 0;
      if constexpr (Weighted) {
        W_L[lane] += w[row];
        const double difference = L[lane] * W - T * W_L[lane];
        v = difference * difference / (W_L[lane] * (W - W_L[lane]));
      } else {
        const double difference = L[lane] * W - T * left;
        v = difference * difference * scale;
      }
      v = ((here[lane] ^ next[lane]) >> kRowBits) != 0 && admissible ? v : -1;
      out[lane] = v;
      best[lane] = v > best[lane] ? v : best[lane];
    }
  }
  for (int lane = 0; lane < kSmallLanes; ++lane) greatest[f + lane] = best[lane];
}

}  // namespace

void values_of_boundaries(const SmallOrders& orders, const double* z, const double* w, double W, double T,
                          double* value, double* greatest) {
  double inverse[kSmallRows];
  inverse_weights(orders.m, inverse);
  for (int f = 0; f < orders.width; f += kSmallLanes)
    if (w)
      values_of_lanes<true>(orders, f, z, w, W, T, inverse, value, greatest);
    else
      values_of_lanes<false>(orders, f, z, w, W, T, inverse, value, greatest);
}

void classes_of_boundaries(const SmallOrders& o, const uint32_t* same, int squares, double* value, double* greatest) {
  double of_left[kSmallRows], of_right[kSmallRows];
  for (int j = 0; j + 1 < o.m; ++j) {
    of_left[j] = 1.0 / (j + 1);
    of_right[j] = 1.0 / (o.m - j - 1);
  }
  for (int f = 0; f < o.width; f += kSmallLanes) {
    uint32_t left[kSmallLanes] = {};
    int A[kSmallLanes] = {}, C[kSmallLanes] = {};
    double best[kSmallLanes];
    for (double& b : best) b = -1;
    for (int j = 0; j <= o.last; ++j) {
      const uint16_t* here = o.cells + j * o.width + f;
      const uint16_t* next = here + o.width;
      double* out = value + j * o.width + f;
      const double to_left = of_left[j], to_right = of_right[j];
      const bool admissible = j >= o.first;
#pragma omp simd
      for (int lane = 0; lane < kSmallLanes; ++lane) {
        const int row = here[lane] & kRowMask;
        const uint32_t its = same[row];
        A[lane] += 2 * std::popcount(left[lane] & its) + 1;
        C[lane] += std::popcount(its);
        left[lane] |= uint32_t{1} << row;
        double v = A[lane] * to_left + (squares - 2 * C[lane] + A[lane]) * to_right;
        v = ((here[lane] ^ next[lane]) >> kRowBits) != 0 && admissible ? v : -1;
        out[lane] = v;
        best[lane] = v > best[lane] ? v : best[lane];
      }
    }
    for (int lane = 0; lane < kSmallLanes; ++lane) greatest[f + lane] = best[lane];
  }
}

void places_of_keys(const uint16_t* key, int m, uint16_t* place) {
  uint16_t below[kSmallRows] = {};
  for (int k = 0; k < m; ++k) {
    const uint16_t other = key[k];
#pragma omp simd
    for (int i = 0; i < kSmallRows; ++i) below[i] = static_cast<uint16_t>(below[i] + (other < key[i]));
  }
  for (int i = 0; i < kSmallRows; ++i) place[i] = below[i];
}

}  // namespace assay::tree
