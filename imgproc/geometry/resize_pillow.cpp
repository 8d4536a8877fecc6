// imgproc/geometry/resize_pillow.cpp: Pillow's and scikit-image's ways, so that their results can be reproduced.
//
//   Pillow 9.4   kernels are stretched when shrinking; taps beyond the edge are left out and the others divided by
//                their sum; 8 bits: weights of 22 bits, each axis (rows first) rounded to 8 bits; floats: f64 sums
//   scikit-image 0.19, anti_aliasing=False   scipy.ndimage.zoom(order, mode="mirror", grid_mode=True) in f64
// Departures from the libraries: Pillow has no 16-bit pictures, nor have we under its name.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "assay/core/error.h"
#include "assay/core/parallel.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/geometry/resize_internal.h"

namespace assay::detail {

namespace {

struct PillowTaps {
  int first = 0;
  std::vector<double> weight;
};

std::vector<PillowTaps> pillow_taps(int from, int to, Interpolation method) {
  std::vector<PillowTaps> all;
  const double s = static_cast<double>(from) / to, wide = std::max(s, 1.0), reach = support(method) * wide;
  for (int x = 0; x < to; ++x) {
    const double centre = (x + 0.5) * s;  // pixel i covers [i, i + 1)
    const int begin = std::max(0, static_cast<int>(centre - reach + 0.5));
    const int end = std::min(from, static_cast<int>(centre + reach + 0.5));
    PillowTaps taps{begin, {}};
    for (int i = begin; i < end; ++i) {
      const double t = (i - centre + 0.5) * (1 / wide);
      taps.weight.push_back(method == Interpolation::area ? (t > -0.5 && t <= 0.5) : kernel(method, t));
    }
    const double sum = std::accumulate(taps.weight.begin(), taps.weight.end(), 0.0);
    if (sum != 0)
      for (double& w : taps.weight) w *= 1 / sum;
    all.push_back(std::move(taps));
  }
  return all;
}

constexpr int kBits = 22;

uint8_t weighed(const uint8_t* from, ptrdiff_t stride, const PillowTaps& taps) {
  int32_t sum = 1 << (kBits - 1);
  for (size_t t = 0; t < taps.weight.size(); ++t) {
    const double w = taps.weight[t] * (1 << kBits);
    sum += from[static_cast<ptrdiff_t>(t) * stride] * static_cast<int32_t>(w < 0 ? w - 0.5 : w + 0.5);
  }
  return static_cast<uint8_t>(std::clamp(sum >> kBits, 0, 255));
}
float weighed(const float* from, ptrdiff_t stride, const PillowTaps& taps) {
  double sum = 0;
  for (size_t t = 0; t < taps.weight.size(); ++t)
    sum += static_cast<double>(from[static_cast<ptrdiff_t>(t) * stride]) * taps.weight[t];
  return static_cast<float>(sum);
}

template <class T>
void two_passes(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx) {
  const int channels = image.channels();
  cv::Mat rows(image.rows, out.cols, image.type());
  if (image.cols == out.cols) {
    image.copyTo(rows);
  } else {
    const auto taps = pillow_taps(image.cols, out.cols, method);
    parallel_for(ctx.threads, image.rows, 64, [&](Index begin, Index end) {
      for (int y = static_cast<int>(begin); y < end; ++y)
        for (int i = 0; i < out.cols * channels; ++i) {
          const PillowTaps& t = taps[static_cast<size_t>(i / channels)];
          rows.ptr<T>(y)[i] =
              weighed(image.ptr<T>(y) + static_cast<ptrdiff_t>(t.first) * channels + i % channels, channels, t);
        }
    });
  }
  if (image.rows == out.rows) return rows.copyTo(out);
  const auto taps = pillow_taps(image.rows, out.rows, method);
  const auto stride = static_cast<ptrdiff_t>(rows.step1());
  parallel_for(ctx.threads, out.rows, 64, [&](Index begin, Index end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int i = 0; i < out.cols * channels; ++i)
        out.ptr<T>(y)[i] =
            weighed(rows.ptr<T>(taps[static_cast<size_t>(y)].first) + i, stride, taps[static_cast<size_t>(y)]);
  });
}

template <class T>
void zoomed_rows(const cv::Mat& image, cv::Mat& out, int begin, int end) {
  const int channels = image.channels();
  const double sx = static_cast<double>(image.cols) / out.cols, sy = static_cast<double>(image.rows) / out.rows;
  const double scale = full_scale(image);
  const auto at = [&](double x, double y, int c) {
    const int i = border_index(static_cast<int>(x), image.cols, Border::reflect101);
    const int j = border_index(static_cast<int>(y), image.rows, Border::reflect101);
    return static_cast<double>(image.ptr<T>(j)[static_cast<ptrdiff_t>(i) * channels + c]) / scale;
  };
  for (int y = begin; y < end; ++y)
    for (int x = 0; x < out.cols; ++x)
      for (int c = 0; c < channels; ++c) {
        const double px = (x + 0.5) * sx - 0.5, py = (y + 0.5) * sy - 0.5;
        const double i = std::floor(px), j = std::floor(py), fx = px - i, fy = py - j;
        const double v = (1 - fy) * ((1 - fx) * at(i, j, c) + fx * at(i + 1, j, c)) +
                         fy * ((1 - fx) * at(i, j + 1, c) + fx * at(i + 1, j + 1, c));
        out.ptr<float>(y)[static_cast<ptrdiff_t>(x) * channels + c] = static_cast<float>(v);
      }
}

}  // namespace

void resize_pillow(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx) {
  if (image.size() == out.size()) return image.copyTo(out);
  if (method == Interpolation::nearest) {
    const Taps tx = resize_taps(image.cols, out.cols, method, false),
               ty = resize_taps(image.rows, out.rows, method, false);
    return pick_pixels(image, tx.first, ty.first, out, ctx);
  }
  if (image.depth() == CV_8U)
    two_passes<uint8_t>(image, method, out, ctx);
  else if (image.depth() == CV_32F)
    two_passes<float>(image, method, out, ctx);
  else
    throw DataError("resize: convention=pillow takes 8-bit and float pictures, this one has 16 bits",
                    "take convention=exact");
}

void resize_skimage(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx) {
  if (method == Interpolation::nearest) {
    const auto places = [](int from, int to) {
      std::vector<int> at;
      for (int x = 0; x < to; ++x)
        at.push_back(border_index(static_cast<int>(std::floor((x + 0.5) * from / to)), from, Border::reflect101));
      return at;
    };
    return pick_pixels(image, places(image.cols, out.cols), places(image.rows, out.rows), out, ctx);
  }
  parallel_for(ctx.threads, out.rows, 64, [&](Index begin, Index end) {
    const int first = static_cast<int>(begin), last = static_cast<int>(end);
    if (image.depth() == CV_8U)
      zoomed_rows<uint8_t>(image, out, first, last);
    else if (image.depth() == CV_16U)
      zoomed_rows<uint16_t>(image, out, first, last);
    else
      zoomed_rows<float>(image, out, first, last);
  });
}

}  // namespace assay::detail
