// imgproc/geometry/sampling.h: the value of a picture between its pixels, at many places at once.
//
//   out(x, y) = sum_{i,j} k(i - u) k(j - v) in(i, j),     (u, v) the place that output (x, y) is asked at
//
//   nearest (k = 1 on [-1/2, 1/2)), bilinear, bicubic (Keys, a = -1/2), lanczos (3 lobes, divided by the sum of its weights)
//
// Requires   places in f64; what is not finite lies outside
// Guarantees weights are taken at u and v themselves: no table, no 1/32 of a pixel. Integer depths: the exact sum rounded
//            to the nearest, ties to even, clamped; f32 in single precision. Whole-numbered places give the pixels, bit for bit
#pragma once
#include <opencv2/core/mat.hpp>

#include "assay/core/context.h"
#include "assay/core/function_ref.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/geometry/taps.h"

namespace assay {

inline constexpr EnumNames<Interpolation, 4> sampling_names{{{"nearest", Interpolation::nearest},
                                                             {"bilinear", Interpolation::bilinear},
                                                             {"bicubic", Interpolation::bicubic},
                                                             {"lanczos", Interpolation::lanczos}}};

struct Sampling {
  Interpolation method = Interpolation::bilinear;
  Border border = Border::constant;
  double value = 0;  ///< of `constant`, in every channel
};

/// Fills u[0..n) and v[0..n) with the places of outputs (x, y) .. (x + n - 1, y).
using Places = function_ref<void(int x, int y, int n, double* u, double* v)>;

/// Fills `out`, which has its size and the picture's type.
void sample(const cv::Mat& image, const Sampling& how, Places places, cv::Mat& out, const Context& ctx);

}  // namespace assay
