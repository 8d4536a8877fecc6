// imgproc/geometry/size.h: the size of a result, refused where it would be too large.
#pragma once
#include <opencv2/core/types.hpp>
#include <string_view>

namespace assay {

/// width x height as a size; ParameterError naming `op` where a side is below 1 or the area above 100 megapixels
/// (the budget of core/input.h).
cv::Size output_size(std::string_view op, double width, double height);

}  // namespace assay
