// imgproc/quality/quality.cpp
// Notation   ma, mb: local means;  four moments: a, b, a^2 + b^2, a b (the formula needs sa^2 + sb^2, not each alone)
// Method     SSIM: tile by tile, each input row gives its four moments, filtered along the row, into a ring of 12 rows;
//            two output rows at a time sum the ring down the columns and add up the formula. MS-SSIM: the same on five scales
// Departures from the papers: none. Wang's program rounds nothing, nor do we; averages are taken in f64.

#include "assay/imgproc/quality/quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "assay/core/error.h"
#include "assay/core/parallel.h"
#include "assay/imgproc/color/space.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/op.h"
#include "assay/imgproc/quality/quality_kernels.h"
#include "assay/imgproc/quality/ssim_kernels.h"

namespace assay {

namespace {

constexpr int kBandRows = 192;

std::string size_text(const cv::Mat& m) { return std::to_string(m.cols) + " x " + std::to_string(m.rows); }

void check_pair(const cv::Mat& a, const cv::Mat& b) {
  if (a.empty() || b.empty()) throw DataError("a picture is empty");
  if (a.size() != b.size()) throw DataError("the pictures differ in size: " + size_text(a) + " and " + size_text(b));
  if (a.type() != b.type())
    throw DataError("the pictures differ in type: " + cv::typeToString(a.type()) + " and " +
                    cv::typeToString(b.type()));
  check_image("quality", {}, a);
}

void check_side(const cv::Mat& a, int least, const char* what) {
  if (a.cols < least || a.rows < least)
    throw DataError(std::string(what) + " needs sides of at least " + std::to_string(least) +
                    " pixels, this picture has " + size_text(a));
}

int used_channels(const cv::Mat& a) { return std::min(a.channels(), 3); }

// f(T())
template <class F>
auto with_depth(int depth, F&& f) {
  switch (depth) {
    case CV_8U:
      return f(uint8_t());
    case CV_16U:
      return f(uint16_t());
    case CV_32F:
      return f(float());
    default:
      return f(double());  // a coarser scale of MS-SSIM
  }
}

template <class T>
Plane<T> plane_of(const cv::Mat& image, int channel) {
  return {image.ptr<T>() + channel, static_cast<ptrdiff_t>(image.step1()), image.channels(), image.cols};
}

// Means over the places of one channel.
SsimSums ssim_means(const cv::Mat& a, const cv::Mat& b, int channel, double scale, const Context& ctx) {
  const std::vector<double> w = gaussian_weights(1.5, kSsimRadius);
  SsimTerms terms{{}, 0.01 * scale * (0.01 * scale), 0.03 * scale * (0.03 * scale)};
  std::copy(w.begin(), w.end(), terms.w);
  const int columns = a.cols - kSsimWindow + 1, rows = a.rows - kSsimWindow + 1;
  SsimSums total = with_depth(a.depth(), [&](auto t) {
    const Plane<decltype(t)> p = plane_of<decltype(t)>(a, channel), q = plane_of<decltype(t)>(b, channel);
    return parallel_reduce(
        ctx.threads, rows, kBandRows, SsimSums{},
        [&](Index begin, Index end) {
          ctx.check_cancelled();
          SsimSums band;
          for (int x = 0; x < columns; x += kSsimTile) {
            const SsimSums s = ssim_tile(p, q, x, std::min(kSsimTile, columns - x), static_cast<int>(begin),
                                         static_cast<int>(end), terms);
            band.structure += s.structure, band.ssim += s.ssim;
          }
          return band;
        },
        [](SsimSums& sum, const SsimSums& part) { sum.structure += part.structure, sum.ssim += part.ssim; });
  });
  const double places = static_cast<double>(columns) * rows;
  return {total.structure / places, total.ssim / places};
}

// One channel as f64.
cv::Mat channel_of(const cv::Mat& image, int channel) {
  cv::Mat out(image.size(), CV_64F);
  with_depth(image.depth(), [&](auto t) {
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x)
        out.at<double>(y, x) =
            static_cast<double>(image.ptr<decltype(t)>(y)[static_cast<ptrdiff_t>(x) * image.channels() + channel]);
  });
  return out;
}

// Means of 2 x 2 pixels; the last row or column of an odd side stands for the one beyond.
cv::Mat halved(const cv::Mat& a) {
  cv::Mat out((a.rows + 1) / 2, (a.cols + 1) / 2, CV_64F);
  for (int y = 0; y < out.rows; ++y) {
    const double *up = a.ptr<double>(2 * y), *down = a.ptr<double>(std::min(2 * y + 1, a.rows - 1));
    for (int x = 0; x < out.cols; ++x) {
      const int right = std::min(2 * x + 1, a.cols - 1);
      out.at<double>(y, x) = ((up[2 * x] + up[right]) + (down[2 * x] + down[right])) / 4;
    }
  }
  return out;
}

}  // namespace

double mean_squared_error(const cv::Mat& a, const cv::Mat& b, const Context& ctx) {
  check_pair(a, b);
  const int used = used_channels(a), channels = a.channels();
  const ptrdiff_t n = static_cast<ptrdiff_t>(a.cols) * channels;
  const double sum = with_depth(a.depth(), [&](auto t) -> double {
    using T = decltype(t);
    if constexpr (std::is_same_v<T, double>) {
      return 0;
    } else {
      using Sum = decltype(squared_difference(static_cast<const T*>(nullptr), nullptr, 0));
      return static_cast<double>(parallel_reduce(
          ctx.threads, a.rows, 64, Sum(0),
          [&](Index begin, Index end) {
            Sum part = 0;
            std::vector<T> alpha_off[2];
            for (int y = static_cast<int>(begin); y < end; ++y) {
              const T *p = a.ptr<T>(y), *q = b.ptr<T>(y);
              if (used == channels) {
                part += squared_difference(p, q, n);
                continue;
              }
              for (auto& row : alpha_off) row.clear();
              for (ptrdiff_t i = 0; i < n; ++i)
                if (i % channels < used) alpha_off[0].push_back(p[i]), alpha_off[1].push_back(q[i]);
              part += squared_difference(alpha_off[0].data(), alpha_off[1].data(),
                                         static_cast<ptrdiff_t>(alpha_off[0].size()));
            }
            return part;
          },
          [](Sum& total, const Sum& part) { total += part; }));
    }
  });
  return sum / (static_cast<double>(a.rows) * a.cols * used);
}

double psnr(double mse, double full_scale) {
  return mse > 0 ? 10 * std::log10(full_scale * full_scale / mse) : std::numeric_limits<double>::infinity();
}

double ssim(const cv::Mat& a, const cv::Mat& b, const Context& ctx) {
  check_pair(a, b);
  check_side(a, kSsimSide, "ssim");
  double sum = 0;
  for (int c = 0; c < used_channels(a); ++c) sum += ssim_means(a, b, c, full_scale(a), ctx).ssim;
  return sum / used_channels(a);
}

double ms_ssim(const cv::Mat& a, const cv::Mat& b, const Context& ctx) {
  constexpr std::array<double, 5> kExponents{0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
  check_pair(a, b);
  check_side(a, kMsSsimSide, "ms-ssim");
  double sum = 0;
  for (int c = 0; c < used_channels(a); ++c) {
    cv::Mat p = channel_of(a, c), q = channel_of(b, c);
    double product = 1;
    for (size_t scale = 0; scale < kExponents.size(); ++scale) {
      if (scale > 0) p = halved(p), q = halved(q);
      const SsimSums means = ssim_means(p, q, 0, full_scale(a), ctx);
      const double factor = scale + 1 == kExponents.size() ? means.ssim : means.structure;
      product *= std::pow(std::max(factor, 0.0), kExponents[scale]);
    }
    sum += product;
  }
  return sum / used_channels(a);
}

double mean_ciede2000(const cv::Mat& a, const cv::Mat& b, const Context& ctx) {
  check_pair(a, b);
  if (a.channels() < 3) throw DataError("ciede2000 compares colours, these pictures are grey");
  const double scale = full_scale(a);
  const double sum = with_depth(a.depth(), [&](auto t) {
    using T = decltype(t);
    const auto lab = [&](const T* p) {
      return from_srgb(ColourSpace::lab, {static_cast<double>(p[2]) / scale, static_cast<double>(p[1]) / scale,
                                          static_cast<double>(p[0]) / scale});
    };
    return parallel_reduce(
        ctx.threads, a.rows, 16, 0.0,
        [&](Index begin, Index end) {
          double part = 0;
          for (int y = static_cast<int>(begin); y < end; ++y)
            for (int x = 0; x < a.cols; ++x) {
              const ptrdiff_t at = static_cast<ptrdiff_t>(x) * a.channels();
              part += ciede2000(lab(a.ptr<T>(y) + at), lab(b.ptr<T>(y) + at));
            }
          return part;
        },
        [](double& total, double part) { total += part; });
  });
  return sum / (static_cast<double>(a.rows) * a.cols);
}

}  // namespace assay
