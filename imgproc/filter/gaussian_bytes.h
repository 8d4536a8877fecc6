// imgproc/filter/gaussian_bytes.h: the Gaussian of bytes in whole numbers. Part of `gaussian`.
#pragma once
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/filter/gaussian_fixed_kernels.h"

namespace assay {

/// Rows begin .. end - 1 of `out` (made): sum_{i,j} w_i w_j in(x + i, y + j) / 65536, halves upwards. u8; w_0 .. w_r of a
/// symmetric kernel, not negative, 256 in all. r >= 1, w_0 < 256.
/// Beyond a constant border stands `value`.
void gaussian_bytes(const cv::Mat& image, const std::vector<int>& w, Border border, uint8_t value, int begin, int end,
                    cv::Mat& out);

/// The same of the weights that `w` was made of; rounded to the nearest, ties to even. direct_error: what a sum in f64 errs by.
void gaussian_bytes(const cv::Mat& image, const FixedWeights& w, Border border, uint8_t value, double direct_error,
                    int begin, int end, cv::Mat& out);

}  // namespace assay
