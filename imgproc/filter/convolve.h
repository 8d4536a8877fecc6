// imgproc/filter/convolve.h: convolution with any kernel, and sharpening, which is one.
//
//   out(x, y) = sum_{i,j} k(i, j) f(x - i, y - j) + offset                                                            (1)
//
// i, j count from the kernel's cell (width / 2, height / 2), rounded down.
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone); a kernel of up to 1023 x 1023 (kernel_file.h)
// Gives      the same depth. Integer depths: the exact result rounded to the nearest, ties to even, kept inside the range.
//            f32: sums in f32
// Guarantees linear (on f32, to rounding); the kernel "1" is the identity; a constant picture times the kernel's sum
// Cost       a pixel: the number of cells that are not 0
// Errors     ParameterError: normalize, but the kernel's sum is 0; DataError: the kernel's file
// Trace      picture "result"
// See        [GonzalezWoods2018] sec. 3.4
#pragma once
#include <string>

#include "assay/core/linalg.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/op.h"

namespace assay {

enum class KernelOrientation { convolve, correlate };
inline constexpr EnumNames<KernelOrientation, 2> kernel_orientation_names{
    {{"convolve", KernelOrientation::convolve}, {"correlate", KernelOrientation::correlate}}};

struct ConvolveParams {
  std::string kernel;
  KernelOrientation orientation = KernelOrientation::convolve;
  bool normalize = false;
  double offset = 0;
  Border border = Border::reflect101;
  double value = 0;
  static void fields(auto& p, auto&& field) {
    field("kernel", p.kernel,
          "a text file with the kernel, a row a line; or the rows themselves, as in '0 1 0; 1 -4 1; 0 1 0'");
    field("orientation", p.orientation, kernel_orientation_names,
          "convolve: the kernel turned by 180 degrees, as in (1); correlate: as it lies (OpenCV's filter2D)");
    field("normalize", p.normalize, "divide the kernel by its sum");
    field("offset", p.offset, any_number, "added to every value, in the picture's own scale", {"delta"});
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
  }
};

struct Convolve {
  using Params = ConvolveParams;
  static constexpr ImageOpInfo info{"convolve",
                                    "any kernel, correctly rounded; without one, a mean of 3 x 3",
                                    "GonzalezWoods2018, sec. 3.4",
                                    {"filter2d", "correlate"},
                                    {kAnyDepth, kAnyChannels, Law::close, Law::close}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct SharpenParams {
  double amount = 1;
  Border border = Border::reflect101;
  double value = 0;
  static void fields(auto& p, auto&& field) {
    field("amount", p.amount, between(0, 1000), "a: the kernel is 1 + 4 a in the middle and -a at the four sides");
    field("border", p.border, border_names, "what is read beyond the edge");
    field("value", p.value, any_number, "for border=constant, in the picture's own scale");
  }
};

struct Sharpen {
  using Params = SharpenParams;
  static constexpr ImageOpInfo info{"sharpen",
                                    "the picture minus its Laplacian",
                                    "GonzalezWoods2018, sec. 3.6",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::close, Law::close}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// out(x, y) = sum k(j, i) f(x + i - anchor_x, y + j - anchor_y) + offset, in the picture's type.
void correlate(const cv::Mat& image, const Matrix& kernel, int anchor_x, int anchor_y, double offset, Border border,
               double value, cv::Mat& out, const Context& ctx);

inline cv::Mat convolve(const cv::Mat& image, const ConvolveParams& params = {}, const Context& ctx = {}) {
  return apply_op<Convolve>(params, image, ctx);
}
inline cv::Mat sharpen(const cv::Mat& image, const SharpenParams& params = {}, const Context& ctx = {}) {
  return apply_op<Sharpen>(params, image, ctx);
}

}  // namespace assay
