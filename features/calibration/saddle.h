// features/calibration/saddle.h: where two edges cross, as the squares of a chessboard do.
//
//   D = Ixy^2 - Ixx Iyy > 0     the picture, smoothed, is a saddle there (its Hessian has eigenvalues of both signs)
//
// A maximum of D is kept as a saddle point if the ring of 16 samples around it is bright, dark, bright, dark: alike on
// opposite sides, with four changes of sign, and the centre between bright and dark. None of that depends on exposure.
//
// Units      the picture's full scale is 1; places in pixels, centres at integer coordinates
// Cost       O(pixels) + O(maxima)
// See        [ChenZhang2005] for D and the sub-pixel place; [BennettLasenby2014] for the ring
#pragma once
#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

namespace assay {

struct Saddle {
  cv::Point2f place;
  float contrast;       ///< brightest minus darkest sample of the ring
  cv::Point2f edge[2];  ///< unit vectors along the two edges: turning from x towards y, edge 0 leads into the bright,
                        ///< edge 1 into the dark
};

struct SaddleMap {
  cv::Mat_<float> smooth;  ///< the picture the saddles were found in
  std::vector<Saddle> saddles;
  std::vector<cv::Point2f> refused;  ///< maxima of D whose ring is another thing
};

/// Binomial weights w_0 .. w_radius of both directions: variance 1/2, and 3/2 (what saddles are found in).
inline constexpr float kSmoothLittle[] = {2.F / 4, 1.F / 4}, kSmooth[] = {20.F / 64, 15.F / 64, 6.F / 64, 1.F / 64};

/// out = level smoothed; beyond the border its pixels are repeated. `out` may not be `level`.
void smooth(const cv::Mat_<float>& level, std::span<const float> weights, cv::Mat_<float>& out);

/// `level` is f32, full scale 1; at most `most` maxima of D are looked at, the strongest.
SaddleMap find_saddles(const cv::Mat_<float>& level, size_t most);

/// How far a ring may be from that of two crossing edges, as shares of its contrast.
struct RingTolerance {
  float odd;     ///< mean difference of opposite samples, halved
  float centre;  ///< centre from the middle between bright and dark
};
inline constexpr RingTolerance kStrictRing{0.12F, 0.27F}, kLenientRing{0.3F, 0.35F};

/// The ring around a place; false where it is no crossing of two edges or lies too near to the border.
bool measure_saddle(const cv::Mat_<float>& smooth, const cv::Point2f& place, const RingTolerance& allowed,
                    Saddle& saddle);

/// Bilinear value at a place at least one pixel inside.
inline float value_between(const cv::Mat_<float>& m, float x, float y) {
  const int x0 = static_cast<int>(x), y0 = static_cast<int>(y);
  const float u = x - static_cast<float>(x0), v = y - static_cast<float>(y0);
  const float *a = m[y0] + x0, *b = m[y0 + 1] + x0;
  const float above = a[0] + u * (a[1] - a[0]), below = b[0] + u * (b[1] - b[0]);
  return above + v * (below - above);
}

}  // namespace assay
