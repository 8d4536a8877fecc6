#include "assay/imgproc/op.h"

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {

namespace {

unsigned depth_bit(const cv::Mat& image) {
  switch (image.depth()) {
    case CV_8U:
      return kU8;
    case CV_16U:
      return kU16;
    case CV_32F:
      return kF32;
    default:
      return 0;
  }
}

unsigned channels_bit(const cv::Mat& image) {
  switch (image.channels()) {
    case 1:
      return kGrey;
    case 3:
      return kColour;
    case 4:
      return kColourAlpha;
    default:
      return 0;
  }
}

std::string any_of(unsigned bits, std::initializer_list<std::pair<unsigned, const char*>> names) {
  std::vector<std::string> words;
  for (const auto& item : names)
    if (bits & item.first) words.emplace_back(item.second);
  return join(words, " or ");
}

}  // namespace

void check_image(std::string_view name, const ImageTraits& traits, const cv::Mat& image) {
  const std::string who(name);
  if (image.empty() || image.dims != 2) throw DataError(who + " needs a picture, this one is empty");
  if (!(traits.depths & depth_bit(image)))
    throw DataError(who + " takes " + any_of(traits.depths, {{kU8, "8-bit"}, {kU16, "16-bit"}, {kF32, "float"}}) +
                    " pictures, this one is of OpenCV type " + cv::typeToString(image.type()));
  if (!(traits.channels & channels_bit(image)))
    throw DataError(who + " takes pictures of " +
                        any_of(traits.channels, {{kGrey, "1"}, {kColour, "3"}, {kColourAlpha, "4"}}) +
                        (traits.channels == kGrey ? " channel" : " channels") + ", this one has " +
                        std::to_string(image.channels()),
                    traits.channels == kGrey ? "put gray before it" : "");
}

double full_scale(const cv::Mat& image) {
  return image.depth() == CV_8U ? 255.0 : image.depth() == CV_16U ? 65535.0 : 1.0;
}

ImageView view_of(const cv::Mat& image) {
  const Depth depth = image.depth() == CV_8U ? Depth::u8 : image.depth() == CV_16U ? Depth::u16 : Depth::f32;
  return {image.data, image.cols, image.rows, image.channels(), depth, image.step[0]};
}

bool detail::shares_memory(const cv::Mat& image, const cv::Mat& out) {
  return out.data && out.datastart < image.dataend && image.datastart < out.dataend;
}

}  // namespace assay
