// imgproc/geometry/reverse_kernels.h: a row of pixels, last one first or as it is.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

/// Pixel k of `to` is pixel n - 1 - k of `from`; of 1, 2, 3, 4, 6, 8, 12 or 16 bytes each. The two do not overlap.
void reverse_pixels(const uint8_t* from, uint8_t* to, ptrdiff_t n, size_t bytes);

/// to = from, n bytes; what comes next there and here is fetched ahead, or is null.
void copy_bytes(const uint8_t* from, uint8_t* to, ptrdiff_t n, const uint8_t* next_from, const uint8_t* next_to);

}  // namespace assay
