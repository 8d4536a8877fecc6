// imgproc/filter/bilateral.h: the bilateral filter: a mean over pixels that are near and alike.
//
//   out(p) = sum_q w(p, q) f(q) / sum_q w(p, q),   w = exp(-|p - q|^2 / (2 s^2)) exp(-d(f(p), f(q))^2 / (2 c^2))          (1)
//
// over the q with |p - q| <= radius; s = sigma-space, c = sigma-color, d the distance of the values.
//
// Takes      u8, u16, f32; 1 and 3 channels (one distance for the colour), 4 (alpha is kept as it is)
// Gives      the same depth; computed in f32 (weights to 3e-7; of bytes to 3e-8 of the centre's), integer depths rounded to the nearest
// Guarantees a constant picture stays as it is; no value leaves the range of its window. A turned picture gives the turned
//            result but for the order of additions
// Cost       a pixel: pi radius^2 weights
// Trace      picture "result"
// See        [Tomasi1998] sec. 2
//
// Conventions: d is Euclid's in colours; `opencv`: the sum of absolute differences. OpenCV's d is 2 radius + 1.
#pragma once
#include <optional>

#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class ColourDistance { exact, opencv };
inline constexpr EnumNames<ColourDistance, 2> colour_distance_names{
    {{"exact", ColourDistance::exact}, {"opencv", ColourDistance::opencv}}};

struct BilateralParams {
  double sigma_color = 25;
  double sigma_space = 2;
  std::optional<int> radius;
  Border border = Border::reflect101;
  double value = 0;
  ColourDistance convention = ColourDistance::exact;
  static void fields(auto& p, auto&& field) {
    field("sigma-color", p.sigma_color, positive,
          "c: how unlike values may be, on the scale of 8 bits (16 bits: times 257, float: over 255)");
    field("sigma-space", p.sigma_space, Rule{0, 250, true, false}, "s: how far pixels may be, in pixels");
    field("radius", p.radius, between(0, 500), "pixels farther than this are left out; none: ceil(2 sigma-space)");
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
    field("convention", p.convention, colour_distance_names, "the distance of two colours");
  }
};

struct Bilateral {
  using Params = BilateralParams;
  static constexpr ImageOpInfo info{"bilateral",
                                    "smoothing that stops at edges",
                                    "Tomasi1998, sec. 2",
                                    {"bilateral-filter"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat bilateral(const cv::Mat& image, const BilateralParams& params = {}, const Context& ctx = {}) {
  return apply_op<Bilateral>(params, image, ctx);
}

}  // namespace assay
