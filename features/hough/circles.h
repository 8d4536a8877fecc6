// features/hough/circles.h: circles, by the Hough transform along gradients.
//
//   votes(a, b) = sum over edge pixels (x, y) and radii r with (a, b) = (x, y) +- r (gx, gy) / |g|  of  1 / r
//
// The gradient on a circle points to its centre or away from it, so an edge pixel votes along one straight line only
// [Ballard1981, sec. 2]. At each peak the radius is the best filled ring of edge pixels; then centre and radius are fitted
// to the sub-pixel places of these edges. An edge pixel belongs to one circle only.
//
// Takes      u8, u16, f32; 1 channel: the picture itself, not an edge map
// Gives      table x_px, y_px, r_px, votes: most votes first; votes: edge pixels on the circle
// Requires   the centre lies in the picture
// Cost       O(edge pixels x radii + centres x edge pixels around)
// Errors     ParameterError: min-radius > max-radius, low > high
// Trace      pictures edges votes circles; steps "circle"
// See        [DudaHart1972]; [Ballard1981]
#pragma once
#include "assay/features/feature.h"

namespace assay {

struct CirclesParams {
  double min_radius = 10;
  std::optional<double> max_radius;
  double min_distance = 8;
  double support = 0.5;
  double sigma = 1.5;
  double low = 30, high = 60;
  std::optional<int> max_circles;
  static void fields(auto& p, auto&& field) {
    field("min-radius", p.min_radius, at_least(2), "pixels");
    field("max-radius", p.max_radius, at_least(2), "pixels; none: half of the picture's smaller side");
    field("min-distance", p.min_distance, non_negative, "two circles differ by this many pixels in centre or radius");
    field("support", p.support, Rule{0.05, 1}, "share of the circumference that must be edge");
    field("sigma", p.sigma, Rule{0, 20, true, false}, "smoothing before the gradient, in pixels");
    field("low", p.low, non_negative, "weak edges, as canny's", {"threshold1"});
    field("high", p.high, non_negative, "strong edges, as canny's", {"threshold2", "param1"});
    field("max-circles", p.max_circles, at_least(1), "keep this many with the most votes; none: all");
  }
  static std::optional<std::string> check(const CirclesParams& p);
};

struct Circles {
  using Params = CirclesParams;
  static constexpr FeatureInfo info{"circles",
                                    "circles, by the Hough transform along gradients",
                                    "Ballard1981, sec. 2",
                                    {"hough-circles"},
                                    {kAnyDepth, kGrey}};
  static FeatureTable detect(const Params&, const cv::Mat& image, const Context&);
};

inline FeatureTable circles(const cv::Mat& image, const CirclesParams& params = {}, const Context& ctx = {}) {
  return detect<Circles>(params, image, ctx);
}

/// Circles over the dimmed picture, the strongest red.
cv::Mat draw_circles(const cv::Mat& image, const FeatureTable& table);

}  // namespace assay
