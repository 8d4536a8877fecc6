// imgproc/filter/box.h: the mean over a rectangle around each pixel.
//
//   out(x, y) = 1/(w h) sum of f(x + i, y + j),   i = -(w/2) .. w - 1 - w/2,  j = -(h/2) .. h - 1 - h/2  (halves rounded down)
//
// Takes      u8, u16, f32 (finite); 1, 3, 4 channels (each alone); any size
// Gives      the same depth. Integer depths: the exact mean rounded to the nearest, ties to even. f32: sums in f64
// Guarantees a constant picture stays as it is; integer results commute with flips and turns by 90 degrees (odd sides)
// Cost       a pixel: O(log w), whatever h
// Trace      picture "result"
// See        [McDonnell1981]; [Crow1984] for the textbook's way (integral.h)
#pragma once
#include <optional>

#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

struct BoxParams {
  int size = 3;
  std::optional<int> height;
  Border border = Border::reflect101;
  double value = 0;
  static void fields(auto& p, auto&& field) {
    field("size", p.size, between(1, 4095), "width of the window in pixels, and its height", {"width"});
    field("height", p.height, between(1, 4095), "its height, where that is another");
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
  }
};

struct Box {
  using Params = BoxParams;
  static constexpr ImageOpInfo info{"box",
                                    "mean over a rectangle, correctly rounded",
                                    "McDonnell1981",
                                    {"mean", "box-filter"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::close}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat box(const cv::Mat& image, const BoxParams& params = {}, const Context& ctx = {}) {
  return apply_op<Box>(params, image, ctx);
}

}  // namespace assay
