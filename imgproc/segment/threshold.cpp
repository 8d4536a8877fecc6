// imgproc/segment/threshold.cpp
// Notation   n_i, v_i: count and value of bin i;  w, s: sums of n_i and n_i v_i over a class
// Method     otsu: the variance between classes is, but for constants, the sum of s^2 / w over classes. For two classes all
//            thresholds are tried; for more, best[j][i], the best of bins 0..i in j classes, is made from best[j - 1]
//            [Liao2001 tabulates s^2 / w of every interval; here prefix sums give it]
//            triangle: the bin with the largest distance to the line, in whole numbers
// Departures from the papers: [Zack1977] sets the threshold a fixed offset beyond the point found; we take the point itself

#include "assay/imgproc/segment/threshold.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "assay/imgproc/filter/box_internal.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/histogram/levels_internal.h"
#include "assay/imgproc/histogram/point_kernels.h"
#include "assay/imgproc/segment/threshold_kernels.h"

namespace assay {

namespace {

struct OtsuStep {
  static constexpr const char* kind = "otsu";
  static constexpr const char* title = "variance between classes over thresholds (1)";
  static constexpr const char* source = "imgproc/segment/threshold.cpp:otsu_thresholds";
  std::vector<double> thresholds;
  static void fields(const OtsuStep& s, auto&& field) { field("t", s.thresholds, "the thresholds found"); }
};

template <class T>
void white_above(const T* from, double t, uint8_t white, uint8_t* __restrict to, int n) {
  // v > t for whole v is v > floor(t); the comparison in T, where it can be
  if constexpr (std::is_same_v<T, float>) {
    for (int i = 0; i < n; ++i) to[i] = static_cast<double>(from[i]) > t ? white : static_cast<uint8_t>(~white);
  } else {
    const bool all = t < 0;
    const T limit = static_cast<T>(std::clamp(std::floor(t), 0.0, static_cast<double>(std::numeric_limits<T>::max())));
    for (int i = 0; i < n; ++i) to[i] = (from[i] > limit) | all ? white : static_cast<uint8_t>(~white);
  }
}

void binarize(const cv::Mat& image, double t, bool invert, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), CV_8U);
  const uint8_t white = invert ? 0 : 255;
  parallel_for(ctx.threads, image.rows, 128, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (int y = static_cast<int>(begin); y < end; ++y) {
      if (image.depth() == CV_8U)
        white_above(image.ptr<uint8_t>(y), t, white, out.ptr<uint8_t>(y), image.cols);
      else if (image.depth() == CV_16U)
        white_above(image.ptr<uint16_t>(y), t, white, out.ptr<uint8_t>(y), image.cols);
      else
        white_above(image.ptr<float>(y), t, white, out.ptr<uint8_t>(y), image.cols);
    }
  });
}

void show(const cv::Mat& out, const char* title, const Context& ctx) {
  ctx.trace.image([&] {
    return TraceImage{"result", title, "White: above the threshold.",           view_of(out),
                      false,    {},    "imgproc/segment/threshold.cpp:binarize"};
  });
}

BinnedValues levels_of(const cv::Mat& image, int threads) {
  BinnedValues values;
  values.count = levels::count(image, 0, threads);
  values.centre.resize(values.count.size());
  std::iota(values.centre.begin(), values.centre.end(), 0.0);
  return values;
}

// 256 bins between the least and the greatest value; what is no number is left out.
template <class T>
BinnedValues bins_of_depth(const cv::Mat& image) {
  constexpr int kBins = 256;
  T least = std::numeric_limits<T>::max(), largest = std::numeric_limits<T>::lowest();
  for (int y = 0; y < image.rows; ++y) widen_range(image.ptr<T>(y), image.cols, least, largest);
  if (least > largest) least = largest = 0;  // no numbers
  const double low = static_cast<double>(least), width = (static_cast<double>(largest) - low) / kBins;
  BinnedValues values;
  values.count.assign(kBins, 0);
  for (int i = 0; i < kBins; ++i) values.centre.push_back(low + (i + 0.5) * width);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      const double v = static_cast<double>(image.ptr<T>(y)[x]);
      if (std::isnan(v)) continue;
      const double at = (v - low) / width;  // no number where the width is 0 or infinite
      const int bin = at > 0 ? static_cast<int>(std::min(at, kBins - 1.0)) : 0;
      ++values.count[static_cast<size_t>(bin)];
    }
  return values;
}
BinnedValues bins_of(const cv::Mat& image) {
  return image.depth() == CV_16U ? bins_of_depth<uint16_t>(image) : bins_of_depth<float>(image);
}

// (2), on the side of the peak where the histogram reaches farther.
int triangle_bin(const std::vector<int64_t>& count) {
  const int bins = static_cast<int>(count.size());
  int first = 0, last = bins - 1;
  while (first < last && count[static_cast<size_t>(first)] == 0) ++first;
  while (last > first && count[static_cast<size_t>(last)] == 0) --last;
  const int peak = static_cast<int>(std::max_element(count.begin(), count.end()) - count.begin());
  const int end = peak - first < last - peak ? last : first,
            step = end < peak ? 1 : -1;  // from the far end to the peak
  const int width = std::abs(peak - end);
  int best = end;
  double farthest = 0;
  for (int x = 0; x < width; ++x) {
    const int bin = end + step * x;
    const double distance = static_cast<double>(count[static_cast<size_t>(peak)]) * x -
                            static_cast<double>(count[static_cast<size_t>(bin)]) * width;
    if (x == 0 || distance > farthest) farthest = distance, best = bin;
  }
  return best;
}

// Adaptive: m, a band of rows at a time.
class LocalMean {
 public:
  LocalMean(const AdaptiveParams& p, const cv::Mat& image) : p_(p), image_(image) {}
  cv::Mat_<float> rows(int begin, int end) {
    const int reach = p_.size / 2;
    if (p_.method == AdaptiveMean::gaussian) {
      GaussianParams g;
      g.sigma = p_.size / 6.0;
      g.radius = reach;
      g.border = Border::replicate;
      gaussian_rows(image_, g, begin, end, gaussian_);
      return gaussian_;
    }
    // from a strip of the picture that reaches as far as the window does
    const int first = std::max(0, begin - reach), last = std::min(image_.rows, end + reach);
    image_.rowRange(first, last).convertTo(real_, CV_32F);
    BoxParams b;
    b.size = p_.size;
    b.border = Border::replicate;
    apply_op<Box>(b, real_, mean_, Context());
    return mean_.rowRange(begin - first, end - first);
  }

 private:
  const AdaptiveParams& p_;
  const cv::Mat& image_;
  cv::Mat real_, mean_;
  cv::Mat_<float> gaussian_;
};

void above_mean_by_bands(const AdaptiveParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const uint8_t white = p.invert ? 0 : 255;
  const auto offset = static_cast<float>(p.offset);
  const int band = p.method == AdaptiveMean::gaussian ? std::max(64, 4 * p.size) : std::max(256, 2 * p.size);
  parallel_for(ctx.threads, image.rows, 4 * band, [&](Index begin, Index end) {
    LocalMean local(p, image);
    for (int first = static_cast<int>(begin); first < end; first += band) {
      ctx.check_cancelled();
      const int last = std::min(static_cast<int>(end), first + band);
      const cv::Mat_<float> mean = local.rows(first, last);
      for (int y = first; y < last; ++y) {
        const float* m = mean[y - first];
        if (image.depth() == CV_8U)
          white_above_mean(image.ptr<uint8_t>(y), m, offset, white, out.ptr<uint8_t>(y), image.cols);
        else if (image.depth() == CV_16U)
          white_above_mean(image.ptr<uint16_t>(y), m, offset, white, out.ptr<uint8_t>(y), image.cols);
        else
          white_above_mean(image.ptr<float>(y), m, offset, white, out.ptr<uint8_t>(y), image.cols);
      }
    }
  });
}

// 8 bits, mean: the picture of means is never made.
template <class Sum>
void above_mean_of_sums(const AdaptiveParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const uint8_t white = p.invert ? 0 : 255;
  const auto offset = static_cast<float>(p.offset), area = static_cast<float>(p.size * p.size);
  BoxParams b;
  b.size = p.size;
  b.border = Border::replicate;
  for_box_sums<uint8_t, Sum>(b, image, ctx, [&](int y, const Sum* sums) {
    white_above_mean_of(image.ptr<uint8_t>(y), sums, area, offset, white, out.ptr<uint8_t>(y), image.cols);
  });
}

}  // namespace

std::vector<int> otsu_thresholds(const BinnedValues& values, int classes) {
  // A class never ends at an empty bin: the lowest of equally good ends is a full one.
  std::vector<int> full;
  for (size_t i = 0; i < values.count.size(); ++i)
    if (values.count[i] > 0) full.push_back(static_cast<int>(i));
  if (full.size() < values.count.size() && full.size() >= static_cast<size_t>(classes)) {
    BinnedValues some;
    for (int i : full) {
      some.centre.push_back(values.centre[static_cast<size_t>(i)]);
      some.count.push_back(values.count[static_cast<size_t>(i)]);
    }
    std::vector<int> ends = otsu_thresholds(some, classes);
    for (int& end : ends) end = full[static_cast<size_t>(end)];
    return ends;
  }
  const size_t bins = values.count.size();
  // values from the first on: the variance does not change, and sums stay small
  std::vector<long double> w(bins + 1, 0), s(bins + 1, 0);
  for (size_t i = 0; i < bins; ++i) {
    w[i + 1] = w[i] + static_cast<long double>(values.count[i]);
    s[i + 1] = s[i] + static_cast<long double>(values.count[i]) *
                          static_cast<long double>(values.centre[i] - values.centre[0]);
  }
  const auto share = [&](size_t begin, size_t end) {  // s^2 / w of bins begin .. end - 1
    const long double weight = w[end] - w[begin], sum = s[end] - s[begin];
    return weight > 0 ? sum * sum / weight : 0.0L;
  };
  // best[i]: of bins 0 .. i - 1 in j classes; from[j][i]: where the last of them begins
  std::vector<long double> best(bins + 1);
  for (size_t i = 0; i <= bins; ++i) best[i] = share(0, i);
  std::vector<std::vector<int>> from;
  for (int j = 2; j <= classes; ++j) {
    std::vector<long double> next(bins + 1, -1);
    std::vector<int> begins(bins + 1, 0);
    for (size_t i = j == classes ? bins : 0; i <= bins; ++i)
      for (size_t k = 0; k <= i; ++k)
        if (const long double value = best[k] + share(k, i); value > next[i] * (1 + 1e-17L)) {
          next[i] = value;
          begins[i] = static_cast<int>(k);
        }
    best = std::move(next);
    from.push_back(std::move(begins));
  }
  std::vector<int> thresholds(static_cast<size_t>(classes) - 1);
  int end = static_cast<int>(bins);
  for (int j = classes - 2; j >= 0; --j) {
    end = from[static_cast<size_t>(j)][static_cast<size_t>(end)];
    thresholds[static_cast<size_t>(j)] = std::max(0, end - 1);
  }
  return thresholds;
}

void Threshold::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  binarize(image, p.value, p.invert, out, ctx);
  show(out, "Threshold: f > t", ctx);
}

ImageFacts Otsu::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const BinnedValues values = image.depth() == CV_32F ? bins_of(image) : levels_of(image, ctx.threads);
  const bool one = std::count_if(values.count.begin(), values.count.end(), [](int64_t n) { return n > 0; }) == 1;
  const auto only = static_cast<size_t>(
      std::find_if(values.count.begin(), values.count.end(), [](int64_t n) { return n > 0; }) - values.count.begin());
  const double t = values.centre[one ? only : static_cast<size_t>(otsu_thresholds(values, 2)[0])];
  ctx.trace.step([&] { return OtsuStep{std::vector<double>{t}}; });
  binarize(image, t, p.invert, out, ctx);
  show(out, "Otsu's threshold (1)", ctx);
  return {{"threshold", t}};
}

ImageFacts Triangle::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const BinnedValues values = image.depth() == CV_32F ? bins_of(image) : levels_of(image, ctx.threads);
  const double t = values.centre[static_cast<size_t>(triangle_bin(values.count))];
  binarize(image, t, p.invert, out, ctx);
  show(out, "The triangle's threshold (2)", ctx);
  return {{"threshold", t}};
}

ImageFacts MultiOtsu::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const BinnedValues values = image.depth() == CV_8U ? levels_of(image, ctx.threads) : bins_of(image);
  std::vector<double> t;
  for (int bin : otsu_thresholds(values, p.classes)) t.push_back(values.centre[static_cast<size_t>(bin)]);
  ctx.trace.step([&] { return OtsuStep{t}; });
  out.create(image.size(), CV_8U);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      const double v = image.depth() == CV_8U    ? image.ptr<uint8_t>(y)[x]
                       : image.depth() == CV_16U ? image.ptr<uint16_t>(y)[x]
                                                 : static_cast<double>(image.ptr<float>(y)[x]);
      const auto j = std::count_if(t.begin(), t.end(), [&](double limit) { return v > limit; });
      out.ptr<uint8_t>(y)[x] = static_cast<uint8_t>(std::lround(255.0 * static_cast<double>(j) / (p.classes - 1)));
    }
  show(out, "Classes (1)", ctx);
  ImageFacts facts;
  for (size_t j = 0; j < t.size(); ++j) facts.emplace_back("threshold_" + std::to_string(j + 1), t[j]);
  return facts;
}

void Adaptive::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), CV_8U);
  // the most that a sum may be so that its f32 is exact: the quotient of two such is that of f64 rounded once more
  constexpr double kExact = 1 << 24;
  const double largest_sum = 255.0 * p.size * p.size;
  if (p.method == AdaptiveMean::gaussian || image.depth() != CV_8U || largest_sum > kExact)
    above_mean_by_bands(p, image, out, ctx);
  else if (largest_sum <= std::numeric_limits<uint16_t>::max())
    above_mean_of_sums<uint16_t>(p, image, out, ctx);
  else
    above_mean_of_sums<uint32_t>(p, image, out, ctx);
  show(out, "Adaptive threshold: f > m - offset", ctx);
}

}  // namespace assay
