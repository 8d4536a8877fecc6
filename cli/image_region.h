// cli/image_region.h: --roi and --mask: the part of a picture that operators work on.
#pragma once
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>

#include "assay/imgproc/io/image_file.h"

namespace assay::cli {

/// The rectangle is all that the operators see. Where the mask is 0, the result is the input. Where the result has the
/// input's size and type, it is put back into the picture; otherwise the result is the rectangle's alone.
class ImageRegion {
 public:
  /// `roi`: "x,y,w,h" or empty; `mask`: a picture of one channel or empty. UsageError, DataError.
  ImageRegion(const std::string& roi, const std::string& mask, const ReadImageOptions& reading);

  /// What the operators see; valid while the picture lives. DataError where the rectangle leaves the picture.
  cv::Mat seen(const cv::Mat& image) const;
  /// DataError where the mask's size is not that of the picture or of the rectangle, or cannot be applied to the result.
  cv::Mat put_back(const cv::Mat& image, const cv::Mat& result) const;
  /// "the rectangle alone", where put_back did not put back; else empty.
  std::string note(const cv::Mat& image, const cv::Mat& result) const;

 private:
  cv::Mat mask_for(const cv::Mat& image) const;
  std::optional<cv::Rect> roi_;
  cv::Mat mask_;
};

}  // namespace assay::cli
