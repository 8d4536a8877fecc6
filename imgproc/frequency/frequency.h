// imgproc/frequency/frequency.h: filters in the frequency domain, and a picture of the spectrum.
//
//   out = inverse( H(r) F ),   F the transform of the picture,  r = sqrt(u^2 + v^2) in cycles a pixel
//   lowpass  ideal: r <= c;  butterworth: 1 / (1 + (r / c)^(2 order));  gaussian: exp(-r^2 / (2 c^2));   highpass  1 - lowpass
//   bandpass lowpass(high) - lowpass(low)          spectrum  log(1 + |F|), frequency 0 in the middle
//
// Takes      u8, u16, f32 (finite); 1, 3, 4 channels (each alone); any size
// Gives      lowpass: the same depth (rounded, kept in range); the others f32
// Guarantees lowpass and highpass of the same cutoff and shape add up to the picture; a constant picture stays (lowpass) or
//            vanishes
// Trace      picture "result" (spectrum: "spectrum")
// See        [GonzalezWoods2018] sec. 4.8, 4.9; fft.h
//
// border=reflect continues the picture by its mirror image (four times the pixels); wrap takes it as periodic, which is what the
// transform does by itself.
#pragma once
#include <optional>
#include <string>

#include "assay/imgproc/op.h"

namespace assay {

enum class PassShape { ideal, butterworth, gaussian };
inline constexpr EnumNames<PassShape, 3> pass_shape_names{
    {{"ideal", PassShape::ideal}, {"butterworth", PassShape::butterworth}, {"gaussian", PassShape::gaussian}}};
enum class FrequencyBorder { reflect, wrap };
inline constexpr EnumNames<FrequencyBorder, 2> frequency_border_names{
    {{"reflect", FrequencyBorder::reflect}, {"wrap", FrequencyBorder::wrap}}};

struct PassParams {
  double cutoff = 0.1;
  PassShape shape = PassShape::gaussian;
  int order = 2;
  FrequencyBorder border = FrequencyBorder::reflect;
  static void fields(auto& p, auto&& field) {
    field("cutoff", p.cutoff, Rule{0, 1, true, false},
          "c, in cycles a pixel: 0.5 is the finest there is along an axis");
    field("shape", p.shape, pass_shape_names, "how sharply it cuts");
    field("order", p.order, between(1, 50), "of butterworth");
    field("border", p.border, frequency_border_names, "what is taken to lie beyond the edge");
  }
};
struct LowPass {
  using Params = PassParams;
  static constexpr ImageOpInfo info{"lowpass",
                                    "keeps coarse structure, by Fourier transform",
                                    "GonzalezWoods2018, sec. 4.8",
                                    {"low-pass"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct HighPass {
  using Params = PassParams;
  static constexpr ImageOpInfo info{"highpass",
                                    "keeps fine structure, by Fourier transform",
                                    "GonzalezWoods2018, sec. 4.9",
                                    {"high-pass"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct BandPassParams {
  double low = 0.05, high = 0.2;
  PassShape shape = PassShape::gaussian;
  int order = 2;
  FrequencyBorder border = FrequencyBorder::reflect;
  static void fields(auto& p, auto&& field) {
    field("low", p.low, Rule{0, 1, true, false}, "coarser structure goes, in cycles a pixel");
    field("high", p.high, Rule{0, 1, true, false}, "finer structure goes, in cycles a pixel");
    field("shape", p.shape, pass_shape_names, "how sharply it cuts");
    field("order", p.order, between(1, 50), "of butterworth");
    field("border", p.border, frequency_border_names, "what is taken to lie beyond the edge");
  }
  static std::optional<std::string> check(const BandPassParams& p) {
    if (p.low >= p.high) return "parameter 'low' must be less than 'high'";
    return std::nullopt;
  }
};
struct BandPass {
  using Params = BandPassParams;
  static constexpr ImageOpInfo info{"bandpass",
                                    "keeps structure of some sizes, by Fourier transform",
                                    "GonzalezWoods2018, sec. 4.9",
                                    {"band-pass"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct SpectrumParams {
  static void fields(auto&, auto&&) {}
};
struct Spectrum {
  using Params = SpectrumParams;
  static constexpr ImageOpInfo info{"spectrum",
                                    "log magnitude of the Fourier transform",
                                    "GonzalezWoods2018, sec. 4.6",
                                    {"fft"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

enum class NoiseKind { gaussian, uniform, salt_pepper };
inline constexpr EnumNames<NoiseKind, 3> noise_kind_names{
    {{"gaussian", NoiseKind::gaussian}, {"uniform", NoiseKind::uniform}, {"salt-pepper", NoiseKind::salt_pepper}}};
struct NoiseParams {
  NoiseKind kind = NoiseKind::gaussian;
  double amount = 0.05;
  static void fields(auto& p, auto&& field) {
    field("kind", p.kind, noise_kind_names, "normal or even deviations, or pixels that become black or white");
    field("amount", p.amount, unit_interval,
          "gaussian: standard deviation, uniform: largest deviation, as parts of the full scale; salt-pepper: share of "
          "the pixels");
  }
};
/// Seeded by the run's --seed; alpha is kept; whole numbers are rounded and kept in range, f32 is not cut.
struct Noise {
  using Params = NoiseParams;
  static constexpr ImageOpInfo info{"noise",
                                    "random deviations, to try other operators on",
                                    "GonzalezWoods2018, sec. 5.2",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

}  // namespace assay
