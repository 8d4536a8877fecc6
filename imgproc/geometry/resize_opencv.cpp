// imgproc/geometry/resize_opencv.cpp: OpenCV 4.6's way, so that its results can be reproduced.
//
//   coordinates   c = float((x + 1/2) from / to - 1/2); nearest: floor(x from / to)
//   weights       f32; 8 bits: rounded to multiples of 2^-11. cubic: Keys with a = -0.75, lanczos: sinc(t) sinc(t / 4)
//   8 bits        rows in whole numbers; bilinear columns: (w0 (r0 / 16) / 2^16 + w1 (r1 / 16) / 2^16 + 2) / 4, each
//                 quotient rounded down; cubic and lanczos: (sum + 2^21) / 2^22. 16 bits and floats: f32 throughout
//   area          shrinking: f32 shares; by 2 and 2: (a + b + c + d + 2) / 4, and bilinear becomes this, too.
//                 Enlarging either side: bilinear between squares that lie wholly in one pixel
// Departures from the library: its vector code rounds the cubic of 8 bits in f32, where ours stays whole: a value in some
//                 thousands differs by one level.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "assay/core/parallel.h"
#include "assay/imgproc/geometry/resize_internal.h"

namespace assay::detail {

namespace {

constexpr int kBits = 11;

struct Axis {
  int count = 1;
  std::vector<int> index;  // output x, tap t: input pixel, clamped
  std::vector<float> weight;
};

// `enlarging_area`: OpenCV's bilinear for INTER_AREA when a side grows.
Axis axis_of(int from, int to, Interpolation method, bool enlarging_area, bool is_x) {
  const double inverse = static_cast<double>(to) / from, scale = 1 / inverse;
  const bool linear = method != Interpolation::bicubic && method != Interpolation::lanczos;
  Axis axis;
  for (int x = 0; x < to; ++x) {
    int i = 0;
    float f = 0;
    if (enlarging_area) {
      i = static_cast<int>(std::floor(x * scale));
      f = static_cast<float>((x + 1) - (i + 1) * inverse);
      f = f <= 0 ? 0.f : f - std::floor(f);
    } else {
      f = static_cast<float>((x + 0.5) * scale - 0.5);
      i = static_cast<int>(std::floor(f));
      f -= static_cast<float>(i);
    }
    if (linear && is_x && i < 0) i = 0, f = 0;
    if (linear && is_x && i >= from - 1) i = from - 1, f = 0;
    const std::vector<float> w = opencv_weights(f, method);
    axis.count = static_cast<int>(w.size());
    for (int t = 0; t < axis.count; ++t) axis.index.push_back(std::clamp(i + t - axis.count / 2 + 1, 0, from - 1));
    axis.weight.insert(axis.weight.end(), w.begin(), w.end());
  }
  return axis;
}

std::vector<int> whole_weights(const Axis& axis) {
  std::vector<int> w;
  for (const float v : axis.weight) w.push_back(static_cast<int>(std::nearbyint(v * (1 << kBits))));
  return w;
}

void filter_u8(const cv::Mat& image, const Axis& ax, const Axis& ay, cv::Mat& out, int begin, int end) {
  const std::vector<int> wx = whole_weights(ax), wy = whole_weights(ay);
  const int channels = image.channels(), nx = ax.count, ny = ay.count;
  for (int y = begin; y < end; ++y)
    for (int x = 0; x < out.cols; ++x)
      for (int c = 0; c < channels; ++c) {
        int sum = 0;
        for (int j = 0; j < ny; ++j) {
          const uint8_t* row = image.ptr<uint8_t>(ay.index[static_cast<size_t>(y * ny + j)]) + c;
          int along = 0;
          for (int i = 0; i < nx; ++i)
            along += row[ax.index[static_cast<size_t>(x * nx + i)] * channels] * wx[static_cast<size_t>(x * nx + i)];
          const int w = wy[static_cast<size_t>(y * ny + j)];
          sum += ny == 2 ? (w * (along >> 4)) >> 16 : w * along;
        }
        sum = ny == 2 ? (sum + 2) >> 2 : (sum + (1 << (2 * kBits - 1))) >> (2 * kBits);
        out.ptr<uint8_t>(y)[x * channels + c] = static_cast<uint8_t>(std::clamp(sum, 0, 255));
      }
}

template <class T>
T saturated(float v) {
  if constexpr (std::is_same_v<T, float>)
    return v;
  else
    return static_cast<T>(std::clamp(std::nearbyint(v), 0.f, static_cast<float>(std::numeric_limits<T>::max())));
}

template <class T>
void filter_float(const cv::Mat& image, const Axis& ax, const Axis& ay, cv::Mat& out, int begin, int end) {
  const int channels = image.channels(), nx = ax.count, ny = ay.count;
  for (int y = begin; y < end; ++y)
    for (int x = 0; x < out.cols; ++x)
      for (int c = 0; c < channels; ++c) {
        float sum = 0;
        for (int j = 0; j < ny; ++j) {
          const T* row = image.ptr<T>(ay.index[static_cast<size_t>(y * ny + j)]) + c;
          float along = 0;
          for (int i = 0; i < nx; ++i)
            along += static_cast<float>(row[ax.index[static_cast<size_t>(x * nx + i)] * channels]) *
                     ax.weight[static_cast<size_t>(x * nx + i)];
          sum += ay.weight[static_cast<size_t>(y * ny + j)] * along;
        }
        out.ptr<T>(y)[x * channels + c] = saturated<T>(sum);
      }
}

// Shares of input pixels under each output square, in f32.
Axis covered(int from, int to) {
  const double scale = 1 / (static_cast<double>(to) / from);
  std::vector<std::vector<std::pair<int, float>>> all;
  size_t count = 1;
  for (int x = 0; x < to; ++x) {
    const double begin = x * scale, end = begin + scale, width = std::min(scale, from - begin);
    const int first = static_cast<int>(std::ceil(begin)), last = std::min(static_cast<int>(std::floor(end)), from - 1);
    const int inner = std::min(first, last);
    std::vector<std::pair<int, float>> shares;
    if (inner - begin > 1e-3) shares.emplace_back(inner - 1, static_cast<float>((inner - begin) / width));
    for (int i = inner; i < last; ++i) shares.emplace_back(i, static_cast<float>(1.0 / width));
    if (end - last > 1e-3)
      shares.emplace_back(last, static_cast<float>(std::min(std::min(end - last, 1.), width) / width));
    count = std::max(count, shares.size());
    all.push_back(std::move(shares));
  }
  Axis axis;
  axis.count = static_cast<int>(count);
  for (auto& shares : all) {
    shares.resize(count, {0, 0.f});
    for (const auto& s : shares) axis.index.push_back(s.first), axis.weight.push_back(s.second);
  }
  return axis;
}

// The mean of kx x ky pixels. Two by two in whole numbers (floats: f32), others by a multiplication in f32.
template <class T>
void mean_of_blocks(const cv::Mat& image, int kx, int ky, cv::Mat& out, int begin, int end) {
  const int channels = image.channels();
  for (int y = begin; y < end; ++y)
    for (int x = 0; x < out.cols; ++x)
      for (int c = 0; c < channels; ++c) {
        std::conditional_t<std::is_same_v<T, float>, float, int> sum = 0;
        for (int j = 0; j < ky; ++j)
          for (int i = 0; i < kx; ++i) sum += image.ptr<T>(y * ky + j)[(x * kx + i) * channels + c];
        T& to = out.ptr<T>(y)[x * channels + c];
        if (kx == 2 && ky == 2 && !std::is_same_v<T, float>)
          to = static_cast<T>((static_cast<int>(sum) + 2) >> 2);
        else
          to = saturated<T>(static_cast<float>(sum) * (1.f / static_cast<float>(kx * ky)));
      }
}

template <class T>
void resize_rows(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx) {
  const bool shrinks = image.cols >= out.cols && image.rows >= out.rows;
  const bool in_blocks = image.cols % out.cols == 0 && image.rows % out.rows == 0;
  const int kx = image.cols / out.cols, ky = image.rows / out.rows;
  const bool by_two = method == Interpolation::bilinear && in_blocks && kx == 2 && ky == 2;
  const bool area = method == Interpolation::area && shrinks;
  Axis ax, ay;
  if (area && !in_blocks) {
    ax = covered(image.cols, out.cols), ay = covered(image.rows, out.rows);
  } else if (!area && !by_two) {
    ax = axis_of(image.cols, out.cols, method, method == Interpolation::area, true);
    ay = axis_of(image.rows, out.rows, method, method == Interpolation::area, false);
  }
  parallel_for(ctx.threads, out.rows, 64, [&](Index begin, Index end) {
    const int first = static_cast<int>(begin), last = static_cast<int>(end);
    if (by_two || (area && in_blocks))
      mean_of_blocks<T>(image, kx, ky, out, first, last);
    else if (std::is_same_v<T, uint8_t> && !area)
      filter_u8(image, ax, ay, out, first, last);
    else
      filter_float<T>(image, ax, ay, out, first, last);
  });
}

}  // namespace

std::vector<float> opencv_weights(float f, Interpolation method) {
  if (method == Interpolation::bicubic) {
    const float a = -0.75f;
    const float w0 = ((a * (f + 1) - 5 * a) * (f + 1) + 8 * a) * (f + 1) - 4 * a;
    const float w1 = ((a + 2) * f - (a + 3)) * f * f + 1;
    const float w2 = ((a + 2) * (1 - f) - (a + 3)) * (1 - f) * (1 - f) + 1;
    return {w0, w1, w2, 1.f - w0 - w1 - w2};
  }
  if (method == Interpolation::lanczos) {
    std::vector<float> w(8, 0.f);
    if (f < 1.1920929e-7f) {
      w[3] = 1;
      return w;
    }
    // sin(pi t) is the same at all taps but for its sign, and goes with the sum; sin(pi t / 4) by the sum of angles: that of the
    // first tap and i / 8 of a turn.
    constexpr double r = std::numbers::sqrt2 / 2, kSin[8] = {0, r, 1, r, 0, -r, -1, -r};
    const double first = -(static_cast<double>(f) + 3) * std::numbers::pi / 4, sine = std::sin(first),
                 cosine = std::cos(first);
    float sum = 0;
    for (int i = 0; i < 8; ++i) {
      const double t = -(static_cast<double>(f) + 3 - i) * std::numbers::pi / 4, sign = i % 2 == 0 ? 1 : -1;
      w[static_cast<size_t>(i)] = static_cast<float>(sign * (sine * kSin[(i + 2) % 8] + cosine * kSin[i]) / (t * t));
      sum += w[static_cast<size_t>(i)];
    }
    for (float& v : w) v *= 1 / sum;
    return w;
  }
  return {1 - f, f};
}

void resize_opencv(const cv::Mat& image, Interpolation method, cv::Mat& out, const Context& ctx) {
  if (image.size() == out.size()) return image.copyTo(out);
  if (method == Interpolation::nearest) {
    const auto places = [](int from, int to) {
      const double scale = 1 / (static_cast<double>(to) / from);
      std::vector<int> at;
      for (int x = 0; x < to; ++x) at.push_back(std::min(static_cast<int>(std::floor(x * scale)), from - 1));
      return at;
    };
    return pick_pixels(image, places(image.cols, out.cols), places(image.rows, out.rows), out, ctx);
  }
  if (image.depth() == CV_8U)
    resize_rows<uint8_t>(image, method, out, ctx);
  else if (image.depth() == CV_16U)
    resize_rows<uint16_t>(image, method, out, ctx);
  else
    resize_rows<float>(image, method, out, ctx);
}

}  // namespace assay::detail
