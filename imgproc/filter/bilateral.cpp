// imgproc/filter/bilateral.cpp
// Notation   s, c the two sigmas;  taps: the pixels within the radius;  planes: the colours of a row, one after the other
// Method     for each row of a tile:   1 rows as planes of floats   2 weighted means of all taps   3 round
// Departures from the paper: taps beyond the radius are left out

#include "assay/imgproc/filter/bilateral.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/filter/bilateral_kernels.h"
#include "assay/imgproc/filter/rounding_internal.h"

namespace assay {

namespace {

struct SpatialTap {
  int x, y;
  float exponent;  // 2^exponent is the weight
};

std::vector<SpatialTap> spatial_taps(double sigma, int radius) {
  std::vector<SpatialTap> taps;
  for (int y = -radius; y <= radius; ++y)
    for (int x = -radius; x <= radius; ++x)
      if (x * x + y * y <= radius * radius)
        taps.push_back({x, y, static_cast<float>(-(x * x + y * y) / (2 * sigma * sigma * std::log(2.0)))});
  return taps;
}

template <class T>
class BilateralTile {
 public:
  BilateralTile(const cv::Mat& image, const BilateralParams& p, const std::vector<SpatialTap>& taps, int radius,
                int max_columns)
      : image_(image),
        p_(p),
        taps_(taps),
        r_(radius),
        planes_(image.channels() == 1 ? 1 : 3),
        rate_(static_cast<float>(-0.5 / std::log(2.0) / std::pow(p.sigma_color * full_scale(image) / 255, 2))),
        packed_(1, (max_columns + 2 * r_) * image.channels()),
        ring_(2 * r_ + 1, (max_columns + 2 * r_) * planes_ + static_cast<int>(kBilateralBlock), 0.0f),
        means_(planes_, max_columns + static_cast<int>(kBilateralBlock)) {
    for (const SpatialTap& tap : taps_) exponents_.push_back(tap.exponent);
    from_.resize(taps_.size());
  }

  void filter(int x0, int x1, int y0, int y1, cv::Mat& out) {
    const int n = x1 - x0, padded = n + 2 * r_;
    for (int y = y0 - r_; y < y0 + r_; ++y) read(x0, x1, y, padded);
    for (int y = y0; y < y1; ++y) {
      read(x0, x1, y + r_, padded);  // 1
      for (size_t t = 0; t < taps_.size(); ++t) from_[t] = ring_[slot(y + taps_[t].y)] + r_ + taps_[t].x;
      bilateral_means(ring_[slot(y)] + r_, padded, planes_, p_.convention == ColourDistance::opencv, from_.data(),
                      exponents_.data(), static_cast<int>(taps_.size()), rate_, means_[0],
                      static_cast<ptrdiff_t>(means_.step1()), n);  // 2
      store(x0, y, n, out);                                        // 3
    }
  }

 private:
  int slot(int y) const {
    const int m = 2 * r_ + 1;
    return ((y % m) + m) % m;
  }
  void read(int x0, int x1, int y, int padded) {
    padded_row<float>(image_, y, x0, x1, r_, p_.border, static_cast<float>(p_.value), packed_[0]);
    float* to = ring_[slot(y)];
    const int channels = image_.channels();
    for (int c = 0; c < planes_; ++c)
      for (int i = 0; i < padded; ++i) to[c * padded + i] = packed_(0, i * channels + c);
  }
  void store(int x0, int y, int n, cv::Mat& out) const {
    const int channels = image_.channels();
    T* to = out.ptr<T>(y) + static_cast<ptrdiff_t>(x0) * channels;
    const T* alpha = image_.ptr<T>(y) + static_cast<ptrdiff_t>(x0) * channels + 3;
    for (int c = 0; c < planes_; ++c)
      for (int i = 0; i < n; ++i) {
        const float mean = means_(c, i);
        if constexpr (std::is_same_v<T, float>)
          to[i * channels + c] = mean;
        else
          to[i * channels + c] = static_cast<T>(
              static_cast<int>(rounding::nearest(std::min(mean, static_cast<float>(std::numeric_limits<T>::max())))));
      }
    if (channels == 4)
      for (int i = 0; i < n; ++i) to[i * channels + 3] = alpha[i * channels];
  }

  const cv::Mat& image_;
  const BilateralParams& p_;
  const std::vector<SpatialTap>& taps_;
  int r_, planes_;
  float rate_;
  cv::Mat_<float> packed_, ring_, means_;
  std::vector<float> exponents_;
  std::vector<const float*> from_;
};

template <class T>
void filter_picture(const cv::Mat& image, const BilateralParams& p, cv::Mat& out, const Context& ctx) {
  const int radius = p.radius.value_or(static_cast<int>(std::ceil(2 * p.sigma_space)));
  const std::vector<SpatialTap> taps = spatial_taps(p.sigma_space, radius);
  const int columns = std::min(image.cols, 512);
  parallel_for(ctx.threads, image.rows, std::max(64, 4 * radius), [&](Index begin, Index end) {
    BilateralTile<T> tile(image, p, taps, radius, columns);
    for (int x = 0; x < image.cols; x += columns) {
      ctx.check_cancelled();
      tile.filter(x, std::min(image.cols, x + columns), static_cast<int>(begin), static_cast<int>(end), out);
    }
  });
}

}  // namespace

void Bilateral::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  if (image.depth() == CV_8U)
    filter_picture<uint8_t>(image, p, out, ctx);
  else if (image.depth() == CV_16U)
    filter_picture<uint16_t>(image, p, out, ctx);
  else
    filter_picture<float>(image, p, out, ctx);
  ctx.trace.image([&] {
    return TraceImage{"result",
                      "Bilateral filter (1)",
                      "Smooth within things, sharp between them.",
                      view_of(out),
                      false,
                      {},
                      "imgproc/filter/bilateral.cpp:BilateralTile::filter"};
  });
}

}  // namespace assay
