// imgproc/color/convert.h: the operators linear, xyz, lab, hsv, hsl and ycbcr, there and back.
//
// Takes      u8, u16, f32; 3 channels (B, G, R) or 4 (alpha is kept); with `inverse` the space's own channels instead
// Gives      the same depth, channels in the order of the name (the first of `hsv` in memory is H); `real=true`: f32 whatever the
//            depth. f32 pictures hold the units of color/space.h. Integers hold, with m = 255 or 65535:
//              linear, xyz   m C (Z of white is 1.089: clamped)       hsv, hsl   H / 2 on 8 bits, 65536 H / 360 on 16; m S, m V
//              lab           m L / 100, a + 128, b + 128 (16 bits: 257 times that)       ycbcr   m Y, m C + (m + 1) / 2
// Guarantees integers are the exact value rounded to the nearest, ties to even, clamped; f32 is f64 rounded once
// Conventions (channels stay in the order of the operator's name)
//   opencv   OpenCV 4.6's numbers: hsv, hsl on u8 and f32, lab on u8, xyz, ycbcr on all depths. xyz takes encoded values for
//            light; f32 of ycbcr holds C + 1/2
//   skimage  scikit-image 0.19's: f32 of R, G, B in [0, 1], H a fraction of a turn, lab's white (0.95047, 1, 1.08883), ycbcr
//            in video levels (Y 16..235, C 16..240); back: from f32; lab and xyz clipped
//   pillow   Pillow 9.4's: hsv (H 0..255 is the turn) and ycbcr, u8
// Errors     DataError: a depth that the convention does not have
#pragma once
#include <optional>
#include <string>

#include "assay/imgproc/color/space.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class ColourConvention { exact, opencv, skimage, pillow };

/// The conventions of a space: what the libraries have.
template <ColourSpace space>
constexpr auto colour_convention_names() {
  using enum ColourConvention;
  if constexpr (space == ColourSpace::hsv || space == ColourSpace::ycbcr)
    return EnumNames<ColourConvention, 4>{
        {{"exact", exact}, {"opencv", opencv}, {"skimage", skimage}, {"pillow", pillow}}};
  else if constexpr (space == ColourSpace::hsl)
    return EnumNames<ColourConvention, 2>{{{"exact", exact}, {"opencv", opencv}}};
  else
    return EnumNames<ColourConvention, 3>{{{"exact", exact}, {"opencv", opencv}, {"skimage", skimage}}};
}

struct ConvertParams {
  bool inverse = false;
  bool real = false;
  ColourConvention convention = ColourConvention::exact;
};

template <ColourSpace space>
struct ConvertParamsOf : ConvertParams {
  static void fields(auto& p, auto&& field) {
    field("inverse", p.inverse, "back to sRGB");
    field("real", p.real, "f32 in the space's own units, whatever the depth of the picture");
    if constexpr (space != ColourSpace::linear) {
      static constexpr auto kNames = colour_convention_names<space>();
      field("convention", p.convention, kNames, "whose numbers and rounding");
    }
  }
  static std::optional<std::string> check(const ConvertParamsOf& p) {
    if (p.real && p.convention != ColourConvention::exact) return "real=true is for convention=exact";
    return std::nullopt;
  }
};

void convert_colour(ColourSpace space, const ConvertParams& params, const cv::Mat& image, cv::Mat& out,
                    const Context& ctx);

template <ColourSpace space>
struct ConvertColour {
  using Params = ConvertParamsOf<space>;
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
