// imgproc/geometry/warp_opencv.cpp: see warp_internal.h.
// Departures from the library: none known for affine, perspective and remap, nearest and bilinear, one thread.

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>

#include "assay/core/parallel.h"
#include "assay/imgproc/geometry/warp_internal.h"

namespace assay::detail {

namespace {

// A place in 1/32 of a pixel.
struct Place32 {
  int u = 0, v = 0;
};

int saturated(double v) { return static_cast<int>(std::clamp(std::nearbyint(v), -2147483648.0, 2147483647.0)); }

template <class T>
double read(const cv::Mat& image, const WarpParams& p, int x, int y, int c) {
  const int column = border_index(x, image.cols, p.border), row = border_index(y, image.rows, p.border);
  return row < 0 || column < 0
             ? p.value
             : static_cast<double>(image.ptr<T>(row)[static_cast<ptrdiff_t>(column) * image.channels() + c]);
}

// Four products and three sums in f32, left to right.
float in_single(double p00, double p01, double p10, double p11, int a, int b) {
  const auto product = [](double v, int w) { return static_cast<float>(v) * (static_cast<float>(w) / 1024); };
  return product(p00, (32 - a) * (32 - b)) + product(p01, a * (32 - b)) + product(p10, (32 - a) * b) +
         product(p11, a * b);
}

template <class T>
T weighed(const cv::Mat& image, const WarpParams& p, Place32 at, int c) {
  const int x = at.u >> 5, y = at.v >> 5, a = at.u & 31, b = at.v & 31;
  const double p00 = read<T>(image, p, x, y, c), p01 = read<T>(image, p, x + 1, y, c);
  const double p10 = read<T>(image, p, x, y + 1, c), p11 = read<T>(image, p, x + 1, y + 1, c);
  const double sum = (32 - b) * ((32 - a) * p00 + a * p01) + b * ((32 - a) * p10 + a * p11);  // exact on integers
  if constexpr (std::is_same_v<T, uint8_t>)
    return static_cast<T>(std::clamp((static_cast<int>(sum) * 32 + (1 << 14)) >> 15, 0, 255));
  else if constexpr (std::is_same_v<T, uint16_t>)
    return static_cast<T>(std::clamp(std::nearbyint(in_single(p00, p01, p10, p11, a, b)), 0.f, 65535.f));
  else
    return in_single(p00, p01, p10, p11, a, b);
}

template <class T, class Place>
void fill_rows(const cv::Mat& image, const WarpParams& p, cv::Mat& out, const Context& ctx, const Place& place) {
  const bool nearest = p.method == Interpolation::nearest;
  parallel_for(ctx.threads, out.rows, 32, [&](Index begin, Index end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < out.cols; ++x) {
        const Place32 at = place(x, y);
        for (int c = 0; c < out.channels(); ++c)
          out.ptr<T>(y)[x * out.channels() + c] =
              nearest ? static_cast<T>(read<T>(image, p, at.u, at.v, c)) : weighed<T>(image, p, at, c);
      }
  });
}

template <class Place>
void fill(const cv::Mat& image, const WarpParams& p, cv::Mat& out, const Context& ctx, const Place& place) {
  if (image.depth() == CV_8U)
    fill_rows<uint8_t>(image, p, out, ctx, place);
  else if (image.depth() == CV_16U)
    fill_rows<uint16_t>(image, p, out, ctx, place);
  else
    fill_rows<float>(image, p, out, ctx, place);
}

}  // namespace

void warp_opencv(const cv::Mat& image, const Matrix3& V, const WarpParams& p, cv::Mat& out, const Context& ctx) {
  const bool nearest = p.method == Interpolation::nearest;
  if (V[6] == 0 && V[7] == 0) {
    const int lift = nearest ? 512 : 16, shift = nearest ? 10 : 5;
    return fill(image, p, out, ctx, [&](int x, int y) {
      const int u = saturated((V[1] * y + V[2]) * 1024) + lift, v = saturated((V[4] * y + V[5]) * 1024) + lift;
      return Place32{(u + saturated(V[0] * x * 1024)) >> shift, (v + saturated(V[3] * x * 1024)) >> shift};
    });
  }
  const double unit = nearest ? 1 : 32;
  fill(image, p, out, ctx, [&](int x, int y) {
    double w = V[6] * x + (V[7] * y + V[8]);
    w = w ? unit / w : 0;
    return Place32{saturated((V[0] * x + (V[1] * y + V[2])) * w), saturated((V[3] * x + (V[4] * y + V[5])) * w)};
  });
}

void remap_opencv(const cv::Mat& image, const cv::Mat& map_x, const cv::Mat& map_y, const WarpParams& p, cv::Mat& out,
                  const Context& ctx) {
  const float unit = p.method == Interpolation::nearest ? 1 : 32;
  fill(image, p, out, ctx, [&](int x, int y) {
    const float u = map_x.empty() ? static_cast<float>(x) : map_x.at<float>(y, x);
    const float v = map_y.empty() ? static_cast<float>(y) : map_y.at<float>(y, x);
    return Place32{saturated(static_cast<double>(u * unit)), saturated(static_cast<double>(v * unit))};
  });
}

}  // namespace assay::detail
