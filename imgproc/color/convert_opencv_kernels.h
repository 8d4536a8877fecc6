// imgproc/color/convert_opencv_kernels.h: 8 and 16 bits of colours by a matrix of whole numbers.
#pragma once
#include <cstdint>

namespace assay {

/// to_k = (offset_k + sum_j weight_kj from_j + of_first_k to_0) / 2^bits, rounded down, and clamped; channels in the order of memory. The sum
/// fits 32 bits. to_0 is not clamped on its way into the others: where it has weights there it must fit the depth.
struct ColourMatrix {
  int16_t weight[3][3];
  int offset[3], bits;
  int16_t of_first[3] = {0, 0, 0};
};

/// n pixels of three channels, or of four, of which the last is kept. Returns how many were converted, from the first on: n, or 0
/// on a machine that has no sums of products of 16 bits (AVX-512 VNNI, VBMI).
int convert_by_matrix(const ColourMatrix& matrix, const uint8_t* from, int channels, int n, uint8_t* to);
int convert_by_matrix(const ColourMatrix& matrix, const uint16_t* from, int channels, int n, uint16_t* to);

}  // namespace assay
