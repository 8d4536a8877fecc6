// imgproc/geometry/resize_internal.h: the ways to resize, behind the one operator. `out` has its size already.
#pragma once
#include "assay/imgproc/geometry/resize.h"

namespace assay::detail {

/// Copies the pixel (columns[x], rows[y]).
void pick_pixels(const cv::Mat& image, const std::vector<int>& columns, const std::vector<int>& rows, cv::Mat& out,
                 const Context& ctx);
void resize_opencv(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx);
void resize_pillow(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx);
void resize_skimage(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx);

}  // namespace assay::detail
