// imgproc/edge/derivative_internal.h: both derivatives on 3x3 windows, for Sobel, Scharr and Prewitt.
//
//         [-a 0 a]        [-a -b -a]
//   gx =  [-b 0 b] * f,   gy = [ 0  0  0] * f  (correlation)
//         [-a 0 a]        [ a  b  a]
//
// Both take the same two steps in the same order, smooth by (a b a) and subtract, so that a transposed picture gives the
// transposed gradient bit for bit. 8 and 16 bits: in whole numbers.
#pragma once
#include "assay/imgproc/edge/sobel.h"

namespace assay {

/// gx and gy of rows [begin, end) of the picture (all within it), to gx + (y - begin) * stride; a null pointer leaves
/// that derivative out. Real: float; with (a, b) = (1, 2) double, too. (a, b): (1, 2), (3, 10), (1, 1).
template <int a, int b, class Real>
void derivative_rows(const cv::Mat& image, int begin, int end, Border border, Real value, Real* gx, Real* gy,
                     ptrdiff_t stride);

/// The picture that p.direction asks for.
template <int a, int b>
void differentiate(const SobelParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx);

}  // namespace assay
