// features/corner/structure_tensor.h: how much the picture changes around a pixel, and in which directions.
//
//   M(x, y) = sum_{u, v} w(u, v) [ gx^2   gx gy ] = [ A C ]          gx, gy: Sobel, not divided
//                                [ gx gy  gy^2  ]   [ C B ]
//   harris      R = A B - C^2 - k (A + B)^2                                   [HarrisStephens1988, eq. 7]
//   eigenvalue  R = (A + B)/2 - sqrt(((A - B)/2)^2 + C^2), the smaller one    [ShiTomasi1994, sec. 4]
//
// Takes      u8, u16, f32; 1 channel
// Guarantees under a Gaussian window R commutes with flips and rotations by 90 degrees bit for bit
// Cost       O(pixels side): one pass over bands of rows and tiles of columns, with a few rows of memory
#pragma once
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class CornerWindow { automatic, gaussian, box };
inline constexpr EnumNames<CornerWindow, 3> corner_window_names{
    {{"auto", CornerWindow::automatic}, {"gaussian", CornerWindow::gaussian}, {"box", CornerWindow::box}}};
enum class CornerConvention { exact, opencv, skimage };
inline constexpr EnumNames<CornerConvention, 3> corner_convention_names{
    {{"exact", CornerConvention::exact}, {"opencv", CornerConvention::opencv}, {"skimage", CornerConvention::skimage}}};

enum class CornerMeasure { harris, eigenvalue };

struct TensorSetting {
  CornerMeasure measure = CornerMeasure::harris;
  double k = 0;
  bool box = false;  ///< plain sum over pixels -before .. after; else `weights` w_0 .. w_r
  int before = 1, after = 1;
  std::vector<double> weights;
  Border gradient_border = Border::replicate, window_border = Border::reflect101;
  double scale = 1;  ///< R is multiplied by this
};

/// What the conventions mean:
///   exact    gradients divided by 8 and by the full scale; a box is divided by its pixels; products beyond the edge reflect101
///   opencv   cv::cornerHarris, cornerMinEigenVal(image, blockSize = size, ksize = 3): box, gradients and sums divided by
///            4 size (and by 255 for u8), an even box reaches one pixel further up and left; f32
///   skimage  skimage.feature.corner_harris, corner_shi_tomasi(image / full scale, sigma): zeros beyond the edge, f64
TensorSetting tensor_setting(CornerMeasure measure, CornerConvention convention, CornerWindow window, double sigma,
                             int size, double k, const cv::Mat& image);

/// R for every pixel, Real = float or double; returns the largest R (0 where none is positive).
template <class Real>
Real tensor_response(const cv::Mat& image, const TensorSetting& setting, cv::Mat_<Real>& out, const Context& ctx);

}  // namespace assay
