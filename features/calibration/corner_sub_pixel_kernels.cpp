#include "assay/features/calibration/corner_sub_pixel_kernels.h"

namespace assay {

namespace {

template <class T>
void blend_row(const T* __restrict a, const T* __restrict b, float u, float v, float* __restrict out, ptrdiff_t n) {
  const float aa = (1 - u) * (1 - v), ab = u * (1 - v), ba = (1 - u) * v, bb = u * v;
  for (ptrdiff_t i = 0; i < n; ++i)
    out[i] = aa * static_cast<float>(a[i]) + ab * static_cast<float>(a[i + 1]) + ba * static_cast<float>(b[i]) +
             bb * static_cast<float>(b[i + 1]);
}

struct ColumnSums {
  alignas(64) float xx[kSubPixelMost], xy[kSubPixelMost], yy[kSubPixelMost], xy_y[kSubPixelMost], yy_y[kSubPixelMost];
};

// Adds a row of products to the sum of each column.
void add_products(const float* __restrict above, const float* __restrict row, const float* __restrict below, float w,
                  float y, ColumnSums& sums, ptrdiff_t n) {
  float* __restrict xx = sums.xx, * __restrict xy = sums.xy, * __restrict yy = sums.yy, * __restrict xy_y = sums.xy_y, * __restrict yy_y = sums.yy_y;
  for (ptrdiff_t i = 0; i < n; ++i) {
    const float gx = row[i + 2] - row[i], gy = below[i + 1] - above[i + 1];
    const float wx = w * gx, wy = w * gy, pxy = wx * gy, pyy = wy * gy;
    xx[i] += wx * gx;
    xy[i] += pxy;
    yy[i] += pyy;
    xy_y[i] += pxy * y;
    yy_y[i] += pyy * y;
  }
}

template <class T>
GradientMoments moments(const T* pixels, ptrdiff_t stride, float u, float v, int radius, int columns, const float* wx,
                        const float* wy) {
  alignas(64) float rows[3][kSubPixelRow];
  ColumnSums sums;
  for (int i = 0; i < columns; ++i) sums.xx[i] = sums.xy[i] = sums.yy[i] = sums.xy_y[i] = sums.yy_y[i] = 0;
  const auto blend = [&](int j) {
    blend_row(pixels + j * stride, pixels + (j + 1) * stride, u, v, rows[j % 3], columns + 2);
  };
  blend(0);
  blend(1);
  for (int j = 0; j <= 2 * radius; ++j) {
    blend(j + 2);
    add_products(rows[j % 3], rows[(j + 1) % 3], rows[(j + 2) % 3], wy[j], static_cast<float>(j - radius), sums,
                 columns);
  }
  GradientMoments m{};
  for (int i = 0; i <= 2 * radius; ++i) {
    const double w = static_cast<double>(wx[i]), x = i - radius;
    m.xx += w * static_cast<double>(sums.xx[i]);
    m.xy += w * static_cast<double>(sums.xy[i]);
    m.yy += w * static_cast<double>(sums.yy[i]);
    m.px += w * (static_cast<double>(sums.xx[i]) * x + static_cast<double>(sums.xy_y[i]));
    m.py += w * (static_cast<double>(sums.xy[i]) * x + static_cast<double>(sums.yy_y[i]));
  }
  return m;
}

}  // namespace

GradientMoments gradient_moments(const uint8_t* pixels, ptrdiff_t stride, float u, float v, int radius, int columns,
                                 const float* wx, const float* wy) {
  return moments(pixels, stride, u, v, radius, columns, wx, wy);
}
GradientMoments gradient_moments(const float* pixels, ptrdiff_t stride, float u, float v, int radius, int columns,
                                 const float* wx, const float* wy) {
  return moments(pixels, stride, u, v, radius, columns, wx, wy);
}

}  // namespace assay
