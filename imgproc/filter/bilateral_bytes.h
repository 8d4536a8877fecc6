// imgproc/filter/bilateral_bytes.h: the bilateral filter of bytes within a small radius, its weights read from tables.
#pragma once
#include <opencv2/core/mat.hpp>

#include "assay/core/context.h"
#include "assay/imgproc/filter/bilateral.h"

namespace assay {

/// Radii up to it: the errors of so many weights move a mean by less than 0.0004 levels.
inline constexpr int kTableRadius = 4;

/// Whether tables serve: bytes, a small radius, distances that are whole numbers below 256 (or, beyond, weights of nothing).
bool has_weight_tables(const cv::Mat& image, const BilateralParams& p, int radius);

/// out has the picture's size and type.
void bilateral_by_tables(const cv::Mat& image, const BilateralParams& p, int radius, cv::Mat& out, const Context& ctx);

}  // namespace assay
