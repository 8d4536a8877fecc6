#include "cli/image_region.h"

#include <charconv>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "cli/bundled.h"

namespace assay::cli {

namespace {

std::string size_text(cv::Size size) { return std::to_string(size.width) + " x " + std::to_string(size.height); }

cv::Rect parse_roi(const std::string& text) {
  int numbers[4];
  const char *at = text.data(), *end = text.data() + text.size();
  for (int i = 0; i < 4; ++i) {
    const auto [rest, error] = std::from_chars(at, end, numbers[i]);
    const bool last = i == 3;
    if (error != std::errc() || (last ? rest != end : rest == end || *rest != ','))
      throw UsageError("option --roi must be x,y,width,height in whole pixels, not " + quoted(text),
                       "as in --roi 10,20,200,100");
    at = rest + 1;
  }
  if (numbers[0] < 0 || numbers[1] < 0 || numbers[2] < 1 || numbers[3] < 1)
    throw UsageError("option --roi needs x and y of at least 0, width and height of at least 1, not " + quoted(text));
  return {numbers[0], numbers[1], numbers[2], numbers[3]};
}

bool alike(const cv::Mat& a, const cv::Mat& b) { return a.size() == b.size() && a.type() == b.type(); }

}  // namespace

ImageRegion::ImageRegion(const std::string& roi, const std::string& mask, const ReadImageOptions& reading) {
  if (!roi.empty()) roi_ = parse_roi(roi);
  if (mask.empty()) return;
  const std::string path = resolve_path(mask);
  const cv::Mat picture = read_image(path, reading);
  if (picture.channels() != 1)
    throw DataError("a mask has 1 channel, this picture has " + std::to_string(picture.channels()), "assay image gray",
                    Place{path, 0, 0});
  mask_ = picture != 0;
}

cv::Mat ImageRegion::seen(const cv::Mat& image) const {
  if (!roi_) return image;
  // 64 bits: the numbers are the user's
  if (int64_t{roi_->x} + roi_->width > image.cols || int64_t{roi_->y} + roi_->height > image.rows)
    throw DataError("--roi " + std::to_string(roi_->x) + "," + std::to_string(roi_->y) + "," +
                    std::to_string(roi_->width) + "," + std::to_string(roi_->height) +
                    " reaches beyond the picture, which is " + size_text(image.size()));
  return image(*roi_);
}

cv::Mat ImageRegion::mask_for(const cv::Mat& image) const {
  if (mask_.size() == seen(image).size()) return mask_;
  if (mask_.size() == image.size()) return seen(mask_);
  throw DataError("the mask is " + size_text(mask_.size()) + ", the picture " + size_text(image.size()));
}

cv::Mat ImageRegion::put_back(const cv::Mat& image, const cv::Mat& result) const {
  if (!roi_ && mask_.empty()) return result;
  const cv::Mat input = seen(image);
  cv::Mat part = result;
  if (!mask_.empty()) {
    if (!alike(input, result))
      throw DataError(
          "--mask keeps the input's pixels where it is 0, but the result has another size, depth or channels");
    part = input.clone();
    result.copyTo(part, mask_for(image));
  }
  if (!roi_ || !alike(input, result)) return part;
  cv::Mat whole = image.clone();
  part.copyTo(whole(*roi_));
  return whole;
}

std::string ImageRegion::note(const cv::Mat& image, const cv::Mat& result) const {
  return roi_ && !alike(seen(image), result) ? "the rectangle alone" : "";
}

}  // namespace assay::cli
