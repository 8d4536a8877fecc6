// imgproc/filter/bilateral_kernels.h: the inner loops of the bilateral filter. Plane c of a row of colours stands c * plane
// floats after its plane 0.
#pragma once
#include <cstddef>

namespace assay {

inline constexpr ptrdiff_t kBilateralBlock = 64;  // pixels done at once

/// w(p, q) = 2^(rate d^2 + exponent), rate and exponent <= 0. d: Euclid's distance of the values; `absolute`: the sum of
/// absolute differences.
struct PairWeight {
  float rate;
  bool absolute;
};

/// weights[i] = w(here[i], there[i]), i = 0..n-1, n a multiple of 16; planes: 1 or 3.
void bilateral_weights(const float* here, const float* there, ptrdiff_t plane, int planes, PairWeight w, float exponent,
                       float* weights, ptrdiff_t n);

/// means[c stride + i] = (centre[c plane + i] + sum_t weights[t][i] taps[t][c plane + i]) / (1 + sum_t weights[t][i]).
/// Reads and writes up to the next multiple of kBilateralBlock.
void bilateral_means(const float* centre, ptrdiff_t plane, int planes, const float* const* taps,
                     const float* const* weights, int count, float* means, ptrdiff_t stride, ptrdiff_t n);

/// The same, and the weights w(centre, tap) are made on the way.
void bilateral_means(const float* centre, ptrdiff_t plane, int planes, const float* const* taps, PairWeight w,
                     const float* exponents, int count, float* means, ptrdiff_t stride, ptrdiff_t n);

}  // namespace assay
