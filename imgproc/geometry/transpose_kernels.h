// imgproc/geometry/transpose_kernels.h: rows become columns.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

/// Pixel x of row y goes to place y of row x: to[x to_step + y bytes] = from[y from_step + x bytes], a pixel being `bytes`
/// long (1, 2, 3, 4, 6, 8, 12, 16). Steps in bytes, of any sign.
void transpose_pixels(const uint8_t* from, ptrdiff_t from_step, uint8_t* to, ptrdiff_t to_step, int rows, int cols,
                      int bytes);

}  // namespace assay
