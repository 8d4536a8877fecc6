// imgproc/morphology/fill_holes.h: raises dark regions that bright ones enclose to the level at which they would overflow.
//
//   out(x) = min over paths from x to the edge of the picture of max f along the path                                 (1)
//
// On black and white: black regions that do not touch the edge become white. Paths step to 4 neighbours (8 if told).
//
// Takes      u8, u16, f32 (no NaN); 1, 3, 4 channels (each alone, alpha too); any size
// Gives      the same depth, exactly: the reconstruction by erosion of the picture from its edge [Vincent1993]
// Guarantees f <= out; idempotent; commutes with flips and rotations; no pixel of the edge changes
// Cost       u8, u16: O(pixels), buckets; f32: O(pixels log pixels) at worst, a heap
// Trace      picture "result"
// See        [Vincent1993]; [Barnes2014], alg. 2
#pragma once
#include "assay/imgproc/op.h"

namespace assay {

enum class PathNeighbours { four, eight };
inline constexpr EnumNames<PathNeighbours, 2> path_neighbours_names{
    {{"4", PathNeighbours::four}, {"8", PathNeighbours::eight}}};

struct FillHolesParams {
  PathNeighbours connectivity = PathNeighbours::four;
  static void fields(auto& p, auto&& field) {
    field("connectivity", p.connectivity, path_neighbours_names, "neighbours by which a hole may reach the edge");
  }
};

struct FillHoles {
  using Params = FillHolesParams;
  static constexpr ImageOpInfo info{"fill-holes",
                                    "enclosed dark regions are filled",
                                    "Vincent1993",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat fill_holes(const cv::Mat& image, const FillHolesParams& params = {}, const Context& ctx = {}) {
  return apply_op<FillHoles>(params, image, ctx);
}

}  // namespace assay
