// imgproc/segment/distance_kernels.h: the inner loops of the distance transform.
#pragma once
#include <cstdint>

namespace assay {

inline constexpr int kDistanceBlock = 64;   ///< places of a row worked on together
inline constexpr int kDistanceReach = 176;  ///< columns tried to each side

/// What stands for all squares above it: kDistanceReach^2 can be added in 16 bits.
inline constexpr int kFarSquare = 65535 - kDistanceReach * kDistanceReach;

/// best[x] = the least of f[x + i] + i^2 over |i| <= k, k rising until that is the least over all i; x < kDistanceBlock.
/// f, up to kFarSquare, is readable kDistanceReach values before and behind the block. False: kDistanceReach is not enough.
bool nearest_columns(const uint16_t* f, uint16_t* best);

/// Places [begin, end) of the parabola (x - s)^2 + g^2, or of its root; rounded once to f64 and once to f32.
void read_parabola(int begin, int end, int s, int g, bool squared, float* to);

/// to[x] = d2[x] or its root,  x < n
void read_squares(const uint16_t* d2, int n, bool squared, float* to);

}  // namespace assay
