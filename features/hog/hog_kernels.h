// features/hog/hog_kernels.h: the inner loops of hog: gradient, angle, votes, norm. f32.
#pragma once
#include <cstddef>

#include "assay/core/simd.h"

namespace assay {

/// The central differences of n pixels with `channels` interleaved values; each row has one pixel more on either side
/// (x = -1 and n). Of several channels the one with the largest norm, of equal ones the last.
void hog_gradient(const float* above, const float* centre, const float* below, int channels, float* dx, float* dy,
                  ptrdiff_t n);

struct HogAngleRule {
  float bins;  ///< position = angle * bins / (180 or 360) - 1/2
  bool full_circle;
  bool opencv;  ///< OpenCV's polynomial, else one to the last bit but one
};
/// |g| and its place among the bins, in [-1/2, bins - 1/2]; bin b has its middle at b.
void hog_polar(const float* dx, const float* dy, const HogAngleRule& rule, float* magnitude, float* position,
               ptrdiff_t n);

/// Votes of a row of cells. magnitude, position: pixel (i, j) of cell g at [(i * cell + j) * groups + g]; groups is a
/// multiple of hog_lanes. profiles: `count` (1 or 4) rows of `cell` weights, for both axes alike.
///   out[((v * count + h) * bins + b) * groups + g] = sum_ij profile_v(i) profile_h(j) magnitude max(0, 1 - |position - b|)
/// (the distance taken around the circle of bins).
inline constexpr ptrdiff_t hog_lanes = kSimdBytes / sizeof(float);
void hog_votes(const float* magnitude, const float* position, int cell, ptrdiff_t groups, int bins,
               const float* profiles, int count, float* out);

struct HysRule {
  float add1, plus1, add2, plus2, clip;
};
/// Column x of `length` rows, `stride` apart, becomes v / (sqrt(|v|^2 + add1) + plus1), is clipped, and the same again.
void hog_normalize(float* values, int length, ptrdiff_t stride, ptrdiff_t n, const HysRule& rule);

/// sums[x] += sum_{f < lines, j < across} weights[f * across + j] * rows[f * stride + x + j]; n sums, of which each f is
/// added in f32. A row holds n + across - 1 values.
void hog_correlate(const float* rows, ptrdiff_t stride, int lines, const float* weights, int across, double* sums,
                   ptrdiff_t n);

/// out = a + b + c + d
void hog_sum(const float* a, const float* b, const float* c, const float* d, float* out, ptrdiff_t n);

/// Copies n numbers into memory that is not read soon: past the caches, where the machine can.
void hog_copy_out(const float* from, ptrdiff_t n, float* to);

}  // namespace assay
