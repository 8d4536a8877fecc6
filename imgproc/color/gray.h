// imgproc/color/gray.h: a grey picture from a colour one.
//
//   exact    Y = 0.299 R + 0.587 G + 0.114 B   [BT601, item 3.2], on the stored (gamma-encoded) values, rounded to the
//            nearest integer, ties to even; f32: computed in f64, rounded once
//   opencv   the same weights in OpenCV 4.6's fixed point: (9798 R + 19235 G + 3735 B + 2^14) / 2^15, rounded down; f32 in
//            f32
//   skimage  Y = 0.2125 R + 0.7154 G + 0.0721 B (the weights of BT.709), result f32 with full scale 1
//
// Takes      u8, u16, f32; 1 channel (copied; skimage: brought to full scale 1), 3, 4 (alpha is left out, not blended)
// Gives      1 channel of the same depth; skimage: f32
#pragma once
#include "assay/imgproc/op.h"

namespace assay {

enum class GrayConvention { exact, opencv, skimage };
inline constexpr EnumNames<GrayConvention, 3> gray_convention_names{
    {{"exact", GrayConvention::exact}, {"opencv", GrayConvention::opencv}, {"skimage", GrayConvention::skimage}}};

struct GrayParams {
  GrayConvention convention = GrayConvention::exact;
  static void fields(auto& p, auto&& field) {
    field("convention", p.convention, gray_convention_names, "whose weights and rounding");
  }
};

struct Gray {
  using Params = GrayParams;
  static constexpr ImageOpInfo info{"gray",
                                    "grey from colour",
                                    "BT601, item 3.2",
                                    {"grey", "bgr2gray", "rgb2gray"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat gray(const cv::Mat& image, const GrayParams& params = {}, const Context& ctx = {}) {
  return apply_op<Gray>(params, image, ctx);
}

}  // namespace assay
