// imgproc/edge/sobel.cpp
// Method     the 3x3 derivatives of derivative_internal.h with a, b = 1, 2
// Departures from the textbook: none

#include "assay/imgproc/edge/sobel.h"

#include "assay/imgproc/edge/derivative_internal.h"

namespace assay {

template <class Real>
void sobel_rows(const cv::Mat& image, int begin, int end, Border border, Real value, Real* gx, Real* gy,
                ptrdiff_t stride) {
  derivative_rows<1, 2>(image, begin, end, border, value, gx, gy, stride);
}

template void sobel_rows(const cv::Mat&, int, int, Border, float, float*, float*, ptrdiff_t);
template void sobel_rows(const cv::Mat&, int, int, Border, double, double*, double*, ptrdiff_t);

void Sobel::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  differentiate<1, 2>(p, image, out, ctx);
}

}  // namespace assay
