// imgproc/filter/gaussian_recursive.h: the Gaussian filter by recursion: its cost does not grow with sigma.
//
//   g(i) ~ h(i) = s sum_k exp(-a_k i / sigma) (c_k cos(b_k i / sigma) + d_k sin(b_k i / sigma)),  k = 1, 2,  i >= 0         (1)
//
// h is mirrored for i < 0, and s makes all of it sum to 1. Each term is a recursion of second order.
//
// Guarantees |result - exact| <= recursive_error(sigma) (largest - smallest value of the picture, and of what stands beyond
//            its edge), before rounding; exact: the sampled Gaussian, not cut. A constant picture stays as it is. A picture
//            turned by 180 degrees gives the turned result, bit for bit
// See        [Deriche1993]; [Getreuer2013] sec. 4
#pragma once
#include "assay/imgproc/filter/gaussian.h"

namespace assay {

/// Half the sum of |h(i) h(j) - g(i) g(j)| over all i, j: computed, not estimated. 0.0006 from sigma 2 on.
double recursive_error(double sigma);

/// Gaussian::apply for method=recursive.
void gaussian_recursive(const GaussianParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx);

}  // namespace assay
