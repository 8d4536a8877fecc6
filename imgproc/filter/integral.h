// imgproc/filter/integral.h: integral images (summed-area tables).
//
//   I(x, y) = sum_{i < x, j < y} f(i, j);   sum over [x0, x1) x [y0, y1) = I(x1, y1) - I(x0, y1) - I(x1, y0) + I(x0, y0)
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone)
// Gives      one row and one column more than the picture. f64: exact for u8 and u16 up to 2^53 / 65535 pixels, for their squares
//            up to 2^53 / 65535^2; f32 is added in f64, along the row and then to the row above
// Throws     DataError: no picture, another type
// Cost       one pass; f64 writes 8 bytes a value, which bounds it
// See        [Crow1984]
#pragma once
#include <opencv2/core/mat.hpp>

#include "assay/imgproc/filter/border.h"

namespace assay {

/// What the sums stand in. s32 is for u8 of at most 2^31 / 255 pixels (8.4 million); DataError beyond.
enum class SumDepth { f64, s32 };

/// `sums` is made, or reused where it has the right size and depth already.
void integral_image(const cv::Mat& image, cv::Mat& sums, SumDepth depth = SumDepth::f64);
cv::Mat integral_image(const cv::Mat& image);

/// The same of the squares, f64: with both, the variance of any rectangle is eight look-ups.
void integral_of_squares(const cv::Mat& image, cv::Mat& sums);

/// The mean over a window of width x height pixels around each pixel, by four look-ups: the textbook's way, whose cost
/// does not depend on the window. f64, not rounded. box.h is the fast way.
cv::Mat box_by_integral(const cv::Mat& image, int width, int height, Border border, double value = 0);

}  // namespace assay
