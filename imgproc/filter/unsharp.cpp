// imgproc/filter/unsharp.cpp
// Method     1 blur, in f32   2 add a times the difference   3 round
// Departures from the textbook: none

#include "assay/imgproc/filter/unsharp.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/filter/rounding_internal.h"

namespace assay {

namespace {

template <class T>
void add_difference(const T* f, const float* blurred, float amount, float threshold, T* out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    const float value = static_cast<float>(f[i]), difference = value - blurred[i];
    const float sharper = std::abs(difference) >= threshold ? value + amount * difference : value;
    if constexpr (std::is_same_v<T, float>)
      out[i] = sharper;
    else
      out[i] = static_cast<T>(static_cast<int>(
          rounding::nearest(std::min(std::max(sharper, 0.0f), static_cast<float>(std::numeric_limits<T>::max())))));
  }
}

template <class T>
void sharpen_picture(const cv::Mat& image, const UnsharpParams& p, cv::Mat& out, const Context& ctx) {
  GaussianParams g;
  g.sigma = p.sigma;
  g.border = p.border;
  parallel_for(ctx.threads, image.rows, gaussian_band(g), [&](Index from, Index to) {
    const int begin = static_cast<int>(from), end = static_cast<int>(to);
    cv::Mat_<float> blurred;
    gaussian_rows(image, g, begin, end, blurred, ctx);
    for (int y = begin; y < end; ++y)
      add_difference(image.ptr<T>(y), blurred[y - begin], static_cast<float>(p.amount), static_cast<float>(p.threshold),
                     out.ptr<T>(y), blurred.cols);
  });
}

}  // namespace

void Unsharp::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  if (image.depth() == CV_8U)
    sharpen_picture<uint8_t>(image, p, out, ctx);
  else if (image.depth() == CV_16U)
    sharpen_picture<uint16_t>(image, p, out, ctx);
  else
    sharpen_picture<float>(image, p, out, ctx);
  ctx.trace.image([&] {
    return TraceImage{"result",
                      "Sharpen: f + a (f - G f) (1)",
                      "The picture with stronger edges.",
                      view_of(out),
                      false,
                      {},
                      "imgproc/filter/unsharp.cpp:Unsharp::apply"};
  });
}

}  // namespace assay
