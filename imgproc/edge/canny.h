// imgproc/edge/canny.h: Canny's edge detector, after smoothing (which is gaussian's step, not this one's).
//
// A pixel is an edge if the gradient's magnitude m has a maximum there across the edge, and m is above `high`, or above
// `low` and joined to such a pixel through pixels that are (8 neighbours).
//
// Takes      u8, u16, f32; 1 channel; any size
// Gives      u8: 255 on an edge, 0 elsewhere
// Units      low, high: on the unnormalised 3x3 Sobel scale of 8-bit values; other depths scale by their maximum (u16
//            times 257, f32 by 1/255)
// Guarantees the edge set shrinks as low or high rises; under `exact` it commutes with flips and rotations by 90
//            degrees bit for bit; a step edge gives a line one pixel wide, on the bright side of the step
// Cost       O(pixels); memory: one byte a pixel, and for each row band of 32 its gradient
// Errors     ParameterError: low > high; convention=opencv with nms=interpolated, skimage with nms=nearest
// Trace      pictures input gx gy magnitude direction suppressed classes result thresholds; steps "pixel" and "link"
// See        [Canny1986] sec. VII (gradient, suppression), VIII (hysteresis)
//
// Conventions
//   exact    rows replicated beyond the edge; interpolated suppression; of two equal maxima the one on the bright side
//            stays; m > threshold
//   opencv   as cv::Canny(image, low, high, 3, norm == l2): nearest of four directions; equal maxima: left or upper
//            stays, none on a diagonal
//   skimage  as skimage.feature.canny with sigma=0, mode="nearest": rows reflected, the outermost pixels never edges,
//            equal maxima both stay, m >= threshold; l2 in f64
#pragma once
#include <string>

#include "assay/imgproc/op.h"

namespace assay {

enum class EdgeNorm { l1, l2 };
enum class Suppression { automatic, interpolated, nearest };
enum class CannyConvention { exact, opencv, skimage };
inline constexpr EnumNames<EdgeNorm, 2> edge_norm_names{{{"l1", EdgeNorm::l1}, {"l2", EdgeNorm::l2}}};
inline constexpr EnumNames<Suppression, 3> suppression_names{
    {{"auto", Suppression::automatic}, {"interpolated", Suppression::interpolated}, {"nearest", Suppression::nearest}}};
inline constexpr EnumNames<CannyConvention, 3> canny_convention_names{
    {{"exact", CannyConvention::exact}, {"opencv", CannyConvention::opencv}, {"skimage", CannyConvention::skimage}}};

struct CannyParams {
  double low = 50, high = 150;
  EdgeNorm norm = EdgeNorm::l2;
  Suppression nms = Suppression::automatic;
  CannyConvention convention = CannyConvention::exact;
  static void fields(auto& p, auto&& field) {
    field("low", p.low, non_negative, "weak edges: magnitude above this, kept where joined to a strong one",
          {"threshold1", "low-threshold"});
    field("high", p.high, non_negative, "strong edges: magnitude above this", {"threshold2", "high-threshold"});
    field("norm", p.norm, edge_norm_names, "m = |gx| + |gy|, or sqrt(gx^2 + gy^2)");
    field("nms", p.nms, suppression_names,
          "m against its neighbours across the edge: interpolated on the gradient's line, or the nearest of 8; auto: "
          "nearest "
          "for opencv, else interpolated");
    field("convention", p.convention, canny_convention_names, "whose borders, ties and comparisons");
  }
  static std::optional<std::string> check(const CannyParams& p);
};

struct Canny {
  using Params = CannyParams;
  static constexpr ImageOpInfo info{"canny",
                                    "edges one pixel wide, by gradient and hysteresis",
                                    "Canny1986",
                                    {},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat canny(const cv::Mat& image, const CannyParams& params = {}, const Context& ctx = {}) {
  return apply_op<Canny>(params, image, ctx);
}

}  // namespace assay
