// imgproc/io/image_file.h: pictures from files and into files.
//
//   read     PNG (1 to 16 bit, grey, RGB, palette, alpha, interlaced), JPEG (grey, colour, progressive; EXIF orientation
//            applied), PNM (P1 to P6), PFM, NPY (u1, u2, f4)
//   written  PNG (8, 16 bit), JPEG (8 bit), PNM (pgm, ppm, pnm: 8, 16 bit, binary), PFM and NPY (f32)
//
// What a file is, its first bytes say, not its name. A picture is u8, u16 or f32 with 1, 3 or 4 channels (B, G, R, alpha):
// 1 to 8 bits become u8 (levels spread over 0..255), 9 to 16 bits u16 (over 0..65535); grey with alpha becomes four
// channels. Colour profiles and gamma are not applied. NPY files hold channels in the order R, G, B, alpha.
//
// A cut or damaged file is a DataError with its name, never half a picture: PNG's checksums must all hold, and whatever
// libjpeg warns of is an error. The pixel budget is checked before a picture is allocated.
#pragma once
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>

#include "assay/core/input.h"

namespace assay {

struct ReadImageOptions {
  uint64_t pixels = InputBudget{}.pixels;  ///< of the picture, at most
  bool orientation = true;                 ///< turn a JPEG as its EXIF says
};

/// "-": standard input. DataError.
cv::Mat read_image(const std::string& path, const ReadImageOptions& options = {});
/// `name` is used in messages.
cv::Mat decode_image(std::string_view bytes, const std::string& name, const ReadImageOptions& options = {});

enum class ImageFormat { png, jpeg, pnm, pfm, npy };

struct WriteImageOptions {
  int quality = 95;  ///< of JPEG, 1..100
};

/// By the name's ending; PNG for "-" and for what is no regular file (a device, a FIFO); UsageError elsewhere.
ImageFormat image_format_of(const std::string& path);
/// True where the format holds this picture as it is: JPEG only u8 without alpha, PFM only f32 ...
bool can_hold(ImageFormat format, const cv::Mat& image);
/// DataError where !can_hold.
std::string encode_image(const cv::Mat& image, ImageFormat format, const WriteImageOptions& options = {});
/// Whole or not at all. UsageError, DataError, OutputError.
void write_image(const std::string& path, const cv::Mat& image, const WriteImageOptions& options = {});

/// Turned as EXIF orientation 1..8 says: the picture as it should be seen.
cv::Mat oriented(const cv::Mat& stored, int orientation);
/// Orientation in the bytes of a JPEG APP1 segment (beginning with "Exif"); 1 where there is none or it is malformed.
int exif_orientation(std::string_view app1);

}  // namespace assay
