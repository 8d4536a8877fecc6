// features/corner/shi_tomasi.h: good features to track, the corner detector of Shi and Tomasi.
//
//   M(x, y) = sum w [ gx^2   gx gy ]      R = the smaller eigenvalue of M
//                   [ gx gy  gy^2  ]
//
// A small window can be found again in the next picture where both eigenvalues are large: R says how well, in squared grey
// levels a pixel. Where [HarrisStephens1988] weigh both into one number, here the weaker direction alone decides.
//
// Takes      u8, u16, f32; 1 channel
// Gives      table x, y, response: strongest first
// Units      the picture's full scale is 1, gx and gy are true derivatives (Sobel / 8) per pixel; w: sum 1
// Guarantees under a Gaussian window the response commutes with flips and rotations by 90 degrees bit for bit
// Cost       O(pixels sigma)
// See        [ShiTomasi1994] sec. 4; corner.h for the choice among the maxima; trace step "corner"
//
// Conventions (structure_tensor.h)
//   opencv   cv::cornerMinEigenVal(image, blockSize = size); with suppression=radius, sub-pixel=none the corners of
//            cv::goodFeaturesToTrack(image, max-features, threshold, min-distance): no pixel of the picture's rim
//   skimage  skimage.feature.corner_shi_tomasi(image, sigma=sigma); f64
#pragma once
#include "assay/features/corner/corner.h"
#include "assay/features/corner/structure_tensor.h"

namespace assay {

struct ShiTomasiParams : CornerSelection {
  double sigma = 1.0;
  CornerWindow window = CornerWindow::automatic;
  int size = 3;
  double threshold = 0.01;
  CornerConvention convention = CornerConvention::exact;
  static void fields(auto& p, auto&& field) {
    field("sigma", p.sigma, Rule{0, 100, true, false}, "standard deviation of the window w, in pixels");
    field("window", p.window, corner_window_names, "shape of w; auto: gaussian (opencv: box)");
    field("size", p.size, between(1, 255), "side of a box window, in pixels", {"block-size"});
    field("threshold", p.threshold, Rule{0, 1}, "key points respond above this share of the largest response",
          {"threshold-rel", "quality-level"});
    CornerSelection::fields(p, field);
    field("convention", p.convention, corner_convention_names, "whose borders and scale");
  }
};

struct ShiTomasi {
  using Params = ShiTomasiParams;
  static constexpr FeatureInfo info{"shi-tomasi",
                                    "corners by the smaller eigenvalue of the structure tensor",
                                    "ShiTomasi1994, sec. 4",
                                    {"good-features-to-track", "corner-shi-tomasi", "min-eigen"},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static FeatureTable detect(const Params&, const cv::Mat& image, const Context&);
};

inline FeatureTable shi_tomasi(const cv::Mat& image, const ShiTomasiParams& params = {}, const Context& ctx = {}) {
  return detect<ShiTomasi>(params, image, ctx);
}

/// R for every pixel: f32, or f64 under convention skimage.
cv::Mat shi_tomasi_response(const cv::Mat& image, const ShiTomasiParams& params = {}, const Context& ctx = {});

}  // namespace assay
