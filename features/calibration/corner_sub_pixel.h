// features/calibration/corner_sub_pixel.h: the place of a corner to a few hundredths of a pixel.
//
//   sum_p w(p) g(p)' (p - q) g(p) = 0     g: gradient at p, w: weight of the window around q
//
// q is the point nearest to the lines through all p across their gradients: where the edges around it meet. The window
// moves with q until q stays. Noise pulls q towards the middle of the window, so only the resting place is without bias.
//
// Takes      u8 or f32, 1 channel
// Cost       O(corners iterations window^2)
// See        [Forstner1987] sec. 3; w = exp(-(dx^2 + dy^2) / window^2) and the stopping rule are those of OpenCV's
//            cornerSubPix
#pragma once
#include <opencv2/core/mat.hpp>
#include <vector>

namespace assay {

struct SubPixelParams {
  int window = 11;  ///< pixels on each side of the middle: 2 window + 1 in all; 1 to 60
  int max_iter = 30;
  double tolerance = 1e-3;  ///< pixels: a smaller step is the last
};

/// Moves each corner to its place; one that leaves its first window, or the picture, stays where it was.
void refine_corners(const cv::Mat& image, const SubPixelParams& params, std::vector<cv::Point2d>& corners);

/// The textbook form of the same: bilinear values, sums in double precision, one pixel after the other.
void refine_corners_plainly(const cv::Mat& image, const SubPixelParams& params, std::vector<cv::Point2d>& corners);

}  // namespace assay
