// features/corner/corner_trace_internal.h: detectors by the structure tensor, and the study window of all detectors.
#pragma once
#include "assay/features/corner/corner.h"
#include "assay/features/corner/structure_tensor.h"

namespace assay::detail {

/// What a detector says of its response.
struct ResponseStory {
  const char* name;
  const char* title;
  const char* caption;
  const char* source;
};

/// f64 for convention skimage, else f32.
cv::Mat response_of(const cv::Mat& image, const TensorSetting& setting, CornerConvention convention,
                    const Context& ctx);
/// Steps 1 to 3 of corner.h on that response; threshold: a share of the largest R.
FeatureTable detect_by_tensor(const cv::Mat& image, const TensorSetting& setting, const CornerSelection& selection,
                              double threshold, double sigma, CornerConvention convention, const ResponseStory& story,
                              const Context& ctx);
/// Pictures "input", "response", "corners".
void trace_corners(const cv::Mat& image, const cv::Mat& R, const FeatureTable& table, const ResponseStory& story,
                   const Context& ctx);

}  // namespace assay::detail
