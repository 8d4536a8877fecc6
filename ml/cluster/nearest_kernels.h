// ml/cluster/nearest_kernels.h: the loops in which k-means spends its time.
#pragma once
#include <cstddef>

namespace assay::kmeans {

/// sum_f (x_f - m_f)^2: lane l of 32 adds f = l, l + 32, ...; what is left in eights goes to the first eight lanes; then
/// the lanes are added in pairs.
double squared_distance(const double* x, const double* m, std::ptrdiff_t d);

/// p . z and |p|^2, added up in no promised order.
float product(const float* p, const float* z, std::ptrdiff_t d);
double sum_of_squares(const float* p, std::ptrdiff_t d);

/// Rows measured together.
inline constexpr int kPanel = 32;
inline constexpr int kCenters = 4;

/// For each of kPanel rows p (panel[f * kPanel + r]) the least and the second least of half_c - p . z_c over the centres
/// (z: kCenters side by side), and which is least: the first of equals. `scores`, if any, receives all of them, [c][r].
/// Requires `blocks * kCenters` centres, finite products.
void least_scores(const float* panel, const float* z, const float* half, std::ptrdiff_t blocks, std::ptrdiff_t d,
                  float* least, float* second, int* which, float* scores);

}  // namespace assay::kmeans
