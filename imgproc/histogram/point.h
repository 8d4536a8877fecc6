// imgproc/histogram/point.h: operators on single values. M is the full scale: 255, 65535 or 1.
//
//   gamma       M (f / M)^gamma               brightness  f + amount M         contrast  M / 2 + factor (f - M / 2)
//   saturation  Y + factor (f - Y),  Y = 0.299 R + 0.587 G + 0.114 B
//   stretch     M (f - l) / (h - l): l, h: the values below and above which at most `low` and `high` percent of the colour
//               values lie
//
// Takes      u8, u16, f32; 1, 3, 4 channels (alpha is kept)
// Gives      the same depth; integer depths rounded to the nearest, ties to even, and kept inside the range; f32 is not cut
//            (gamma: negative values give 0)
// Guarantees gamma 1, brightness 0, contrast 1, saturation 1 are the identity; saturation leaves grey pictures alone
// Trace      picture "result"
// See        [GonzalezWoods2018] sec. 3.2
#pragma once
#include "assay/imgproc/op.h"

namespace assay {

struct GammaParams {
  double gamma = 1;
  static void fields(auto& p, auto&& field) {
    field("gamma", p.gamma, positive, "above 1 darkens, below 1 brightens the middle tones");
  }
};
struct Gamma {
  using Params = GammaParams;
  static constexpr ImageOpInfo info{"gamma",
                                    "power law of the values",
                                    "GonzalezWoods2018, sec. 3.2",
                                    {"adjust-gamma"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct BrightnessParams {
  double amount = 0;
  static void fields(auto& p, auto&& field) {
    field("amount", p.amount, between(-1, 1), "added, as a part of the full scale");
  }
};
struct Brightness {
  using Params = BrightnessParams;
  static constexpr ImageOpInfo info{"brightness",
                                    "a constant added",
                                    "GonzalezWoods2018, sec. 3.2",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct FactorParams {
  double factor = 1;
  static void fields(auto& p, auto&& field) { field("factor", p.factor, between(0, 1000), "1 changes nothing"); }
};
struct Contrast {
  using Params = FactorParams;
  static constexpr ImageOpInfo info{"contrast",
                                    "differences from mid grey, times a factor",
                                    "GonzalezWoods2018, sec. 3.2",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Saturation {
  using Params = FactorParams;
  static constexpr ImageOpInfo info{"saturation",
                                    "differences from the pixel's grey, times a factor",
                                    "BT601, item 3.2",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct StretchParams {
  double low = 0, high = 0;
  static void fields(auto& p, auto&& field) {
    field("low", p.low, Rule{0, 50, false, true}, "per cent of the values that may become black");
    field("high", p.high, Rule{0, 50, false, true}, "per cent of the values that may become white");
  }
};
struct Stretch {
  using Params = StretchParams;
  static constexpr ImageOpInfo info{"stretch",
                                    "values spread over the whole scale",
                                    "GonzalezWoods2018, sec. 3.2",
                                    {"autocontrast", "normalize"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static ImageFacts apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

}  // namespace assay
