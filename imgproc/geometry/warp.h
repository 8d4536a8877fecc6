// imgproc/geometry/warp.h: turning, shearing and projecting pictures.
//
//   (x', y', w)^T ~ H (x, y, 1)^T       H takes input to output; out(x', y') is the input's value at H^-1 (x', y')   (1)
//
//   affine       H = [a b c; d e f; 0 0 1]: parallels stay parallel
//   perspective  any H that can be inverted: straight lines stay straight
//   rotate       about the centre of the picture, counter-clockwise as it is seen (y grows downwards)
//   shear        x' = x + kx y, y' = y + ky x, about the centre
//   remap        out(x', y') is the input's value at (map_x(x', y'), map_y(x', y')): any bending
//
// Pixel centres are whole numbers, the first is (0, 0).
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone); any size
// Guarantees those of sampling.h: places in f64, weights at the places themselves, integers correctly rounded. Turns by a
//            multiple of 90 degrees move pixels and change none, where they meet pixels (always if the canvas turns, too)
// Conventions (affine, perspective, rotate, shear, remap)
//   opencv   OpenCV 4.6: places rounded to 1/32 of a pixel, 8 bits: weights of 15 bits; bicubic with a = -0.75, lanczos of
//            eight taps
// Errors     ParameterError: a matrix that cannot be read or inverted, a result above 100 megapixels; DataError: maps of
//            unlike sizes
// See        [HartleyZisserman2004, sec. 2.4] the hierarchy of transformations
#pragma once
#include <optional>
#include <string>

#include "assay/imgproc/geometry/matrix3.h"
#include "assay/imgproc/geometry/sampling.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class WarpConvention { exact, opencv };
inline constexpr EnumNames<WarpConvention, 2> warp_convention_names{
    {{"exact", WarpConvention::exact}, {"opencv", WarpConvention::opencv}}};

/// What every warp has beside its motion.
struct WarpParams {
  Interpolation method = Interpolation::bilinear;
  Border border = Border::constant;
  double value = 0;
  WarpConvention convention = WarpConvention::exact;
  static void fields(auto& p, auto&& field) {
    field("method", p.method, sampling_names, "how pixels are weighed", {"interpolation"});
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale, in every channel");
    field("convention", p.convention, warp_convention_names, "whose places and rounding");
  }
};

struct MatrixWarpParams : WarpParams {
  std::string matrix = "1 0 0; 0 1 0";
  std::optional<int> width, height;
  static void fields(auto& p, auto&& field) {
    field("matrix", p.matrix, "input to output, rows separated by semicolons");
    field("width", p.width, at_least(1), "columns of the result; none: as many as the picture has");
    field("height", p.height, at_least(1), "rows of the result; none: as many as the picture has");
    WarpParams::fields(p, field);
  }
};
struct AffineParams : MatrixWarpParams {
  static std::optional<std::string> check(const AffineParams& p);
};
struct PerspectiveParams : MatrixWarpParams {
  static std::optional<std::string> check(const PerspectiveParams& p);
};

enum class Canvas { automatic, grown, kept };
inline constexpr EnumNames<Canvas, 3> canvas_names{
    {{"auto", Canvas::automatic}, {"true", Canvas::grown}, {"false", Canvas::kept}}};

struct RotateParams : WarpParams {
  double angle = 90;
  Canvas expand = Canvas::automatic;
  static void fields(auto& p, auto&& field) {
    field("angle", p.angle, any_number, "degrees, counter-clockwise");
    field("expand", p.expand, canvas_names, "true: the canvas grows to hold the whole; auto: only at multiples of 90");
    WarpParams::fields(p, field);
  }
};

struct ShearParams : WarpParams {
  double x = 0, y = 0;
  static void fields(auto& p, auto&& field) {
    field("x", p.x, any_number, "columns that a row moves for each row below the centre");
    field("y", p.y, any_number, "rows that a column moves for each column right of the centre");
    WarpParams::fields(p, field);
  }
  static std::optional<std::string> check(const ShearParams& p);
};

struct RemapParams : WarpParams {
  std::string x, y;
  cv::Mat map_x, map_y;  ///< what the files hold, once `prepare` has read them
  static void fields(auto& p, auto&& field) {
    field("x", p.x, "float picture of one channel: the column to read at; empty: the pixel's own");
    field("y", p.y, "float picture of one channel: the row to read at; empty: the pixel's own");
    WarpParams::fields(p, field);
  }
};

inline constexpr ImageTraits kWarpTraits{kAnyDepth, kAnyChannels, Law::none, Law::none};

struct Affine {
  using Params = AffineParams;
  static constexpr ImageOpInfo info{
      "affine", "warp by a 2 x 3 matrix", "HartleyZisserman2004, sec. 2.4.3", {"warp-affine"}, kWarpTraits};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Perspective {
  using Params = PerspectiveParams;
  static constexpr ImageOpInfo info{
      "perspective", "warp by a 3 x 3 matrix", "HartleyZisserman2004, sec. 2.4.4", {"warp-perspective"}, kWarpTraits};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Rotate {
  using Params = RotateParams;
  static constexpr ImageOpInfo info{"rotate",
                                    "turn by any angle; lossless by 90, 180, 270",
                                    "HartleyZisserman2004, sec. 2.4.1",
                                    {"turn"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Shear {
  using Params = ShearParams;
  static constexpr ImageOpInfo info{
      "shear", "slide rows or columns", "HartleyZisserman2004, sec. 2.4.3", {"skew"}, kWarpTraits};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Remap {
  using Params = RemapParams;
  static constexpr ImageOpInfo info{
      "remap", "read each pixel where two maps say", "GonzalezWoods2018, sec. 2.6", {}, kWarpTraits};
  static void prepare(Params&);
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// (1): `out` of `size`, H from input to output. Requires H invertible.
void warp(const cv::Mat& image, const Matrix3& H, const cv::Size& size, const WarpParams& params, cv::Mat& out,
          const Context& ctx);
/// The maps are f32 of one channel, either may be empty; they decide the size.
void remap(const cv::Mat& image, const cv::Mat& map_x, const cv::Mat& map_y, const WarpParams& params, cv::Mat& out,
           const Context& ctx);

inline cv::Mat affine(const cv::Mat& image, const AffineParams& params, const Context& ctx = {}) {
  return apply_op<Affine>(params, image, ctx);
}
inline cv::Mat perspective(const cv::Mat& image, const PerspectiveParams& params, const Context& ctx = {}) {
  return apply_op<Perspective>(params, image, ctx);
}
inline cv::Mat rotate(const cv::Mat& image, const RotateParams& params, const Context& ctx = {}) {
  return apply_op<Rotate>(params, image, ctx);
}
inline cv::Mat shear(const cv::Mat& image, const ShearParams& params, const Context& ctx = {}) {
  return apply_op<Shear>(params, image, ctx);
}

}  // namespace assay
