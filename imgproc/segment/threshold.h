// imgproc/segment/threshold.h: black and white by one threshold, given or found, or one for each pixel.
//
//   threshold  255 where f > t, else 0                 otsu      the t that makes the variance between both classes largest    (1)
//   multi-otsu the same for k classes                  triangle  the t farthest below the line from the peak to the far end  (2)
//   adaptive   255 where f > m - offset, m the mean (box or Gaussian) of the window around the pixel
//
// Takes      u8, u16, f32; 1 channel
// Gives      u8: 0 and 255; multi-otsu: class j of k as 255 j / (k - 1), rounded
// Tells      otsu, triangle: threshold; multi-otsu: threshold_1, threshold_2, ..: the classes are f <= t_1 < f <= t_2 < ..
// Guarantees otsu and multi-otsu: no other thresholds on levels (u8, u16) have a larger variance between classes; of several the lowest. A
//            picture of one value v: the threshold is v
// Trace      picture "result"; steps "otsu" (variance over levels)
// See        [Otsu1979]; [Liao2001] for several classes; [Zack1977] for the triangle
//
// Levels are those of the depth; f32 and, for multi-otsu, u16 are counted in 256 bins between the least and the greatest value, and
// the thresholds are centres of bins, as in scikit-image.
#pragma once
#include <vector>

#include "assay/imgproc/op.h"

namespace assay {

struct ThresholdParams {
  double value = 127;
  bool invert = false;
  static void fields(auto& p, auto&& field) {
    field("value", p.value, any_number, "t: white above it, in the picture's own scale");
    field("invert", p.invert, "black and white change places");
  }
};
struct Threshold {
  using Params = ThresholdParams;
  static constexpr ImageOpInfo info{"threshold",
                                    "white above a value",
                                    "GonzalezWoods2018, sec. 10.3",
                                    {"binarize"},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct FoundThresholdParams {
  bool invert = false;
  static void fields(auto& p, auto&& field) { field("invert", p.invert, "black and white change places"); }
};
struct Otsu {
  using Params = FoundThresholdParams;
  static constexpr ImageOpInfo info{"otsu",
                                    "white above the threshold that parts the values best",
                                    "Otsu1979",
                                    {"threshold-otsu"},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static ImageFacts apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Triangle {
  using Params = FoundThresholdParams;
  static constexpr ImageOpInfo info{"triangle",
                                    "white above the foot of the histogram's peak",
                                    "Zack1977",
                                    {"threshold-triangle"},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static ImageFacts apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct MultiOtsuParams {
  int classes = 3;
  static void fields(auto& p, auto&& field) {
    field("classes", p.classes, between(2, 8), "k: how many grey levels are left");
  }
};
struct MultiOtsu {
  using Params = MultiOtsuParams;
  static constexpr ImageOpInfo info{"multi-otsu",
                                    "a few grey levels, parted best",
                                    "Liao2001",
                                    {"threshold-multiotsu"},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static ImageFacts apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

enum class AdaptiveMean { mean, gaussian };
inline constexpr EnumNames<AdaptiveMean, 2> adaptive_mean_names{
    {{"mean", AdaptiveMean::mean}, {"gaussian", AdaptiveMean::gaussian}}};
struct AdaptiveParams {
  AdaptiveMean method = AdaptiveMean::mean;
  int size = 11;
  double offset = 2;
  bool invert = false;
  static void fields(auto& p, auto&& field) {
    field("method", p.method, adaptive_mean_names,
          "of all pixels of the window alike, or by a Gaussian of sigma size / 6");
    field("size", p.size, Rule{3, 1023, false, false, true}, "side of the window in pixels", {"block-size"});
    field("offset", p.offset, any_number, "how far below the mean white begins, in the picture's own scale", {"C"});
    field("invert", p.invert, "black and white change places");
  }
};
struct Adaptive {
  using Params = AdaptiveParams;
  static constexpr ImageOpInfo info{"adaptive",
                                    "white above the mean of the surroundings",
                                    "GonzalezWoods2018, sec. 10.3",
                                    {"adaptive-threshold", "threshold-local"},
                                    {kAnyDepth, kGrey, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// Counts of values; bin i stands for the value centre[i].
struct BinnedValues {
  std::vector<double> centre;
  std::vector<int64_t> count;
};
/// The best k - 1 thresholds (1) as indices of bins: class j ends with bin thresholds[j].
std::vector<int> otsu_thresholds(const BinnedValues& values, int classes);

}  // namespace assay
