// cli/camera_file.h: a calibrated camera as a file.
//
//   .yml, .yaml   OpenCV's FileStorage: image_width, image_height, camera_matrix, distortion_coefficients (k1 k2 p1 p2 k3),
//                 avg_reprojection_error
//   .json         the same keys, arrays in place of matrices
#pragma once
#include <string>
#include <string_view>

#include "assay/features/calibration/calibrate.h"

namespace assay::cli {

/// By the ending of `path`; UsageError where it is neither.
std::string camera_text(const std::string& path, const Calibration& calibration);

/// Either format, whatever its name. DataError with the file's name: a key is missing, a number is none, more than five
/// lens coefficients, a focal length that is not positive.
Camera read_camera(const std::string& path);
Camera parse_camera(std::string_view text, const std::string& name);

}  // namespace assay::cli
