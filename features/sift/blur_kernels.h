// features/sift/blur_kernels.h: the inner loops of the scale space's blur.
//
// Both add terms from the outermost inwards, the small ones first: a transposed picture meets nearly the same roundings.
// n counts whole vectors: up to kLanes - 1 values after the last one of a row are read and written.
#pragma once
#include <cstddef>

namespace assay::sift_stages {

#ifdef __AVX512F__
inline constexpr int kLanes = 16;  // floats in a vector of the machine
#else
inline constexpr int kLanes = 8;
#endif
inline constexpr int kRowsAtOnce = 4;

/// For j = 0 .. kRowsAtOnce - 1: out[j line + i] = w[0] rows[j][i] + sum_k w[k] (rows[j - k stride][i] + rows[j + k stride][i]),
/// k = 1 .. radius, i = 0 .. n-1. stride: 1 or 2.
void sum_down_columns(const float* const* rows, int stride, const float* w, int radius, float* out, ptrdiff_t line,
                      ptrdiff_t n);

/// out[i] = w[0] centre[i] + sum_k w[k] (centre[i - k stride] + centre[i + k stride])
void sum_along_row(const float* centre, int stride, const float* w, int radius, float* out, ptrdiff_t n);

}  // namespace assay::sift_stages
