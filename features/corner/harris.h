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
// Conventions (structure_tensor.h)
//   exact    products beyond the edge reflect101, w cut at ceil(4 sigma); f32
//   opencv   cv::cornerHarris(image, blockSize = size, ksize = 3, k): a box, its scale; no key points on the rim; f32
//   skimage  skimage.feature.corner_harris(image, k=k, sigma=sigma): Sobel not divided by 8, zeros beyond the edge,
//            w cut at floor(4 sigma + 0.5); f64
#pragma once
#include "assay/features/corner/corner.h"
#include "assay/features/corner/structure_tensor.h"

namespace assay {

struct HarrisParams : CornerSelection {
  double sigma = 1.0;
  CornerWindow window = CornerWindow::automatic;
  int size = 3;
  double k = 0.05;
  double threshold = 0.01;
  CornerConvention convention = CornerConvention::exact;
  static void fields(auto& p, auto&& field) {
    field("sigma", p.sigma, Rule{0, 100, true, false}, "standard deviation of the window w, in pixels");
    field("window", p.window, corner_window_names, "shape of w; auto: gaussian (opencv: box)");
    field("size", p.size, between(1, 255), "side of a box window, in pixels", {"block-size"});
    field("k", p.k, Rule{0, 0.25, false, true}, "weight of the squared trace: raise it to demand sharper corners");
    field("threshold", p.threshold, Rule{0, 1}, "key points respond above this share of the largest response",
          {"threshold-rel"});
    CornerSelection::fields(p, field);
    field("convention", p.convention, corner_convention_names, "whose borders and scale");
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
