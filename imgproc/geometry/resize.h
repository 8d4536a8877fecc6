// imgproc/geometry/resize.h: another number of pixels for the same picture.
//
//   out(x, y) = sum_{i,j} w_i(x) w_j(y) in(i, j)          with the weights of taps.h, one axis after the other
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone, alpha like the others); any size
// Gives      the same depth. Integer depths: the exact sum rounded to the nearest, ties to even, clamped to the scale (bicubic and
//            lanczos overshoot at edges). f32: single precision, not clamped
// Guarantees the outer edges of both pictures fall together; the same size gives the same picture, bit for bit;
//            a constant stays constant; bilinear and better reproduce a ramp inside; area keeps the mean
// Cost       O(pixels * taps) along the rows and down the columns, the cheaper order first
// Conventions (integer results at most one level off where the library itself differs from machine to machine)
//   opencv   OpenCV 4.6: coordinates in f32, 11-bit weights on 8 bits, cubic a = -0.75, lanczos of 8 taps, nearest
//            without the half pixel
//   pillow   Pillow 9.4: always antialias, 22-bit weights on 8 bits, taps beyond the edge are left out; u8 and f32
//   skimage  scikit-image 0.19 with anti_aliasing=False, orders 0 and 1: border reflect101; bilinear gives f32 of full scale 1
// Errors     ParameterError: factor beside width or height, a result above 100 megapixels, a method the convention lacks
// See        [Keys1981]; step "taps"
#pragma once
#include <optional>

#include "assay/imgproc/geometry/taps.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class ResizeConvention { exact, opencv, skimage, pillow };
inline constexpr EnumNames<ResizeConvention, 4> resize_convention_names{{{"exact", ResizeConvention::exact},
                                                                         {"opencv", ResizeConvention::opencv},
                                                                         {"skimage", ResizeConvention::skimage},
                                                                         {"pillow", ResizeConvention::pillow}}};

struct ResizeParams {
  std::optional<int> width, height;
  std::optional<double> factor;
  Interpolation method = Interpolation::bilinear;
  bool antialias = false;
  ResizeConvention convention = ResizeConvention::exact;
  static void fields(auto& p, auto&& field) {
    field("width", p.width, at_least(1), "columns of the result; none: as the height asks");
    field("height", p.height, at_least(1), "rows of the result; none: as the width asks");
    field("factor", p.factor, positive, "both sides times this, rounded; instead of width and height");
    field("method", p.method, interpolation_names, "how pixels are weighed", {"interpolation"});
    field("antialias", p.antialias, "shrinking widens the kernel, so that fine texture is averaged, not sampled");
    field("convention", p.convention, resize_convention_names, "whose coordinates, weights and rounding");
  }
  static std::optional<std::string> check(const ResizeParams& p);
};

struct Resize {
  using Params = ResizeParams;
  static constexpr ImageOpInfo info{"resize",
                                    "another size: nearest, bilinear, bicubic, lanczos, area",
                                    "Keys1981, eq. 15",
                                    {"scale"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// The size that the parameters ask of a picture of `size`.
cv::Size resized(const cv::Size& size, const ResizeParams& params);

inline cv::Mat resize(const cv::Mat& image, const ResizeParams& params = {}, const Context& ctx = {}) {
  return apply_op<Resize>(params, image, ctx);
}

}  // namespace assay
