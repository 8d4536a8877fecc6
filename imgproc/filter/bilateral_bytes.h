// imgproc/filter/bilateral_bytes.h: the bilateral filter of bytes within a small radius, its weights read from tables.
#pragma once
#include <map>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assay/core/context.h"
#include "assay/imgproc/filter/bilateral.h"
#include "assay/imgproc/filter/bilateral_bytes_kernels.h"

namespace assay {

/// Radii up to it: the errors of so many weights move a mean by less than 0.0004 levels.
inline constexpr int kTableRadius = 4;

/// Whether tables serve: bytes, a small radius, distances that are whole numbers below 256 (or, beyond, weights of nothing).
bool has_weight_tables(const cv::Mat& image, const BilateralParams& p, int radius);

/// The same means for single pixels: where tables do not stand in registers, means of f32 are made, and these decide where
/// one lies so near a half that its rounding is in doubt.
class TableMean {
 public:
  TableMean(const BilateralParams& p, int radius);
  /// At column x, plane c: rows[radius + j] is the row j below, its values as floats, its planes `plane` apart.
  uint8_t operator()(const float* const* rows, ptrdiff_t plane, int planes, ptrdiff_t x, int c) const;
  /// How far a mean of f32 may be from one of these.
  double error() const;

 private:
  struct Tap {
    int x, y;
    const WeightTable* table;
  };
  int r_;
  std::map<int, WeightTable> tables_;
  std::vector<Tap> taps_;
};

/// out has the picture's size and type.
void bilateral_by_tables(const cv::Mat& image, const BilateralParams& p, int radius, cv::Mat& out, const Context& ctx);

}  // namespace assay
