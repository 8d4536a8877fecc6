// imgproc/geometry/crop.h: a rectangle of the picture, and a frame around it.
//
//   crop   out(x, y) = in(x0 + x, y0 + y),   0 <= x < width, 0 <= y < height;   the rectangle lies inside the picture
//   pad    out(x, y) = in(x - left, y - top), beyond the edge what the border says (filter/border.h)
//
// Takes      u8, u16, f32; 1, 3, 4 channels; any size
// Guarantees crop(pad(f)) = f; crop of the whole picture and pad by nothing are the identity
// Errors     DataError where the rectangle leaves the picture; ParameterError where the result exceeds 100 megapixels
#pragma once
#include <optional>

#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

struct CropParams {
  int x = 0, y = 0;
  std::optional<int> width, height;
  static void fields(auto& p, auto&& field) {
    field("x", p.x, at_least(0), "column of the rectangle's left edge");
    field("y", p.y, at_least(0), "row of its upper edge");
    field("width", p.width, at_least(1), "columns to keep; none: up to the right edge");
    field("height", p.height, at_least(1), "rows to keep; none: down to the lower edge");
  }
};

struct Crop {
  using Params = CropParams;
  static constexpr ImageOpInfo info{"crop",
                                    "a rectangle of the picture",
                                    "GonzalezWoods2018, sec. 2.6",
                                    {"cut"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct PadParams {
  int left = 0, right = 0, top = 0, bottom = 0;
  Border border = Border::constant;
  double value = 0;
  static void fields(auto& p, auto&& field) {
    field("left", p.left, between(0, 100000), "columns added at the left");
    field("right", p.right, between(0, 100000), "columns added at the right");
    field("top", p.top, between(0, 100000), "rows added above");
    field("bottom", p.bottom, between(0, 100000), "rows added below");
    field("border", p.border, border_names, "what stands in them");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale, in every channel");
  }
};

struct Pad {
  using Params = PadParams;
  static constexpr ImageOpInfo info{"pad",
                                    "a frame around the picture",
                                    "GonzalezWoods2018, sec. 3.4",
                                    {"copy-make-border", "extend"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat crop(const cv::Mat& image, const CropParams& params = {}, const Context& ctx = {}) {
  return apply_op<Crop>(params, image, ctx);
}
inline cv::Mat pad(const cv::Mat& image, const PadParams& params = {}, const Context& ctx = {}) {
  return apply_op<Pad>(params, image, ctx);
}

}  // namespace assay
