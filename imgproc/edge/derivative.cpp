// imgproc/edge/derivative.cpp
// Notation   f picture;  three rows of it, one pixel wider on each side;  up, mid, down
// Method     1 three rows, padded   2 gx, gy of one row   3 magnitude sqrt(gx^2 + gy^2)
// Departures from the papers: none

#include "assay/imgproc/edge/derivative.h"

#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"

namespace assay {

namespace {

// The two derivatives of a row; a null pointer leaves that one out. `step`: channels.
template <int a, int b>
struct ThreeByThree {
  // Both take the same steps in the same order, so that a turned picture gives the turned gradient bit for bit.
  static void row(const float* up, const float* mid, const float* down, ptrdiff_t step, float* __restrict gx,
                  float* __restrict gy, ptrdiff_t n) {
    if (!gy) {
      for (ptrdiff_t i = 0; i < n; ++i)
        gx[i] = (a * (up[i + step] + down[i + step]) + b * mid[i + step]) -
                (a * (up[i - step] + down[i - step]) + b * mid[i - step]);
      return;
    }
    if (!gx) {
      for (ptrdiff_t i = 0; i < n; ++i)
        gy[i] = (a * (down[i - step] + down[i + step]) + b * down[i]) - (a * (up[i - step] + up[i + step]) + b * up[i]);
      return;
    }
    for (ptrdiff_t i = 0; i < n; ++i) {
      const float left = a * (up[i - step] + down[i - step]) + b * mid[i - step];
      const float right = a * (up[i + step] + down[i + step]) + b * mid[i + step];
      const float top = a * (up[i - step] + up[i + step]) + b * up[i];
      const float bottom = a * (down[i - step] + down[i + step]) + b * down[i];
      gx[i] = right - left;
      gy[i] = bottom - top;
    }
  }
};
struct TwoByTwo {
  static void row(const float*, const float* mid, const float* down, ptrdiff_t step, float* __restrict gx,
                  float* __restrict gy, ptrdiff_t n) {
    if (gx)
      for (ptrdiff_t i = 0; i < n; ++i) gx[i] = mid[i] - down[i + step];
    if (gy)
      for (ptrdiff_t i = 0; i < n; ++i) gy[i] = mid[i + step] - down[i];
  }
};

void norm(const float* gx, const float* gy, float* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = std::sqrt(gx[i] * gx[i] + gy[i] * gy[i]);
}

template <class Window>
void differentiate(const SobelParams& p, const cv::Mat& image, cv::Mat& out, const char* title, const Context& ctx) {
  out.create(image.size(), CV_32FC(image.channels()));
  const int channels = image.channels(), n = image.cols * channels;
  parallel_for(ctx.threads, image.rows, 64, [&](Index begin, Index end) {
    ctx.check_cancelled();
    cv::Mat_<float> ring(3, n + 2 * channels), other(2, n);
    const auto slot = [&](int y) { return ring[(y + 3) % 3] + channels; };
    const auto read = [&](int y) {
      padded_row<float>(image, y, 0, image.cols, 1, p.border, static_cast<float>(p.value), slot(y) - channels);
    };
    const int first = static_cast<int>(begin);
    read(first - 1);
    read(first);
    for (int y = first; y < end; ++y) {
      read(y + 1);
      float* to = out.ptr<float>(y);
      float* gx = p.direction == Direction::x ? to : p.direction == Direction::y ? nullptr : other[0];
      float* gy = p.direction == Direction::y ? to : p.direction == Direction::x ? nullptr : other[1];
      Window::row(slot(y - 1), slot(y), slot(y + 1), channels, gx, gy, n);
      if (p.direction == Direction::magnitude) norm(gx, gy, to, n);
    }
  });
  ctx.trace.image([&] {
    return TraceImage{"result", title, "Bright: the picture changes fast here.",   view_of(out),
                      true,     {},    "imgproc/edge/derivative.cpp:differentiate"};
  });
}

}  // namespace

void Scharr::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  differentiate<ThreeByThree<3, 10>>(p, image, out, "Scharr's derivatives", ctx);
}
void Prewitt::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  differentiate<ThreeByThree<1, 1>>(p, image, out, "Prewitt's derivatives", ctx);
}
void Roberts::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  differentiate<TwoByTwo>(p, image, out, "Roberts' cross", ctx);
}

}  // namespace assay
