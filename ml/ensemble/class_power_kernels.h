// ml/ensemble/class_power_kernels.h: sums of squares over the classes of both sides of a split.
#pragma once
#include <cstdint>

namespace assay::ensemble {

struct Powers {
  double left, right, weight;
};

/// L += h; then sum L_k^2, sum (T_k - L_k)^2 and sum L_k. Exact where weights are whole numbers below 2^26.
Powers move_left(double* L, const double* h, const double* T, int K);

constexpr int kWholeClasses = 32;  ///< classes are padded to a multiple of so many

/// The same in whole numbers for `count` ranks one after the other, from L = `start`: rank r's classes begin at h + r n, n a
/// multiple of kWholeClasses; sum T_k is below 2^15.
void move_left_by_ranks(const int16_t* h, const uint32_t* rank, int count, int n, const int16_t* T,
                        const int16_t* start, int* left, int* right, int* weight);

}  // namespace assay::ensemble
