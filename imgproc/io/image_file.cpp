#include "assay/imgproc/io/image_file.h"

#include <sys/stat.h>

#include <opencv2/core.hpp>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/imgproc/io/codec_internal.h"

namespace assay {

namespace codec {

void fail(const std::string& name, const std::string& what, const std::string& hint) {
  throw DataError(what, hint, Place{name, 0, 0});
}

void check_size(const std::string& name, uint64_t width, uint64_t height, const ReadImageOptions& options) {
  if (width == 0 || height == 0) fail(name, "the picture has no pixels");
  constexpr uint64_t kSide = 1u << 30;
  if (width > kSide || height > kSide || width > options.pixels / height)
    fail(name,
         "the picture has " + std::to_string(width) + " x " + std::to_string(height) +
             " pixels, more than the budget of " + std::to_string(options.pixels),
         "raise the budget of pixels if the file is trusted");
}

}  // namespace codec

namespace {

bool begins(std::string_view bytes, std::string_view with) { return bytes.substr(0, with.size()) == with; }

bool is_pnm(std::string_view bytes) {
  return bytes.size() >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
         std::string_view(" \t\n\v\f\r#").find(bytes[2]) != std::string_view::npos;
}

bool is_pfm(std::string_view bytes) {
  return bytes.size() >= 3 && bytes[0] == 'P' && (bytes[1] == 'F' || bytes[1] == 'f') &&
         (bytes[2] == '\n' || bytes[2] == '\r');
}

}  // namespace

cv::Mat decode_image(std::string_view bytes, const std::string& name, const ReadImageOptions& options) {
  if (bytes.empty()) codec::fail(name, "the file is empty");
  if (begins(bytes, "\x89PNG")) return codec::decode_png(bytes, name, options);
  if (begins(bytes, "\xff\xd8")) return codec::decode_jpeg(bytes, name, options);
  if (is_pnm(bytes)) return codec::decode_pnm(bytes, name, options);
  if (is_pfm(bytes)) return codec::decode_pfm(bytes, name, options);
  if (begins(bytes, "\x93NUMPY")) return codec::decode_npy(bytes, name, options);
  codec::fail(name, "this is no picture in a format assay reads: it begins with " + quoted(bytes.substr(0, 4)),
              "PNG, JPEG, PNM, PFM and NPY are read");
}

cv::Mat read_image(const std::string& path, const ReadImageOptions& options) {
  const Input input = Input::open(path);
  return decode_image(input.bytes(), input.name(), options);
}

ImageFormat image_format_of(const std::string& path) {
  struct stat info {};
  if (path == "-" || (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
    return ImageFormat::png;
  const size_t slash = path.find_last_of('/'), dot = path.find_last_of('.');
  const bool has_ending = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  const std::string ending = has_ending ? lower(path.substr(dot + 1)) : "";
  if (ending == "png") return ImageFormat::png;
  if (ending == "jpg" || ending == "jpeg") return ImageFormat::jpeg;
  if (ending == "pgm" || ending == "ppm" || ending == "pnm") return ImageFormat::pnm;
  if (ending == "pfm") return ImageFormat::pfm;
  if (ending == "npy") return ImageFormat::npy;
  throw UsageError("cannot tell a picture format from the name " + quoted(path),
                   "end it with .png, .jpg, .pgm, .ppm, .pnm, .pfm or .npy");
}

bool can_hold(ImageFormat format, const cv::Mat& image) {
  const int depth = image.depth(), channels = image.channels();
  const bool integers = depth == CV_8U || depth == CV_16U;
  if (image.empty() || !(channels == 1 || channels == 3 || channels == 4)) return false;
  switch (format) {
    case ImageFormat::png:
      return integers;
    case ImageFormat::jpeg:
      return depth == CV_8U && channels != 4;
    case ImageFormat::pnm:
      return integers && channels != 4;
    case ImageFormat::pfm:
      return depth == CV_32F && channels != 4;
    case ImageFormat::npy:
      return integers || depth == CV_32F;
  }
  return false;
}

std::string encode_image(const cv::Mat& image, ImageFormat format, const WriteImageOptions& options) {
  if (!can_hold(format, image)) {
    const char* names[] = {"PNG", "JPEG", "PNM", "PFM", "NPY"};
    throw DataError(std::string(names[static_cast<int>(format)]) + " cannot hold a picture of type " +
                        (image.empty() ? std::string("none (it is empty)") : cv::typeToString(image.type())),
                    "PNG holds 8 and 16 bits and alpha; PFM and NPY hold floats");
  }
  switch (format) {
    case ImageFormat::png:
      return codec::encode_png(image);
    case ImageFormat::jpeg:
      return codec::encode_jpeg(image, options.quality);
    case ImageFormat::pnm:
      return codec::encode_pnm(image);
    case ImageFormat::pfm:
      return codec::encode_pfm(image);
    case ImageFormat::npy:
      return codec::encode_npy(image);
  }
  return {};
}

void write_image(const std::string& path, const cv::Mat& image, const WriteImageOptions& options) {
  write_file(path, encode_image(image, image_format_of(path), options));
}

}  // namespace assay
