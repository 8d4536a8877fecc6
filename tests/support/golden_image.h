// Pictures and arrays of tests/golden/images.
#pragma once
#include <opencv2/core.hpp>

#include "assay/imgproc/io/image_file.h"
#include "tests/support/golden.h"
#include "tests/support/npy.h"

namespace assay::test {

/// A .png as it is; an .npy as f64 (exact for every dtype there).
inline cv::Mat golden_image(const std::string& name) {
  const std::string path = golden_path("images/" + name);
  if (name.size() < 4 || name.substr(name.size() - 4) != ".npy") return read_image(path);
  const NpyArray a = read_npy(path);
  cv::Mat out(a.rows, a.cols, CV_64F);
  for (int y = 0; y < a.rows; ++y)
    for (int x = 0; x < a.cols; ++x) out.at<double>(y, x) = a(y, x);
  return out;
}

/// An input: PNG as it is, .npy as f32.
inline cv::Mat golden_input(const std::string& name) {
  cv::Mat image = golden_image(name);
  if (image.depth() == CV_64F) image.convertTo(image, CV_32F);
  return image;
}

}  // namespace assay::test
