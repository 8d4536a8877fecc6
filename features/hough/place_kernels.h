// features/hough/place_kernels.h: from counts of places, in quarters of a pixel, to bins.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay::hough {

/// before[q * n + i] = the sum of count[p * stride + j] over all places 4 j + p < 4 i + q, for i < n.
void sum_from_left(const int* count, size_t stride, size_t n, int* before);

/// Where the place first + k per_bin, held within 0 and most, stands in `before`, for k < bins. first and per_bin have 32 bits
/// behind the point, which are cut off.
void bin_borders(int64_t first, int64_t per_bin, int most, int n, size_t bins, int* border);

/// votes[k] += before[k + 1] - before[k], or votes[-k]
void add_differences(const int* before, size_t bins, int* votes);
void add_mirrored_differences(const int* before, size_t bins, int* votes);

}  // namespace assay::hough
