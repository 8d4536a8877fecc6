// features/calibration/corner_sub_pixel_kernels.h: the sums over a corner's window.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

constexpr int kSubPixelLanes = 16;  ///< windows are padded to a multiple of this, weight 0
constexpr int kSubPixelMost = 128;  ///< columns of the widest padded window
constexpr int kSubPixelRow = kSubPixelMost + 16;

/// Weighted moments of the gradient: w = wx[i] wy[j], x = i - radius, y = j - radius.
struct GradientMoments {
  double xx, xy, yy;  ///< sum w gx gx, w gx gy, w gy gy
  double px, py;      ///< sum w (gx gx x + gx gy y), w (gx gy x + gy gy y)
};

/// Rows `pixels + j stride`, j = 0 .. 2 radius + 3: the window and one pixel around it, and one more to the right and
/// below for the bilinear values at (u, v) in [0, 1)^2. `columns`: 2 radius + 1 padded; columns + 3 pixels are read.
GradientMoments gradient_moments(const uint8_t* pixels, ptrdiff_t stride, float u, float v, int radius, int columns,
                                 const float* wx, const float* wy);
GradientMoments gradient_moments(const float* pixels, ptrdiff_t stride, float u, float v, int radius, int columns,
                                 const float* wx, const float* wy);

}  // namespace assay
