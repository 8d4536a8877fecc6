// imgproc/segment/threshold_kernels.h: the inner loops of the adaptive threshold. T: u8, u16, f32; Sum: u16, u32.
#pragma once
#include <cstdint>

namespace assay {

/// to = white where f > m - offset, else ~white, in f32.
template <class T>
void white_above_mean(const T* f, const float* m, float offset, uint8_t white, uint8_t* to, int n);

/// The same with m = sums / area; sums below 2^24.
template <class Sum>
void white_above_mean_of(const uint8_t* f, const Sum* sums, float area, float offset, uint8_t white, uint8_t* to,
                         int n);

}  // namespace assay
