// features/corner/harris.cpp
// Notation   gx, gy gradient;  A, B, C: window sums of gx^2, gy^2, gx gy;  R response
// Method     1 gradient, structure tensor (A, B, C) and response R (structure_tensor.cpp)   2 local maxima of R
//            3 select   4 refine (corner.cpp)
// Departures from the paper: those of structure_tensor.cpp and corner.cpp

#include "assay/features/corner/harris.h"

#include <opencv2/core.hpp>

#include "assay/features/corner/corner_trace_internal.h"

namespace assay {

namespace {

TensorSetting setting_of(const HarrisParams& p, const cv::Mat& image) {
  return tensor_setting(CornerMeasure::harris, p.convention, p.window, p.sigma, p.size, p.k, image);
}

}  // namespace

cv::Mat harris_response(const cv::Mat& image, const HarrisParams& p, const Context& ctx) {
  check_params(p);
  check_image(Harris::info.name, Harris::info.traits, image);
  return detail::response_of(image, setting_of(p, image), p.convention, ctx);
}

FeatureTable Harris::detect(const Params& p, const cv::Mat& image, const Context& ctx) {
  const detail::ResponseStory story{"Harris", "R = det M - k (trace M)^2",
                                    "Bright: corners. Dark: edges. Grey: flat ground.",
                                    "features/corner/corner_kernels.cpp:harris_row"};
  return detail::detect_by_tensor(image, setting_of(p, image), p, p.threshold, p.sigma, p.convention, story, ctx);
}

}  // namespace assay
