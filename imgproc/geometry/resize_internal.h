// imgproc/geometry/resize_internal.h: the ways to resize, behind the one operator. `out` has its size already.
#pragma once
#include <vector>

#include "assay/imgproc/geometry/resize.h"

namespace assay::detail {

/// Copies the pixel (columns[x], rows[y]).
void pick_pixels(const cv::Mat& image, const std::vector<int>& columns, const std::vector<int>& rows, cv::Mat& out,
                 const Context& ctx);
void resize_opencv(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx);
/// OpenCV's weights at fraction f in [0, 1), f32: bilinear 2 (also for the others), bicubic 4 (Keys, a = -0.75), lanczos 8
/// (sinc(t) sinc(t / 4), divided by their sum); tap i lies at i - count / 2 + 1.
std::vector<float> opencv_weights(float f, Interpolation method);
void resize_pillow(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx);
void resize_skimage(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx);

}  // namespace assay::detail
