// imgproc/quality/quality_kernels.h: the inner loops of picture comparison.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

/// Sum of (a - b)^2 over n values.
uint64_t squared_difference(const uint8_t* a, const uint8_t* b, ptrdiff_t n);
uint64_t squared_difference(const uint16_t* a, const uint16_t* b, ptrdiff_t n);
double squared_difference(const float* a, const float* b, ptrdiff_t n);

}  // namespace assay
