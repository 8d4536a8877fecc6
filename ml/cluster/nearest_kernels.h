// ml/cluster/nearest_kernels.h: the loop in which k-means spends its time.
#pragma once
#include <cstddef>

namespace assay::kmeans {

/// Rows measured together.
inline constexpr int kPanel = 32;
inline constexpr int kCenters = 4;

/// For each of kPanel rows p (panel[f * kPanel + r]) the least and the second least of half_c - p . z_c over the centres
/// (z: kCenters side by side), and which is least: the first of equals. `scores`, if any, receives all of them, [c][r].
/// Requires `blocks * kCenters` centres, finite products.
void least_scores(const float* panel, const float* z, const float* half, std::ptrdiff_t blocks, std::ptrdiff_t d,
                  float* least, float* second, int* which, float* scores);

}  // namespace assay::kmeans
