// features/corner/corner.h: from a response at every pixel to a list of corners: what harris, shi-tomasi and fast share.
//
//   1  local maxima of the response above `threshold`
//   2  the strongest first; those too near a stronger one are left out (`suppression`), `max-features` stay
//   3  each place is refined between pixels (`sub-pixel`)
//
// Suppression
//   square    no stronger response within min-distance in x and in y (whether that one is kept or not)
//   radius    the strongest first: kept unless a kept one is nearer than min-distance (as cv::goodFeaturesToTrack)
//   adaptive  the radius of a corner is its distance to the nearest that is clearly stronger (0.9 of its response is still
//             more): the max-features (500 as in the paper, where it is none) with the largest radii stay, so that they cover the
//             picture [BrownSzeliskiWinder2005, sec. 3]
#pragma once
#include <opencv2/core/mat.hpp>
#include <optional>

#include "assay/features/feature.h"

namespace assay {

enum class SubPixel { none, peak, edges };
inline constexpr EnumNames<SubPixel, 3> sub_pixel_names{
    {{"none", SubPixel::none}, {"peak", SubPixel::peak}, {"edges", SubPixel::edges}}};
enum class CornerSuppression { square, radius, adaptive };
inline constexpr EnumNames<CornerSuppression, 3> corner_suppression_names{{{"square", CornerSuppression::square},
                                                                           {"radius", CornerSuppression::radius},
                                                                           {"adaptive", CornerSuppression::adaptive}}};

struct CornerSelection {
  int min_distance = 3;
  CornerSuppression suppression = CornerSuppression::square;
  std::optional<int> max_features;
  SubPixel sub_pixel = SubPixel::edges;
  static void fields(auto& p, auto&& field) {
    field("min-distance", p.min_distance, between(1, 1000), "how near a stronger corner may be, in pixels");
    field(
        "suppression", p.suppression, corner_suppression_names,
        "square: none stronger within min-distance in x and y; radius: none kept nearer; adaptive: spread out evenly");
    field("max-features", p.max_features, at_least(1), "keep this many; none: all (adaptive: 500)", {"max-corners"});
    field("sub-pixel", p.sub_pixel, sub_pixel_names,
          "peak: the top of a parabola through R (inside an L-shaped corner); edges: where the edges around it meet");
  }
};

struct Corner {
  int x, y;
  double response;
};
struct Position {
  double x, y;
};

/// Step 1: R > 0, R >= threshold, none larger among 8 neighbours (of equal ones the first in reading order), in reading order.
template <class Real>
std::vector<Corner> find_maxima(const cv::Mat_<Real>& R, Real threshold, const Context& ctx);

/// Step 2.
template <class Real>
std::vector<Corner> select_corners(std::vector<Corner> maxima, const cv::Mat_<Real>& R, const CornerSelection& p);
/// The radius of each of `corners` (the strongest first), squared; infinite where none is clearly stronger. O(n^2).
std::vector<double> suppression_radii_textbook(const std::vector<Corner>& corners);
/// The same, each nearest one sought in a grid that fills from the strongest on.
std::vector<double> suppression_radii(const std::vector<Corner>& corners);

/// Step 3 and the table x, y, response; a trace step "corner" each. sigma: of the window, for `edges`.
template <class Real>
FeatureTable corner_table(const std::vector<Corner>& corners, const cv::Mat_<Real>& R, const cv::Mat& image,
                          const CornerSelection& p, double sigma, const Context& ctx);

}  // namespace assay
