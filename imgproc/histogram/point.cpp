// imgproc/histogram/point.cpp
// Notation   M full scale;  v a value
// Method     whole numbers: one table of all levels, computed in f64 and rounded once; f32: in f64, value by value
// Departures from the textbook: none

#include "assay/imgproc/histogram/point.h"

#include <limits>

#include "assay/imgproc/histogram/levels_internal.h"
#include "assay/imgproc/histogram/point_kernels.h"

namespace assay {

namespace {

void show(const cv::Mat& out, const char* title, const Context& ctx) {
  ctx.trace.image([&] {
    return TraceImage{"result", title, "The picture after the operator.",          view_of(out),
                      false,    {},    "imgproc/histogram/levels_internal.h:apply"};
  });
}

// The least and the largest colour value.
template <class T>
std::pair<double, double> extremes(const cv::Mat& image) {
  T least = std::numeric_limits<T>::max(), largest = std::numeric_limits<T>::lowest();
  std::vector<T> colours(image.channels() == 4 ? 3 * static_cast<size_t>(image.cols) : 0);
  for (int y = 0; y < image.rows; ++y) {
    const T* row = image.ptr<T>(y);
    if (image.channels() == 4) {
      for (int x = 0; x < image.cols; ++x) std::copy_n(row + 4 * x, 3, colours.data() + 3 * x);
      row = colours.data();
    }
    widen_range(row, image.cols * std::min(image.channels(), 3), least, largest);
  }
  return {static_cast<double>(least), static_cast<double>(largest)};
}

// The values below and above which at most the given shares of all colour values lie.
std::pair<double, double> range_of(const cv::Mat& image, double low, double high, int threads) {
  if (low == 0 && high == 0)
    return image.depth() == CV_8U    ? extremes<uint8_t>(image)
           : image.depth() == CV_16U ? extremes<uint16_t>(image)
                                     : extremes<float>(image);
  std::vector<std::pair<double, int64_t>> counts;  // of all channels
  const int colours = std::min(image.channels(), 3);
  for (int c = 0; c < colours; ++c) {
    const levels::Distribution d = levels::distribution(image, c, threads);
    for (size_t i = 0; i < d.value.size(); ++i) counts.emplace_back(d.value[i], d.upto[i] - (i ? d.upto[i - 1] : 0));
  }
  std::sort(counts.begin(), counts.end());
  const double all = static_cast<double>(image.total()) * colours;
  double below = 0, above = 0;
  size_t first = 0, last = counts.size() - 1;
  while (first < last && (below += static_cast<double>(counts[first].second)) <= all * low / 100) ++first;
  while (last > first && (above += static_cast<double>(counts[last].second)) <= all * high / 100) --last;
  return {counts[first].first, counts[last].first};
}

template <class T>
void saturate_row(const T* from, int channels, double factor, double full, T* to, int n) {
  for (int x = 0; x < n; ++x, from += channels, to += channels) {
    const double grey = (114.0 * static_cast<double>(from[0]) + 587.0 * static_cast<double>(from[1]) +
                         299.0 * static_cast<double>(from[2])) /
                        1000;
    for (int c = 0; c < 3; ++c) {
      const double v = static_cast<double>(from[c]), out = factor == 1 ? v : grey + factor * (v - grey);
      if constexpr (std::is_same_v<T, float>)
        to[c] = static_cast<float>(out);
      else
        to[c] = static_cast<T>(levels::kept_in_range(out, full));
    }
    if (channels == 4) to[3] = from[3];
  }
}

void power_of_floats(const cv::Mat& image, double gamma, cv::Mat& out, const Context& ctx) {
  const int n = image.cols * image.channels();
  out.create(image.size(), image.type());
  parallel_for(ctx.threads, image.rows, 16, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const float* from = image.ptr<float>(y);
      float* to = out.ptr<float>(y);
      power_of_values(from, n, gamma, to);
      if (image.channels() == 4)
        for (int i = 3; i < n; i += 4) to[i] = from[i];
    }
  });
}

}  // namespace

void Gamma::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const double full = full_scale(image);
  if (p.gamma == 1)
    image.copyTo(out);
  else if (image.depth() == CV_32F)
    power_of_floats(image, p.gamma, out, ctx);
  else
    levels::apply(image, out, ctx, [&](int, double v) { return full * std::pow(v / full, p.gamma); });
  show(out, "Gamma: M (f / M)^gamma", ctx);
}

void Brightness::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const double added = p.amount * full_scale(image);
  levels::apply(image, out, ctx, [&](int, double v) { return v + added; });
  show(out, "Brightness: f + amount M", ctx);
}

void Contrast::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const double middle = full_scale(image) / 2;
  levels::apply(image, out, ctx, [&](int, double v) { return p.factor == 1 ? v : middle + p.factor * (v - middle); });
  show(out, "Contrast: M / 2 + factor (f - M / 2)", ctx);
}

void Saturation::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  if (image.channels() == 1) {
    image.copyTo(out);
  } else {
    out.create(image.size(), image.type());
    for (int y = 0; y < image.rows; ++y) {
      if (image.depth() == CV_8U)
        saturate_row(image.ptr<uint8_t>(y), image.channels(), p.factor, 255, out.ptr<uint8_t>(y), image.cols);
      else if (image.depth() == CV_16U)
        saturate_row(image.ptr<uint16_t>(y), image.channels(), p.factor, 65535, out.ptr<uint16_t>(y), image.cols);
      else
        saturate_row(image.ptr<float>(y), image.channels(), p.factor, 1, out.ptr<float>(y), image.cols);
    }
  }
  show(out, "Saturation: Y + factor (f - Y)", ctx);
}

ImageFacts Stretch::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const auto [low, high] = range_of(image, p.low, p.high, ctx.threads);
  const double full = full_scale(image), l = low, h = high;
  levels::apply(image, out, ctx,
                [&](int, double v) { return h > l ? std::clamp(full * (v - l) / (h - l), 0.0, full) : v; });
  show(out, "Stretch: M (f - l) / (h - l)", ctx);
  return {{"low", l}, {"high", h}};
}

}  // namespace assay
