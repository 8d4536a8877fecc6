// imgproc/color/gray.cpp
// Notation   b, g, r: channels of a pixel, stored in this order
// Departures from the standard: none for `exact`; BT.601 speaks of gamma-encoded values, and so do we.

#include "assay/imgproc/color/gray.h"

#include <algorithm>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/imgproc/color/gray_kernels.h"
#include "assay/imgproc/color/planes_kernels.h"

namespace assay {

namespace {

// (299 r + 587 g + 114 b) / 1000 to the nearest, ties to even, in whole numbers.
uint16_t luma(uint16_t b, uint16_t g, uint16_t r) {
  const uint32_t raised = 114u * b + 587u * g + 299u * r + 500;
  const uint32_t up = raised / 1000;  // ties up
  const uint32_t tie = up * 1000 == raised;
  return static_cast<uint16_t>(up - (tie & up & 1));
}

struct Exact {
  template <class T>
  static T of(T b, T g, T r) {  // integers
    return static_cast<T>(luma(b, g, r));
  }
  static float of(float b, float g, float r) {
    return static_cast<float>(0.114 * static_cast<double>(b) + 0.587 * static_cast<double>(g) +
                              0.299 * static_cast<double>(r));
  }
};
struct OpenCv {
  template <class T>
  static T of(T b, T g, T r) {  // integers; the weights sum to 2^15
    return static_cast<T>((3735u * b + 19235u * g + 9798u * r + (1u << 14)) >> 15);
  }
  static float of(float b, float g, float r) { return 0.114f * b + 0.587f * g + 0.299f * r; }
};

template <class Weights, class T>
void weigh_row(const T* __restrict from, int channels, T* __restrict to, int n) {
  const auto row = [&](auto stride) {
    for (ptrdiff_t x = 0; x < n; ++x)
      to[x] = Weights::of(from[x * stride()], from[x * stride() + 1], from[x * stride() + 2]);
  };
  if (channels == 3)
    row(std::integral_constant<ptrdiff_t, 3>());
  else
    row(std::integral_constant<ptrdiff_t, 4>());
}

// Integers of 3 channels: the planes of a run of pixels, which are summed without steps of three.
template <class Weights, class T>
void weigh_planes(const T* from, T* __restrict to, int n) {
  constexpr int kRun = 512;
  alignas(64) T b[kRun], g[kRun], r[kRun];
  for (int begin = 0; begin < n; begin += kRun) {
    const int count = std::min(kRun, n - begin);
    split_planes(from + 3 * begin, count, b, g, r);
    fetch_ahead(from + 3 * (begin + count), std::min(kRun, n - begin - count));
    for (int i = 0; i < count; ++i) to[begin + i] = Weights::of(b[i], g[i], r[i]);
  }
}

template <class Weights, class T>
void grey_row(const T* from, int channels, T* to, int n) {
  if (channels == 4 || std::is_same_v<T, float>)
    weigh_row<Weights>(from, channels, to, n);
  else if constexpr (std::is_same_v<T, uint8_t> && std::is_same_v<Weights, Exact>)
    luma_bytes(from, n, to);
  else
    weigh_planes<Weights>(from, to, n);
}

template <class T>
void skimage_row(const T* from, int channels, float* to, int n, double scale) {
  for (ptrdiff_t x = 0; x < n; ++x) {
    const T* p = from + x * channels;
    to[x] = static_cast<float>(
        channels == 1 ? p[0] / scale : 0.2125 * (p[2] / scale) + 0.7154 * (p[1] / scale) + 0.0721 * (p[0] / scale));
  }
}

template <class T>
void gray_rows(const cv::Mat& image, cv::Mat& out, GrayConvention convention, int y) {
  const T* from = image.ptr<T>(y);
  const int channels = image.channels();
  if (convention == GrayConvention::skimage)
    skimage_row(from, channels, out.ptr<float>(y), image.cols, full_scale(image));
  else if (channels == 1)
    std::copy_n(from, image.cols, out.ptr<T>(y));
  else if (convention == GrayConvention::opencv)
    grey_row<OpenCv>(from, channels, out.ptr<T>(y), image.cols);
  else
    grey_row<Exact>(from, channels, out.ptr<T>(y), image.cols);
}

}  // namespace

void Gray::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), p.convention == GrayConvention::skimage ? CV_32F : image.depth());
  parallel_for(ctx.threads, image.rows, 128, [&](Index begin, Index end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      if (image.depth() == CV_8U)
        gray_rows<uint8_t>(image, out, p.convention, y);
      else if (image.depth() == CV_16U)
        gray_rows<uint16_t>(image, out, p.convention, y);
      else
        gray_rows<float>(image, out, p.convention, y);
    }
  });
  ctx.trace.image([&] {
    return TraceImage{
        "gray", "Grey: Y = 0.299 R + 0.587 G + 0.114 B", "The picture as brightness alone.", view_of(out), false,
        {},     "imgproc/color/gray.cpp:Gray::apply"};
  });
}

}  // namespace assay
