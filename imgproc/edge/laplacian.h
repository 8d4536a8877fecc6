// imgproc/edge/laplacian.h: second derivatives: the Laplacian, that of the Gaussian with its zero crossings, and the
// difference of two Gaussians.
//
//   laplacian  [0 1 0]     [1  1 1]        log  (G_s)_xx + (G_s)_yy, convolved with f       dog  G_s * f - G_(k s) * f
//              [1 -4 1] or [1 -8 1] * f
//              [0 1 0]     [1  1 1]
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone)
// Gives      f32. laplacian: exact for u8 and u16. log, output=crossings: u8, 255 where the response changes its sign between
//            a pixel and its right or lower neighbour by at least `threshold`: at the pixel of the two nearer to zero
// Guarantees all give 0 (log and dog: to rounding) on a constant picture; laplacian is 0 on a ramp (inside)
// Trace      pictures "response", "crossings"
// See        [Marr1980] sec. 2; [GonzalezWoods2018] sec. 10.2
#pragma once
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class LaplacianNeighbours { four, eight };
inline constexpr EnumNames<LaplacianNeighbours, 2> laplacian_neighbours_names{
    {{"4", LaplacianNeighbours::four}, {"8", LaplacianNeighbours::eight}}};

struct LaplacianParams {
  LaplacianNeighbours neighbours = LaplacianNeighbours::four;
  Border border = Border::reflect101;
  double value = 0;
  static void fields(auto& p, auto&& field) {
    field("neighbours", p.neighbours, laplacian_neighbours_names, "how many neighbours the pixel is compared with");
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
  }
};
struct Laplacian {
  using Params = LaplacianParams;
  static constexpr ImageOpInfo info{"laplacian",
                                    "second derivatives, 3x3",
                                    "GonzalezWoods2018, sec. 10.2",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

enum class LogOutput { response, crossings };
inline constexpr EnumNames<LogOutput, 2> log_output_names{
    {{"response", LogOutput::response}, {"crossings", LogOutput::crossings}}};

struct LogParams {
  double sigma = 2;
  LogOutput output = LogOutput::response;
  double threshold = 0;
  Border border = Border::reflect101;
  double value = 0;
  static void fields(auto& p, auto&& field) {
    field("sigma", p.sigma, Rule{0, 250, true, false}, "of the Gaussian, in pixels; weights reach to ceil(4 sigma)");
    field("output", p.output, log_output_names, "the response, or where it changes its sign");
    field("threshold", p.threshold, non_negative,
          "a change of sign counts from this step on, in the picture's own scale");
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
  }
};
struct LaplacianOfGaussian {
  using Params = LogParams;
  static constexpr ImageOpInfo info{"log",
                                    "Laplacian of the Gaussian, or its zero crossings",
                                    "Marr1980, sec. 2",
                                    {"laplacian-of-gaussian"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct DogParams {
  double sigma = 1;
  double ratio = 1.6;
  Border border = Border::reflect101;
  static void fields(auto& p, auto&& field) {
    field("sigma", p.sigma, Rule{0, 500, true, false}, "of the narrower Gaussian, in pixels");
    field("ratio", p.ratio, Rule{1, 10, true, false},
          "k: the wider Gaussian's sigma is k sigma; 1.6 is nearest to log");
    field("border", p.border, border_names, "what is read beyond the edge (constant: 0)");
  }
};
struct DifferenceOfGaussians {
  using Params = DogParams;
  static constexpr ImageOpInfo info{"dog",
                                    "difference of two Gaussians: a band of sizes",
                                    "Marr1980, appendix B",
                                    {"difference-of-gaussians"},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// w_0 .. w_r of g'' for the sampled, normalised Gaussian g: (i^2 / s^4 - 1 / s^2) g_i, less its mean, so that all 2r + 1
/// sum to 0.
std::vector<double> second_derivative_weights(double sigma, int radius);

}  // namespace assay
