// imgproc/filter/integral.h: integral images (summed-area tables).
//
//   I(x, y) = sum_{i < x, j < y} f(i, j);   sum over [x0, x1) x [y0, y1) = I(x1, y1) - I(x0, y1) - I(x1, y0) + I(x0, y0)
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone)
// Gives      f64, one row and one column more than the picture; exact for u8 and u16 up to 2^53 / 65535 pixels
// See        [Crow1984]
#pragma once
#include <opencv2/core/mat.hpp>

#include "assay/imgproc/filter/border.h"

namespace assay {

cv::Mat integral_image(const cv::Mat& image);

/// The mean over a window of width x height pixels around each pixel, by four look-ups: the textbook's way, whose cost
/// does not depend on the window. f64, not rounded. box.h is the fast way.
cv::Mat box_by_integral(const cv::Mat& image, int width, int height, Border border, double value = 0);

}  // namespace assay
