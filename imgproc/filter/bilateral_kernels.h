// imgproc/filter/bilateral_kernels.h: the inner loop of the bilateral filter.
#pragma once
#include <cstddef>

namespace assay {

inline constexpr ptrdiff_t kBilateralBlock = 16;  // pixels done at once

/// (1) of bilateral.h for n pixels of `planes` (1 or 3) colours. Plane c of a row stands c * plane floats after its plane 0,
/// that of means c * stride.
///
///   means[c stride + i] = sum_t w_t taps[t][c plane + i] / sum_t w_t,   w_t = 2^(rate d^2 + exponents[t])
///
/// d: Euclid's distance of taps[t] and centre; with `absolute` the sum of absolute differences. rate, exponents <= 0. Reads
/// and writes up to the next multiple of kBilateralBlock.
void bilateral_means(const float* centre, ptrdiff_t plane, int planes, bool absolute, const float* const* taps,
                     const float* exponents, int count, float rate, float* means, ptrdiff_t stride, ptrdiff_t n);

}  // namespace assay
