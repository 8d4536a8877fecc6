// imgproc/geometry/warp_internal.h: OpenCV 4.6's way to warp, so that its results can be reproduced. `out` has its size.
//
//   affine        places (m x 1024 rounded, + 16) / 32 rounded down, in 1/32 of a pixel (nearest: + 512, whole pixels)
//   perspective   places in f64, divided, times 32, rounded to the nearest
//   remap         f32 maps times 32, rounded to the nearest
//   weights       products of those along x and y, in f32: (32 - a) / 32 and a / 32; bicubic four, lanczos eight (opencv_weights).
//                 8 bits: rounded to multiples of 2^-15 and made to sum to 1, (sum + 2^14) / 2^15 rounded down; else f32
#pragma once
#include "assay/imgproc/geometry/warp.h"

namespace assay::detail {

/// `V` takes output to input.
void warp_opencv(const cv::Mat& image, const Matrix3& V, const WarpParams& params, cv::Mat& out, const Context& ctx);
void remap_opencv(const cv::Mat& image, const cv::Mat& map_x, const cv::Mat& map_y, const WarpParams& params,
                  cv::Mat& out, const Context& ctx);

}  // namespace assay::detail
