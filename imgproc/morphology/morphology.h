// imgproc/morphology/morphology.h: erosion, dilation and what is made of them, on grey values (black and white is a
// special case).
//
//   erode   e(f)(x) = min_{b in B} f(x + b)         open     d(e(f))        tophat    f - open(f)                     (1)
//   dilate  d(f)(x) = max_{b in B} f(x - b)         close    e(d(f))        blackhat  close(f) - f
//   gradient  d(f) - e(f)
//
// Takes      u8, u16, f32 (no NaN); 1, 3, 4 channels (each alone); any size; any structuring element B
// Gives      the same depth, exactly; where no pixel of B lies in the picture (border=ignored), the greatest value of the
//            type for an erosion, the least for a dilation
// Guarantees (border=ignored, convention=exact or skimage) erosion and dilation are dual, -e(f) = d of -f with -B; open
//            and close are idempotent; open <= f <= close; e(f) <= f <= d(f) where B holds its anchor
// Cost       rect: O(log width) a pixel, whatever the height; others: O(number of runs of B), the less where its rows lie one
//            within the other
// Errors     DataError: the element's file
// Trace      pictures "element", "result"
// See        [Serra1982] ch. II; [vanHerk1992]; [Gil1993]
//
// Conventions: `opencv` does not reflect B in the dilation, so that with an element that is not symmetric (an even side)
// open and close shift the picture; differences below zero become 0. Ellipses: element.h.
#pragma once
#include <optional>
#include <string>

#include "assay/imgproc/morphology/element.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class MorphologyBorder { ignored, reflect101, reflect, replicate, constant, wrap };
inline constexpr EnumNames<MorphologyBorder, 6> morphology_border_names{{{"ignored", MorphologyBorder::ignored},
                                                                         {"reflect101", MorphologyBorder::reflect101},
                                                                         {"reflect", MorphologyBorder::reflect},
                                                                         {"replicate", MorphologyBorder::replicate},
                                                                         {"constant", MorphologyBorder::constant},
                                                                         {"wrap", MorphologyBorder::wrap}}};

struct MorphologyParams {
  int size = 3;
  std::optional<int> height;
  ElementShape shape = ElementShape::rect;
  std::string kernel;
  MorphologyBorder border = MorphologyBorder::ignored;
  double value = 0;
  MorphologyConvention convention = MorphologyConvention::exact;
  static void fields(auto& p, auto&& field) {
    field("size", p.size, between(1, 1023), "width of the structuring element in pixels, and its height", {"width"});
    field("height", p.height, between(1, 1023), "its height, where that is another");
    field("shape", p.shape, element_shape_names, "of the structuring element");
    field("kernel", p.kernel, "a text file with the element's cells, 0 or not, instead of size and shape", {"element"});
    field("border", p.border, morphology_border_names, "what is read beyond the edge; ignored: nothing");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
    field("convention", p.convention, morphology_convention_names,
          "whose ellipse; opencv: the element is not reflected by a dilation");
  }
};

struct Erode {
  using Params = MorphologyParams;
  static constexpr ImageOpInfo info{"erode",
                                    "the least value around each pixel: bright things shrink",
                                    "Serra1982, ch. II",
                                    {"erosion", "minimum"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Dilate {
  using Params = MorphologyParams;
  static constexpr ImageOpInfo info{"dilate",
                                    "the greatest value around each pixel: bright things grow",
                                    "Serra1982, ch. II",
                                    {"dilation", "maximum"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Open {
  using Params = MorphologyParams;
  static constexpr ImageOpInfo info{"open",
                                    "erode, then dilate: small bright things vanish",
                                    "Serra1982, ch. II",
                                    {"opening"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Close {
  using Params = MorphologyParams;
  static constexpr ImageOpInfo info{"close",
                                    "dilate, then erode: small dark things vanish",
                                    "Serra1982, ch. II",
                                    {"closing"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct MorphologicalGradient {
  using Params = MorphologyParams;
  static constexpr ImageOpInfo info{"gradient",
                                    "dilated minus eroded: outlines",
                                    "Serra1982, ch. IX",
                                    {"morphological-gradient"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct TopHat {
  using Params = MorphologyParams;
  static constexpr ImageOpInfo info{"tophat",
                                    "the picture minus its opening: small bright things alone",
                                    "Serra1982, ch. XII",
                                    {"top-hat", "white-tophat"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct BlackHat {
  using Params = MorphologyParams;
  static constexpr ImageOpInfo info{"blackhat",
                                    "the closing minus the picture: small dark things alone",
                                    "Serra1982, ch. XII",
                                    {"black-hat", "black-tophat", "bottom-hat"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// The structuring element that the parameters describe.
Element element_of(const MorphologyParams& p);

inline cv::Mat erode(const cv::Mat& image, const MorphologyParams& params = {}, const Context& ctx = {}) {
  return apply_op<Erode>(params, image, ctx);
}
inline cv::Mat dilate(const cv::Mat& image, const MorphologyParams& params = {}, const Context& ctx = {}) {
  return apply_op<Dilate>(params, image, ctx);
}
inline cv::Mat open(const cv::Mat& image, const MorphologyParams& params = {}, const Context& ctx = {}) {
  return apply_op<Open>(params, image, ctx);
}
inline cv::Mat close(const cv::Mat& image, const MorphologyParams& params = {}, const Context& ctx = {}) {
  return apply_op<Close>(params, image, ctx);
}

}  // namespace assay
