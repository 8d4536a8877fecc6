// imgproc/filter/gaussian.h: the Gaussian filter.
//
//   out(x, y) = sum_{i,j = -r..r} w_i w_j in(x + i, y + j),   w_i = exp(-i^2 / (2 sigma^2)) / sum of all
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone); any size
// Gives      the same depth. Integer depths: the exact result rounded to the nearest integer, ties to even. f32: to
//            about 1e-7 of the largest absolute value in the window times (sigma + 4)
// Guarantees w sums to 1: a constant picture stays as it is; integer results commute with flips and turns by 90 degrees
// Conventions (the default: exact)
//   opencv   u8, u16: the weights are whole numbers over 256 and 65536 (from the outermost inwards, the error of each
//            rounding goes to the next; the centre takes the rest), and so the sum; halves are rounded upwards. The radius,
//            unless said: the sides are 6 sigma + 1 (u8) or 8 sigma + 1, rounded, made odd. f32: the radius alone. Equal to
//            OpenCV's on u8 and u16
// Cost       O(width height channels sigma): separable
//            method=recursive: O(width height channels), whatever sigma; to a stated bound (gaussian_recursive.h), not exact
// Trace      picture "blur", step "weights"
// See        [Getreuer2013] sec. 2 for the truncated sampled Gaussian; [Deriche1993] for the recursion
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class GaussianMethod { fir, recursive };
inline constexpr EnumNames<GaussianMethod, 2> gaussian_method_names{
    {{"fir", GaussianMethod::fir}, {"recursive", GaussianMethod::recursive}}};

enum class GaussianConvention { exact, opencv };
inline constexpr EnumNames<GaussianConvention, 2> gaussian_convention_names{
    {{"exact", GaussianConvention::exact}, {"opencv", GaussianConvention::opencv}}};

struct GaussianParams {
  double sigma = 1.0;
  std::optional<int> radius;
  Border border = Border::reflect101;
  double value = 0;
  GaussianMethod method = GaussianMethod::fir;
  GaussianConvention convention = GaussianConvention::exact;
  static std::optional<std::string> check(const GaussianParams& p);
  static void fields(auto& p, auto&& field) {
    field("sigma", p.sigma, Rule{0, 1000, true, false}, "standard deviation in pixels", {"sigma-x"});
    field("radius", p.radius, between(0, 4000),
          "weights reach from -radius to radius; none: ceil(4 sigma), or the convention's");
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
    field("method", p.method, gaussian_method_names,
          "fir: the exact sum; recursive: to 0.0006 of the picture's range, as fast at any sigma");
    field("convention", p.convention, gaussian_convention_names, "whose radius, weights and rounding");
  }
};

struct Gaussian {
  using Params = GaussianParams;
  static constexpr ImageOpInfo info{"gaussian",
                                    "Gaussian smoothing, correctly rounded",
                                    "Getreuer2013, sec. 2",
                                    {"gaussian-blur", "blur"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::close}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// w_0 .. w_radius of the symmetric, normalised kernel.
std::vector<double> gaussian_weights(double sigma, int radius);
/// ceil(4 sigma)
int gaussian_radius(double sigma);
/// OpenCV's w_0 .. w_radius: whole numbers, `one` in all.
std::vector<double> gaussian_weights_opencv(double sigma, int radius, int one);
/// OpenCV's radius for a picture of this depth.
int gaussian_radius_opencv(double sigma, int depth);

/// Rows begin .. end - 1 of the exact result in f32, not rounded, all channels side by side.
void gaussian_rows(const cv::Mat& image, const GaussianParams& p, int begin, int end, cv::Mat_<float>& out,
                   const Context& ctx = {});
/// So many rows at a time: few enough for the second-level cache, and the 2 radius rows around them, done twice, a small part.
int gaussian_band(const GaussianParams& p);

inline cv::Mat gaussian(const cv::Mat& image, const GaussianParams& params = {}, const Context& ctx = {}) {
  return apply_op<Gaussian>(params, image, ctx);
}

}  // namespace assay
