// imgproc/color/convert_opencv_internal.h: what the formulas of OpenCV's colours share.
#pragma once
#include "assay/imgproc/color/convert_internal.h"

namespace assay::detail {

using Whole = Triple<int>;

/// A whole number divided by 2^bits, rounded, halves up.
inline int descaled(int v, int bits) { return (v + (1 << (bits - 1))) >> bits; }

inline constexpr double kXyz[3][3] = {
    {0.412453, 0.357580, 0.180423}, {0.212671, 0.715160, 0.072169}, {0.019334, 0.119193, 0.950227}};
inline constexpr double kRgb[3][3] = {
    {3.240479, -1.53715, -0.498535}, {-0.969256, 1.875991, 0.041556}, {0.055648, -0.204043, 1.057311}};
inline constexpr double kWhite[3] = {0.950456, 1, 1.088754};

/// 8 bits; `out` is there.
void convert_opencv_lab(bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx);

}  // namespace assay::detail
