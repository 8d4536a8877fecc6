// imgproc/io/codec_internal.h: what image_file.cpp asks of each format.
#pragma once
#include "assay/core/error.h"
#include "assay/imgproc/io/image_file.h"

namespace assay::codec {

/// DataError with the file's name.
[[noreturn]] void fail(const std::string& name, const std::string& what, const std::string& hint = "");
/// The header's promise against the budget, before anything is allocated.
void check_size(const std::string& name, uint64_t width, uint64_t height, const ReadImageOptions& options);

cv::Mat decode_png(std::string_view bytes, const std::string& name, const ReadImageOptions& options);
cv::Mat decode_jpeg(std::string_view bytes, const std::string& name, const ReadImageOptions& options);
cv::Mat decode_pnm(std::string_view bytes, const std::string& name, const ReadImageOptions& options);
cv::Mat decode_pfm(std::string_view bytes, const std::string& name, const ReadImageOptions& options);
cv::Mat decode_npy(std::string_view bytes, const std::string& name, const ReadImageOptions& options);

std::string encode_png(const cv::Mat& image);
std::string encode_jpeg(const cv::Mat& image, int quality);
std::string encode_pnm(const cv::Mat& image);
std::string encode_pfm(const cv::Mat& image);
std::string encode_npy(const cv::Mat& image);

}  // namespace assay::codec
