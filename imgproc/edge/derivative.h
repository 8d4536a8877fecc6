// imgproc/edge/derivative.h: first derivatives on small windows, beside sobel.h.
//
//             [-a 0 a]                                              [1  0]         [ 0 1]
//   gx = 3x3  [-b 0 b] * f, gy turned;  scharr a, b = 3, 10;  roberts  [0 -1] * f ,  [-1 0] * f   (correlation)
//             [-a 0 a]                  prewitt      1, 1
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone)
// Gives      f32, not normalised: a ramp of slope s along x gives 32 s (scharr), 6 s (prewitt). Exact for u8 and u16
// Guarantees magnitude of scharr and prewitt commutes with flips and rotations by 90 degrees bit for bit. roberts: the
//            result belongs to the corner between a pixel, its right and its lower neighbours; direction x is the
//            falling diagonal, y the rising one
// Trace      picture "result"
// See        [Scharr2000] sec. 9.3; [Prewitt1970]; [Roberts1963]
#pragma once
#include "assay/imgproc/edge/sobel.h"

namespace assay {

struct Scharr {
  using Params = SobelParams;
  static constexpr ImageOpInfo info{"scharr",
                                    "first derivatives, 3x3, most nearly round",
                                    "Scharr2000",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Prewitt {
  using Params = SobelParams;
  static constexpr ImageOpInfo info{"prewitt",
                                    "first derivatives, 3x3, equal weights",
                                    "Prewitt1970",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};
struct Roberts {
  using Params = SobelParams;
  static constexpr ImageOpInfo info{"roberts",
                                    "first derivatives along the diagonals, 2x2",
                                    "Roberts1963",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

}  // namespace assay
