// imgproc/geometry/pyramid.h: the same picture at half, a quarter, an eighth of the size, and what is lost on the way.
//
//   reduce   g_{l+1}(i, j) = sum_{m,n = -2..2} w(m) w(n) g_l(2i + m, 2j + n)          [BurtAdelson1983, eq. 1]
//   expand   e(i, j) = 4 sum_{m,n = -2..2} w(m) w(n) g_{l+1}((i - m) / 2, (j - n) / 2)   over whole arguments [eq. 2]
//   detail   L_l = g_l - expand(g_{l+1})                                             [eq. 3]
//   collapse g_l = L_l + expand(g_{l+1}), from the smallest up                         [sec. IV]
//   w = (1, 4, 6, 4, 1) / 16 (their a = 3/8); border reflect101 of the finer grid
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone); any size: n pixels become (n + 1) / 2
// Gives      reduce, expand: the same depth; integers: the exact sum rounded to the nearest, ties to even (convention
//            opencv: halves up, and the mirror as if both sides of an enlarged picture were even). Details: f32, in the picture's own scale, negative and positive
// Guarantees collapse(details) = picture: bit for bit on integer depths, whose details are whole numbers; on f32 to a unit in
//            the last place of the largest value
// Cost       4/3 of the first level for all
#pragma once
#include <vector>

#include "assay/imgproc/op.h"

namespace assay {

enum class PyramidKind { gaussian, laplacian, expand };
inline constexpr EnumNames<PyramidKind, 3> pyramid_kind_names{
    {{"gaussian", PyramidKind::gaussian}, {"laplacian", PyramidKind::laplacian}, {"expand", PyramidKind::expand}}};
enum class PyramidConvention { exact, opencv };
inline constexpr EnumNames<PyramidConvention, 2> pyramid_convention_names{
    {{"exact", PyramidConvention::exact}, {"opencv", PyramidConvention::opencv}}};

struct PyramidParams {
  int levels = 1;
  PyramidKind kind = PyramidKind::gaussian;
  PyramidConvention convention = PyramidConvention::exact;
  static void fields(auto& p, auto&& field) {
    field("levels", p.levels, between(1, 30),
          "halvings (gaussian), doublings (expand), or which detail, 1 the finest (laplacian)");
    field("kind", p.kind, pyramid_kind_names,
          "the reduced picture, the detail lost by the last reduction, or the enlarged picture");
    field("convention", p.convention, pyramid_convention_names,
          "how halves are rounded: to even, or up as OpenCV does");
  }
};

struct Pyramid {
  using Params = PyramidParams;
  static constexpr ImageOpInfo info{"pyramid",
                                    "half the size, again and again; what is lost",
                                    "BurtAdelson1983, eq. 1-3",
                                    {"pyrdown"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

void pyramid_reduce(const cv::Mat& image, PyramidConvention convention, cv::Mat& out, const Context& ctx);
/// To `size`, whose sides are twice the picture's or one less.
void pyramid_expand(const cv::Mat& image, const cv::Size& size, PyramidConvention convention, cv::Mat& out,
                    const Context& ctx);

/// g_0 (the picture) .. g_levels.
std::vector<cv::Mat> gaussian_pyramid(const cv::Mat& image, int levels, const Context& ctx = {});
/// L_0 .. L_{levels-1} in f32, and last g_levels in the picture's depth.
std::vector<cv::Mat> laplacian_pyramid(const cv::Mat& image, int levels, const Context& ctx = {});
cv::Mat collapse_pyramid(const std::vector<cv::Mat>& laplacian, const Context& ctx = {});

inline cv::Mat pyramid(const cv::Mat& image, const PyramidParams& params = {}, const Context& ctx = {}) {
  return apply_op<Pyramid>(params, image, ctx);
}

}  // namespace assay
