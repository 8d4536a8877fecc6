// imgproc/filter/bilateral_kernels.h: the inner loop of the bilateral filter.
#pragma once
#include <cstddef>

namespace assay {

/// Some taps of the sums in (1) of bilateral.h, for n pixels of `planes` (1 or 3) colours. Plane c of a row stands
/// c * plane floats after its plane 0; that of sums c * n floats after.
///
///   w = spatial[t] 2^(rate d^2),   weights[i] += w,   sums[c n + i] += w taps[t][c plane + i]
///
/// d: Euclid's distance of taps[t] and centre; with `absolute` the sum of absolute differences. rate <= 0.
void add_bilateral_taps(const float* centre, ptrdiff_t plane, int planes, bool absolute, const float* const* taps,
                        const float* spatial, int count, float rate, float* weights, float* sums, ptrdiff_t n);

}  // namespace assay
