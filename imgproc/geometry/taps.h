// imgproc/geometry/taps.h: which pixels a resized pixel is made of, along one axis.
//
//   Output x of `to` stands over the input position   c = (x + 1/2) from / to - 1/2                         (1)
//   (pixel centres at whole numbers; the outer edges of both pictures fall together)
//
//   nearest    the pixel whose square holds c; on the line between two, the one to the right
//   bilinear   k(t) = 1 - |t|                                     |t| < 1
//   bicubic    k(t) = (a+2)|t|^3 - (a+3)|t|^2 + 1                 |t| < 1
//                     a|t|^3 - 5a|t|^2 + 8a|t| - 4a               |t| < 2     a = -1/2: [Keys1981, eq. 15]
//   lanczos    k(t) = sinc(t) sinc(t / 3)                         |t| < 3
//   area       the mean over the output pixel's square: the share of each input pixel that it covers
//
// A weight is k(i - c), divided by the sum of the weights; with `antialias`, shrinking stretches k by from / to. Weights
// of pixels beyond the edge are given to the pixel at the edge (border replicate). c is a fraction of denominator
// 2 to: its whole part and remainder are taken in whole numbers.
//
// Where the weights are fractions of a common small denominator (bilinear, area; bicubic, where c is one of at most 15
// parts), they are kept as whole numbers, too:
// the resized value of an integer picture is then a fraction that can be rounded without any error.
#pragma once
#include <vector>

#include "assay/core/params.h"

namespace assay {

enum class Interpolation { nearest, bilinear, bicubic, lanczos, area };
inline constexpr EnumNames<Interpolation, 5> interpolation_names{{{"nearest", Interpolation::nearest},
                                                                  {"bilinear", Interpolation::bilinear},
                                                                  {"bicubic", Interpolation::bicubic},
                                                                  {"lanczos", Interpolation::lanczos},
                                                                  {"area", Interpolation::area}}};

/// Half the width of k; area: 1/2.
double support(Interpolation method);
/// k(t); Keys' cubic for `a`, area: the indicator of [-1/2, 1/2).
double kernel(Interpolation method, double t, double a = -0.5);

/// Output x is the sum over t < count of weight[x count + t] * input[first[x] + t]; every tap lies inside the input.
struct Taps {
  int from = 0, to = 0, count = 0;
  std::vector<int> first;
  std::vector<double> weight;  ///< sums to 1 for each x
  double denominator = 0;      ///< > 0: weight = whole / denominator, exactly
  std::vector<double> whole;   ///< filled where denominator > 0

  /// The largest sum of |weight| over the outputs.
  double largest_sum() const;
};

Taps resize_taps(int from, int to, Interpolation method, bool antialias);

}  // namespace assay
