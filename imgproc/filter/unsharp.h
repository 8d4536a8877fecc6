// imgproc/filter/unsharp.h: unsharp masking: what a Gaussian takes away is added once more.
//
//   out = f + a (f - G_sigma f), where |f - G_sigma f| >= threshold; else f                                           (1)
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone)
// Gives      the same depth. Computed in f32 (u8: to 1e-4 of a level, u16: to 0.05 (1 + a) of a level), then rounded to the
//            nearest and kept inside the range
// Guarantees amount 0 is the identity; a constant picture stays as it is
// Trace      picture "result"
// See        [GonzalezWoods2018] sec. 3.6, eqs. 3-64 and 3-65
#pragma once
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

struct UnsharpParams {
  double sigma = 1;
  double amount = 1;
  double threshold = 0;
  Border border = Border::reflect101;
  static void fields(auto& p, auto&& field) {
    field("sigma", p.sigma, Rule{0, 1000, true, false}, "of the Gaussian, in pixels", {"radius"});
    field("amount", p.amount, between(0, 1000), "a: how much is added");
    field("threshold", p.threshold, non_negative, "differences below this are left alone, in the picture's own scale");
    field("border", p.border, border_names, "what is read beyond the edge (constant: 0)");
  }
};

struct Unsharp {
  using Params = UnsharpParams;
  static constexpr ImageOpInfo info{"unsharp",
                                    "sharper, by adding what a Gaussian takes away",
                                    "GonzalezWoods2018, sec. 3.6",
                                    {"unsharp-mask"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

inline cv::Mat unsharp(const cv::Mat& image, const UnsharpParams& params = {}, const Context& ctx = {}) {
  return apply_op<Unsharp>(params, image, ctx);
}

}  // namespace assay
