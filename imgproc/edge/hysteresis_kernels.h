// imgproc/edge/hysteresis_kernels.h: classes of pixels to bits of a word, and bits to pixels.
#pragma once
#include <cstdint>

namespace assay::canny_stages {

/// The bits of up to 64 pixels, the first in the lowest bit.
struct ClassBits {
  uint64_t weak, strong;
};
/// From `count` classes (canny_internal.h), 1 to 64 of them: kWeak or kStrong.
ClassBits bits_of_classes(const uint8_t* classes, int count);

/// `count` pixels: 255 where a bit is set, else 0.
void pixels_of_bits(uint64_t bits, uint8_t* pixels, int count);

}  // namespace assay::canny_stages
