// imgproc/segment/distance.h: how far each white pixel is from the nearest black one, exactly.
//
//   out(p) = min { |p - q| : f(q) <= 0 },   0 on black                                                                (1)
//
// Takes      u8, u16, f32; 1 channel: what is above 0 is white; any width
// Gives      f32: the square root of the exact squared distance, a whole number; infinity where nothing is black
// Guarantees commutes with flips and rotations by 90 degrees bit for bit; neighbours differ by sqrt(2) at most
// Cost       O(pixels)
// Trace      picture "distance"
// See        [Meijster2000]; [Felzenszwalb2012]
#pragma once
#include "assay/imgproc/op.h"

namespace assay {

struct DistanceParams {
  bool squared = false;
  static void fields(auto& p, auto&& field) { field("squared", p.squared, "the square of the distance"); }
};
struct Distance {
  using Params = DistanceParams;
  static constexpr ImageOpInfo info{"distance",
                                    "distance to the nearest black pixel, exact",
                                    "Meijster2000",
                                    {"distance-transform"},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat distance(const cv::Mat& image, const DistanceParams& params = {}, const Context& ctx = {}) {
  return apply_op<Distance>(params, image, ctx);
}

}  // namespace assay
