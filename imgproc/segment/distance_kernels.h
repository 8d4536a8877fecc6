// imgproc/segment/distance_kernels.h: the inner loops of the distance transform.
#pragma once

namespace assay {

inline constexpr int kDistanceBlock = 64;   ///< places of a row worked on together
inline constexpr int kDistanceReach = 128;  ///< columns tried to each side

/// best[x] = the least of f[x + i] + i^2 over |i| <= k, k rising until that is the least over all i; x < kDistanceBlock.
/// f is readable kDistanceReach values before and behind the block. False: kDistanceReach is not enough.
bool nearest_columns(const int* f, int* best);

/// Places [begin, end) of the parabola (x - s)^2 + g^2, or of its root; rounded once to f64 and once to f32.
void read_parabola(int begin, int end, int s, int g, bool squared, float* to);

/// to[x] = d2[x] or its root,  d2 < 2^24,  x < n
void read_squares(const int* d2, int n, bool squared, float* to);

}  // namespace assay
