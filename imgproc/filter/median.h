// imgproc/filter/median.h: the median of a square window around each pixel.
//
//   out(x, y) = the middle one, in order of size, of f(x + i, y + j),   i, j = -r..r,  size = 2r + 1
//
// Takes      u8, u16, f32 (no NaN); 1, 3, 4 channels (each alone); any size
// Gives      the same depth; a value that stands in the window
// Guarantees commutes with flips, rotations by 90 degrees and every rising map of the values
// Cost       a pixel: sizes 3 and 5 a network of minima and maxima; above, u8: constant in the mean; u16 and f32: O(size)
// Trace      picture "result"
// See        [Tukey1977]; [Batcher1968] for sizes 3 and 5, [Perreault2007] for u8 above, [Huang1979] for the others
#pragma once
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

struct MedianParams {
  int size = 3;
  Border border = Border::replicate;
  double value = 0;
  static void fields(auto& p, auto&& field) {
    field("size", p.size, Rule{1, 255, false, false, true}, "side of the window in pixels", {"ksize"});
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
  }
};

struct Median {
  using Params = MedianParams;
  static constexpr ImageOpInfo info{"median",
                                    "the middle value of a window: removes specks, keeps edges",
                                    "Perreault2007",
                                    {"median-blur"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat median(const cv::Mat& image, const MedianParams& params = {}, const Context& ctx = {}) {
  return apply_op<Median>(params, image, ctx);
}

}  // namespace assay
