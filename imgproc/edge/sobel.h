// imgproc/edge/sobel.h: first derivatives by the Sobel operator.
//
//         [-1 0 1]        [-1 -2 -1]
//   gx =  [-2 0 2] * f,   gy = [ 0  0  0] * f  (correlation),    magnitude = sqrt(gx^2 + gy^2)
//         [-1 0 1]        [ 1  2  1]
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone)
// Gives      f32, not normalised: a ramp of slope s per pixel gives 8 s. Exact for u8 and u16
// Guarantees magnitude commutes with flips and rotations by 90 degrees bit for bit, on every depth
// See        [Sobel1968]; [GonzalezWoods2018] sec. 10.2
#pragma once
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class Direction { x, y, magnitude };
inline constexpr EnumNames<Direction, 3> direction_names{
    {{"x", Direction::x}, {"y", Direction::y}, {"magnitude", Direction::magnitude}}};

struct SobelParams {
  Direction direction = Direction::magnitude;
  Border border = Border::reflect101;
  double value = 0;
  static void fields(auto& p, auto&& field) {
    field("direction", p.direction, direction_names,
          "derivative along x (to the right), along y (down), or their norm");
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
  }
};

struct Sobel {
  using Params = SobelParams;
  static constexpr ImageOpInfo info{
      "sobel", "first derivatives, 3x3", "Sobel1968", {}, {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat sobel(const cv::Mat& image, const SobelParams& params = {}, const Context& ctx = {}) {
  return apply_op<Sobel>(params, image, ctx);
}

/// gx and gy of rows [begin, end) of the picture (all within it), to gx + (y - begin) * stride; a null pointer leaves
/// that derivative out. Real is float or double; picture values up to 65535 are exact in both.
template <class Real>
void sobel_rows(const cv::Mat& image, int begin, int end, Border border, Real value, Real* gx, Real* gy,
                ptrdiff_t stride);

}  // namespace assay
