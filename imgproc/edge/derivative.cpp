// imgproc/edge/derivative.cpp
// Notation   f picture;  mid, down: two rows of it, one pixel wider on each side
// Method     scharr, prewitt: derivative_internal.h with their weights
//            roberts: 1 two rows, padded   2 gx, gy of one row   3 magnitude sqrt(gx^2 + gy^2)
// Departures from the papers: none

#include "assay/imgproc/edge/derivative.h"

#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/imgproc/edge/derivative_internal.h"

namespace assay {

namespace {

void roberts_row(Direction direction, const float* mid, const float* down, ptrdiff_t step, float* __restrict out,
                 ptrdiff_t n) {
  const auto each = [&](auto&& value) {
    for (ptrdiff_t i = 0; i < n; ++i) out[i] = value(mid[i] - down[i + step], mid[i + step] - down[i]);
  };
  if (direction == Direction::x) return each([](float gx, float) { return gx; });
  if (direction == Direction::y) return each([](float, float gy) { return gy; });
  each([](float gx, float gy) { return std::sqrt(gx * gx + gy * gy); });
}

void show(const cv::Mat& out, const char* title, const Context& ctx) {
  ctx.trace.image([&] {
    return TraceImage{"result", title, "Bright: the picture changes fast here.",        view_of(out),
                      true,     {},    "imgproc/edge/derivative_rows.cpp:differentiate"};
  });
}

}  // namespace

void Scharr::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  differentiate<3, 10>(p, image, out, ctx);
  show(out, "Scharr's derivatives", ctx);
}
void Prewitt::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  differentiate<1, 1>(p, image, out, ctx);
  show(out, "Prewitt's derivatives", ctx);
}
void Roberts::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), CV_32FC(image.channels()));
  const int channels = image.channels(), n = image.cols * channels;
  parallel_for(ctx.threads, image.rows, 64, [&](Index begin, Index end) {
    ctx.check_cancelled();
    cv::Mat_<float> ring(2, n + 2 * channels);
    const auto slot = [&](int y) { return ring[y % 2] + channels; };
    const auto read = [&](int y) {
      padded_row<float>(image, y, 0, image.cols, 1, p.border, static_cast<float>(p.value), slot(y) - channels);
    };
    read(static_cast<int>(begin));
    for (int y = static_cast<int>(begin); y < end; ++y) {
      read(y + 1);
      roberts_row(p.direction, slot(y), slot(y + 1), channels, out.ptr<float>(y), n);
    }
  });
  show(out, "Roberts' cross", ctx);
}

}  // namespace assay
