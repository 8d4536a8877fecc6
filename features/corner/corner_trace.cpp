#include <opencv2/core.hpp>

#include "assay/features/corner/corner_trace_internal.h"

namespace assay::detail {

namespace {

template <class Real>
FeatureTable detect_as(const cv::Mat& image, const TensorSetting& setting, const CornerSelection& selection,
                       double threshold, double sigma, bool rim, const ResponseStory& story, const Context& ctx) {
  cv::Mat_<Real> R;
  const Real largest = tensor_response(image, setting, R, ctx);
  std::vector<Corner> corners;
  if (largest > 0) corners = find_maxima<Real>(R, static_cast<Real>(threshold * static_cast<double>(largest)), ctx);
  if (!rim)
    std::erase_if(corners, [&](const Corner& c) {
      return c.x == 0 || c.y == 0 || c.x + 1 == image.cols || c.y + 1 == image.rows;
    });
  corners = select_corners(std::move(corners), R, selection);
  FeatureTable table = corner_table(corners, R, image, selection, sigma, ctx);
  if (ctx.trace) trace_corners(image, R, table, story, ctx);
  return table;
}

}  // namespace

cv::Mat response_of(const cv::Mat& image, const TensorSetting& setting, CornerConvention convention,
                    const Context& ctx) {
  if (convention == CornerConvention::skimage) {
    cv::Mat_<double> R;
    tensor_response(image, setting, R, ctx);
    return R;
  }
  cv::Mat_<float> R;
  tensor_response(image, setting, R, ctx);
  return R;
}

FeatureTable detect_by_tensor(const cv::Mat& image, const TensorSetting& setting, const CornerSelection& selection,
                              double threshold, double sigma, CornerConvention convention, const ResponseStory& story,
                              const Context& ctx) {
  const bool rim = convention != CornerConvention::opencv;
  return convention == CornerConvention::skimage
             ? detect_as<double>(image, setting, selection, threshold, sigma, rim, story, ctx)
             : detect_as<float>(image, setting, selection, threshold, sigma, rim, story, ctx);
}

void trace_corners(const cv::Mat& image, const cv::Mat& R, const FeatureTable& table, const ResponseStory& story,
                   const Context& ctx) {
  const auto show = [&](const char* stage, const std::string& title, const char* caption, const cv::Mat& m,
                        bool stretch, const char* source) {
    ctx.trace.image([&] { return TraceImage{stage, title, caption, view_of(m), stretch, {}, source}; });
  };
  cv::Mat shown;
  R.convertTo(shown, CV_32F);
  show("input", std::string("The picture ") + story.name + " gets", "The input.", image, false,
       "features/corner/corner_trace.cpp:detect_as");
  show("response", story.title, story.caption, shown, true, story.source);
  show("corners", "Local maxima of R", "A ring around each key point, the strongest in red.", draw_points(image, table),
       false, "features/corner/corner.cpp:find_maxima");
}

}  // namespace assay::detail
