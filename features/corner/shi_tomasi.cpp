// features/corner/shi_tomasi.cpp
// Notation   A, B, C: window sums of gx^2, gy^2, gx gy;  R: the smaller eigenvalue of M
// Method     1 gradient, structure tensor and eigenvalue (structure_tensor.cpp)   2 local maxima of R   3 select
//            4 refine (corner.cpp)
// Departures from the paper: those of structure_tensor.cpp and corner.cpp. The paper's threshold is a number of its own;
//            here it is a share of the largest R, as in cv::goodFeaturesToTrack.

#include "assay/features/corner/shi_tomasi.h"

#include <opencv2/core.hpp>

#include "assay/features/corner/corner_trace_internal.h"

namespace assay {

namespace {

TensorSetting setting_of(const ShiTomasiParams& p, const cv::Mat& image) {
  return tensor_setting(CornerMeasure::eigenvalue, p.convention, p.window, p.sigma, p.size, 0, image);
}

}  // namespace

cv::Mat shi_tomasi_response(const cv::Mat& image, const ShiTomasiParams& p, const Context& ctx) {
  check_params(p);
  check_image(ShiTomasi::info.name, ShiTomasi::info.traits, image);
  return detail::response_of(image, setting_of(p, image), p.convention, ctx);
}

FeatureTable ShiTomasi::detect(const Params& p, const cv::Mat& image, const Context& ctx) {
  const detail::ResponseStory story{"Shi-Tomasi", "R = the smaller eigenvalue of M",
                                    "Bright: the picture changes in every direction. Dark: along one line at most.",
                                    "features/corner/corner_kernels.cpp:eigenvalue_row"};
  return detail::detect_by_tensor(image, setting_of(p, image), p, p.threshold, p.sigma, p.convention, story, ctx);
}

}  // namespace assay
