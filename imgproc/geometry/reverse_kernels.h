// imgproc/geometry/reverse_kernels.h: a row of pixels, last one first.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

/// Pixel k of `to` is pixel n - 1 - k of `from`; of 1, 2, 3, 4, 6, 8, 12 or 16 bytes each. The two do not overlap.
void reverse_pixels(const uint8_t* from, uint8_t* to, ptrdiff_t n, size_t bytes);

}  // namespace assay
