// imgproc/color/convert.h: the operators linear, xyz, lab, hsv, hsl and ycbcr, there and back.
//
// Takes      u8, u16, f32; 3 channels (B, G, R) or 4 (alpha is kept); with `inverse` the space's own channels instead
// Gives      the same depth, channels in the order of the name (the first of `hsv` in memory is H); `real=true`: f32 whatever the
//            depth. f32 pictures hold the units of color/space.h. Integers hold, with m = 255 or 65535:
//              linear, xyz   m C (Z of white is 1.089: clamped)       hsv, hsl   H / 2 on 8 bits, 65536 H / 360 on 16; m S, m V
//              lab           m L / 100, a + 128, b + 128 (16 bits: 257 times that)       ycbcr   m Y, m C + (m + 1) / 2
// Guarantees integers are the exact value rounded to the nearest, ties to even, clamped; f32 is f64 rounded once
#pragma once
#include "assay/imgproc/color/space.h"
#include "assay/imgproc/op.h"

namespace assay {

struct ConvertParams {
  bool inverse = false;
  bool real = false;
  static void fields(auto& p, auto&& field) {
    field("inverse", p.inverse, "back to sRGB");
    field("real", p.real, "f32 in the space's own units, whatever the depth of the picture");
  }
};

void convert_colour(ColourSpace space, const ConvertParams& params, const cv::Mat& image, cv::Mat& out,
                    const Context& ctx);

template <ColourSpace space>
struct ConvertColour {
  using Params = ConvertParams;
  static void apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
    convert_colour(space, p, image, out, ctx);
  }
};

inline constexpr ImageTraits kColourTraits{kAnyDepth, kColour | kColourAlpha, Law::exact, Law::exact};

struct LinearRgb : ConvertColour<ColourSpace::linear> {
  static constexpr ImageOpInfo info{
      "linear", "linear light from sRGB", "IEC61966, sec. 5.2", {"srgb-to-linear"}, kColourTraits};
};
struct Xyz : ConvertColour<ColourSpace::xyz> {
  static constexpr ImageOpInfo info{"xyz", "CIE XYZ from sRGB", "IEC61966, sec. 5.2", {"rgb2xyz"}, kColourTraits};
};
struct Lab : ConvertColour<ColourSpace::lab> {
  static constexpr ImageOpInfo info{
      "lab", "CIE L*a*b* from sRGB", "CIE15, sec. 8.2.1", {"rgb2lab", "bgr2lab"}, kColourTraits};
};
struct Hsv : ConvertColour<ColourSpace::hsv> {
  static constexpr ImageOpInfo info{
      "hsv", "hue, saturation, value", "Smith1978", {"rgb2hsv", "bgr2hsv"}, kColourTraits};
};
struct Hsl : ConvertColour<ColourSpace::hsl> {
  static constexpr ImageOpInfo info{"hsl", "hue, saturation, lightness", "Smith1978", {"hls"}, kColourTraits};
};
struct YCbCr : ConvertColour<ColourSpace::ycbcr> {
  static constexpr ImageOpInfo info{
      "ycbcr", "luma and two colour differences", "BT601, item 3.5", {"ycc"}, kColourTraits};
};

}  // namespace assay
