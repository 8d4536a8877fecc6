// imgproc/quality/quality.h: how far one picture is from another.
//
//   MSE      mean of (a - b)^2 over pixels and channels
//   PSNR     10 log10(L^2 / MSE) in dB; infinite for equal pictures          L: full scale, 255, 65535 or 1
//   SSIM     mean over the window's places of                                       [WangBovik2004, eq. 13]
//              (2 ma mb + C1)(2 sab + C2) / ((ma^2 + mb^2 + C1)(sa^2 + sb^2 + C2))
//            ma, mb, sa^2, sb^2, sab: means, variances and covariance under an 11 x 11 Gaussian of sigma 1.5;
//            C1 = (0.01 L)^2, C2 = (0.03 L)^2
//   MS-SSIM  product over 5 scales of mean(contrast and structure)^w, at the last of mean(SSIM)^w  [WangSimoncelliBovik2003, eq. 7]
//            each scale is the one before, averaged over 2 x 2 pixels;  w = 0.0448, 0.2856, 0.3001, 0.2363, 0.1333
//
// Takes      two pictures of one size and type: u8, u16, f32; 1, 3, 4 channels (alpha is left out)
// Guarantees SSIM(a, a) = 1; symmetric; only windows that lie inside count, as in Wang's program and scikit-image
//            (gaussian_weights, sigma 1.5, use_sample_covariance=False), to 1e-9. Colour: the mean over channels
// Errors     DataError: unlike sizes or types; SSIM: a side under 11; MS-SSIM: a side under 176
// Cost       SSIM: one pass in f64 over tiles that stay in the cache, no full-size temporaries
#pragma once
#include <opencv2/core/mat.hpp>

#include "assay/core/context.h"

namespace assay {

double mean_squared_error(const cv::Mat& a, const cv::Mat& b, const Context& ctx = {});
/// Infinite where the pictures are equal.
double psnr(double mse, double full_scale);
double ssim(const cv::Mat& a, const cv::Mat& b, const Context& ctx = {});
/// A scale whose mean contrast and structure is negative (a picture against its negative) counts as 0.
double ms_ssim(const cv::Mat& a, const cv::Mat& b, const Context& ctx = {});
/// The mean over pixels of CIEDE2000; colour pictures only.
double mean_ciede2000(const cv::Mat& a, const cv::Mat& b, const Context& ctx = {});

inline constexpr int kSsimSide = 11, kMsSsimSide = 176;  ///< least sides

}  // namespace assay
