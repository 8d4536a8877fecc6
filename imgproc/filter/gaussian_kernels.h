// imgproc/filter/gaussian_kernels.h: the inner loops of the Gaussian filter, on tiles of a fixed width.
//
// A tile's rows stand kTileStride values apart, so that the compiler knows where each neighbour of a pixel lies, and reads
// it once for all sums it takes part in. Terms are added from the outermost inwards, the small ones first, in both
// directions alike: a transposed picture meets the same roundings. Real: f32, f64.
#pragma once
#include <cstddef>

namespace assay {

inline constexpr ptrdiff_t kTileWidth = 128;   // values; a whole number of vectors of any kind
inline constexpr ptrdiff_t kTileStride = 144;  // not a power of two, or the rows of a column would share a cache set
inline constexpr int kTileRows = 4;            // rows that are summed at once

/// out[i] = w[0] centre[i] + sum_k w[k] (centre[i - k step] + centre[i + k step]),  k = 1..radius,  i = 0..kTileWidth-1.
/// step: 1, 3 or 4.
template <class Real>
void sum_along_row(const Real* centre, ptrdiff_t step, const Real* w, int radius, Real* out);

/// The same down the columns, for kTileRows rows: centre is the first of them, and the k-th row below lies k kTileStride
/// values after it; output rows are `stride` apart.
template <class Real>
void sum_down_columns(const Real* centre, const Real* w, int radius, Real* out, ptrdiff_t stride);

}  // namespace assay
