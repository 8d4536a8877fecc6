// features/corner/fast.h: the corner detector of Rosten and Drummond, FAST-9 on a circle of 16 pixels.
//
//   p is a corner  <=>  nine neighbouring pixels of the circle are all brighter than p + t, or all darker than p - t
//   response(p)    = the largest t for which p still is one
//
// Corners that respond no more than one of their 8 neighbours are left out (`nms`).
//
// Takes      u8, u16, f32; 1 channel
// Gives      table x, y, response: strongest first. Pixels less than 3 from the edge are not looked at
// Units      threshold and response in grey levels of 255, whatever the depth (of u8 a response is a whole number: at
//            response + 1 the pixel is no corner any more)
// Guarantees the corners of cv::FastFeatureDetector (TYPE_9_16) on u8, with its responses; they turn with the picture
// Cost       O(pixels): no decision tree, but minima over the circle for 64 pixels of a row, unless opposite pixels tell that
//            none of them is a corner
// See        [RostenDrummond2006] sec. 2; corner.h for the choice among the corners; trace step "corner"
#pragma once
#include "assay/features/corner/corner.h"

namespace assay {

struct FastParams : CornerSelection {
  double threshold = 10;
  bool nms = true;
  FastParams() {
    min_distance = 1;
    sub_pixel = SubPixel::none;
  }
  static void fields(auto& p, auto&& field) {
    field("threshold", p.threshold, Rule{0, 255}, "by how many grey levels (of 255) the nine pixels differ at least");
    field("nms", p.nms, "only the strongest among 8 neighbours", {"nonmax-suppression"});
    CornerSelection::fields(p, field);
  }
};

struct Fast {
  using Params = FastParams;
  static constexpr FeatureInfo info{"fast",
                                    "corners by nine neighbours on a circle of sixteen",
                                    "RostenDrummond2006, sec. 2",
                                    {"corner-fast", "fast-9-16"},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static FeatureTable detect(const Params&, const cv::Mat& image, const Context&);
};

inline FeatureTable fast(const cv::Mat& image, const FastParams& params = {}, const Context& ctx = {}) {
  return detect<Fast>(params, image, ctx);
}

/// The response of every pixel, 0 where it is no corner; f32.
cv::Mat fast_response(const cv::Mat& image, const FastParams& params = {}, const Context& ctx = {});
/// The same, asking each pixel for each of its 16 arcs.
cv::Mat fast_response_textbook(const cv::Mat& image, const FastParams& params = {});

}  // namespace assay
