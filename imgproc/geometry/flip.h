// imgproc/geometry/flip.h: mirror images and quarter turns: every pixel moves, none changes.
//
//   flip horizontal   out(x, y) = in(W-1-x, y)          left and right change places
//        vertical     out(x, y) = in(x, H-1-y)          top and bottom
//        both         out(x, y) = in(W-1-x, H-1-y)      a half turn
//   quarter_turns 1   out(x, y) = in(W-1-y, x)          counter-clockwise; the result is H wide and W high
//
// Takes      u8, u16, f32; 1, 3, 4 channels; any size
// Guarantees flip(flip(f)) = f, four quarter turns = f, two = flip both: bit for bit
// Cost       one reading and one writing of the picture; quarter turns go tile by tile, so that both stay in the cache
#pragma once
#include "assay/imgproc/op.h"

namespace assay {

enum class FlipDirection { horizontal, vertical, both };
inline constexpr EnumNames<FlipDirection, 3> flip_direction_names{
    {{"horizontal", FlipDirection::horizontal}, {"vertical", FlipDirection::vertical}, {"both", FlipDirection::both}}};

struct FlipParams {
  FlipDirection direction = FlipDirection::horizontal;
  static void fields(auto& p, auto&& field) {
    field("direction", p.direction, flip_direction_names, "which sides change places");
  }
};

struct Flip {
  using Params = FlipParams;
  static constexpr ImageOpInfo info{"flip",
                                    "mirror image",
                                    "GonzalezWoods2018, sec. 2.6",
                                    {"mirror", "fliplr"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat flip(const cv::Mat& image, const FlipParams& params = {}, const Context& ctx = {}) {
  return apply_op<Flip>(params, image, ctx);
}

/// The picture turned counter-clockwise by 90 degrees, `turns` times (any integer). `out` shares no memory with `image`.
void quarter_turns(const cv::Mat& image, int turns, cv::Mat& out, const Context& ctx);

}  // namespace assay
