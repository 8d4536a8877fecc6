// features/calibration/saddle_kernels.h: the rows of the saddle detector.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

/// out[i] = mean of the four pixels (2i, 2i + 1) of two rows.
void halve_row(const uint8_t* above, const uint8_t* below, float scale, float* out, ptrdiff_t n);
void halve_row(const float* above, const float* below, float scale, float* out, ptrdiff_t n);

/// D[i] = Ixy^2 - Ixx Iyy at the pixels of `row`, by central differences; reads i - 1 .. i + 1 of the three rows.
void saddle_response(const float* above, const float* row, const float* below, float* D, ptrdiff_t n);

/// peak[i] = 1 where D[i] exceeds `threshold` and its eight neighbours (of equal ones the first in reading order wins).
void mark_peaks(const float* above, const float* row, const float* below, float threshold, uint8_t* peak, ptrdiff_t n);

}  // namespace assay
