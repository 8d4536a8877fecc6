// features/corner/harris.h: the corner detector of Harris and Stephens.
//
//   M(x, y) = sum w [ gx^2   gx gy ] = [ A C ]      R = det M - k (trace M)^2 = A B - C^2 - k (A + B)^2
//                   [ gx gy  gy^2  ]   [ C B ]
//
// R is large and positive at corners, negative on edges, near 0 on flat ground. Key points are the local maxima of R.
//
// Takes      u8, u16, f32; 1 channel
// Gives      table x, y, response: strongest first
// Units      the picture's full scale is 1, gx and gy are true derivatives (Sobel / 8) per pixel; w: Gaussian, sum 1
// Guarantees the response commutes with flips and rotations by 90 degrees bit for bit
// Cost       O(pixels sigma)
// See        [HarrisStephens1988] sec. 3, eq. 5-7 (they leave k open; 0.04 to 0.06 is usual); [Forstner1987] for `edges`
//
// Conventions
//   exact    products beyond the edge reflect101, w cut at ceil(4 sigma); f32
//   skimage  skimage.feature.corner_harris(image, k=k, sigma=sigma): Sobel not divided by 8, zeros beyond the edge,
//            w cut at floor(4 sigma + 0.5); f64
#pragma once
#include <optional>

#include "assay/features/feature.h"

namespace assay {

enum class SubPixel { none, peak, edges };
inline constexpr EnumNames<SubPixel, 3> sub_pixel_names{
    {{"none", SubPixel::none}, {"peak", SubPixel::peak}, {"edges", SubPixel::edges}}};
enum class HarrisConvention { exact, skimage };
inline constexpr EnumNames<HarrisConvention, 2> harris_convention_names{
    {{"exact", HarrisConvention::exact}, {"skimage", HarrisConvention::skimage}}};

struct HarrisParams {
  double sigma = 1.0;
  double k = 0.05;
  double threshold = 0.01;
  int min_distance = 3;
  std::optional<int> max_features;
  SubPixel sub_pixel = SubPixel::edges;
  HarrisConvention convention = HarrisConvention::exact;
  static void fields(auto& p, auto&& field) {
    field("sigma", p.sigma, Rule{0, 100, true, false}, "standard deviation of the window w, in pixels");
    field("k", p.k, Rule{0, 0.25, false, true}, "weight of the squared trace: raise it to demand sharper corners");
    field("threshold", p.threshold, Rule{0, 1}, "key points respond above this share of the largest response",
          {"threshold-rel"});
    field("min-distance", p.min_distance, between(1, 1000), "no stronger response within this many pixels in x and y");
    field("max-features", p.max_features, at_least(1), "keep this many of the strongest; none: all");
    field("sub-pixel", p.sub_pixel, sub_pixel_names,
          "peak: the top of a parabola through R (inside an L-shaped corner); edges: where the edges around it meet");
    field("convention", p.convention, harris_convention_names, "whose borders and scale");
  }
};

struct Harris {
  using Params = HarrisParams;
  static constexpr FeatureInfo info{"harris",
                                    "corners by the structure tensor",
                                    "HarrisStephens1988, sec. 3",
                                    {"corner-harris"},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static FeatureTable detect(const Params&, const cv::Mat& image, const Context&);
};

inline FeatureTable harris(const cv::Mat& image, const HarrisParams& params = {}, const Context& ctx = {}) {
  return detect<Harris>(params, image, ctx);
}

/// R for every pixel: f32, or f64 under convention skimage.
cv::Mat harris_response(const cv::Mat& image, const HarrisParams& params = {}, const Context& ctx = {});

}  // namespace assay
