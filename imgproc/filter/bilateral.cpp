// imgproc/filter/bilateral.cpp
// Notation   s, c the two sigmas;  taps: the pixels within the radius;  planes: the colours of a row, one after the other;
//            pair: a tap o below or to the right. w(p, p + o) = w(p + o, p): one weight serves two pixels
// Method     for each row of a tile:   1 rows as planes of floats   2 the weights of its pairs, kept until the row below
//            needs them   3 weighted means of all taps   4 round
//            A radius too large to keep the weights of all pairs: each weight is made where it is needed
//            Bytes within a small radius: bilateral_bytes.cpp, or as here, and tables of weights decide what is close
// Departures from the paper: taps beyond the radius are left out

#include "assay/imgproc/filter/bilateral.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/color/planes_kernels.h"
#include "assay/imgproc/filter/bilateral_bytes.h"
#include "assay/imgproc/filter/bilateral_kernels.h"
#include "assay/imgproc/filter/rounding_internal.h"

namespace assay {

namespace {

struct SpatialTap {
  int x, y;
  float exponent;  // 2^exponent is the weight
};

// Without the centre, whose weight is 1.
std::vector<SpatialTap> spatial_taps(double sigma, int radius) {
  std::vector<SpatialTap> taps;
  for (int y = -radius; y <= radius; ++y)
    for (int x = -radius; x <= radius; ++x)
      if ((x != 0 || y != 0) && x * x + y * y <= radius * radius)
        taps.push_back({x, y, static_cast<float>(-(x * x + y * y) / (2 * sigma * sigma * std::log(2.0)))});
  return taps;
}

constexpr int kColumns = 256;    // of a tile
constexpr int kMargin = 16;      // columns kept on both sides of it, or the radius if that is more
constexpr int kKeepRadius = 10;  // up to it the weights of all pairs are kept: 820 rows of a tile, less than a megabyte

// A tap o below or to the right, and of the last o.y + 1 rows the weights w(p, p + o), p from -kMargin on.
class Pair {
 public:
  const SpatialTap o;
  explicit Pair(const SpatialTap& tap) : o(tap), weights_(o.y + 1, kColumns + 2 * kMargin, 0.0f) {}
  void begin_row() { newest_ = oldest_row(); }
  float* newest() { return weights_[newest_] + kMargin; }
  float* oldest() { return weights_[oldest_row()] + kMargin; }

 private:
  int oldest_row() const { return newest_ == o.y ? 0 : newest_ + 1; }
  cv::Mat_<float> weights_;
  int newest_ = 0;
};

template <class T>
class BilateralTile {
 public:
  BilateralTile(const cv::Mat& image, const BilateralParams& p, const std::vector<SpatialTap>& taps, int radius,
                const TableMean* decides)
      : image_(image),
        p_(p),
        r_(radius),
        margin_(std::max(radius, kMargin)),
        planes_(image.channels() == 1 ? 1 : 3),
        plane_(kColumns + 2 * margin_),
        weight_{static_cast<float>(-0.5 / std::log(2.0) / std::pow(p.sigma_color * full_scale(image) / 255, 2)),
                p.convention == ColourDistance::opencv},
        packed_(1, plane_ * image.channels()),
        ring_(2 * r_ + 1, plane_ * planes_, 0.0f),
        means_(planes_, kColumns),
        rounded_(planes_, kColumns),
        taps_(taps),
        decides_(decides),
        rounding_(decides ? decides->error() : 0, 0),
        rows_(static_cast<size_t>(ring_.rows)) {
    for (const SpatialTap& tap : taps_) {
      exponents_.push_back(tap.exponent);
      if (r_ <= kKeepRadius && (tap.y > 0 || (tap.y == 0 && tap.x > 0))) pairs_.emplace_back(tap);
    }
  }

  void filter(int x0, int x1, int y0, int y1, cv::Mat& out, const Context& ctx) {
    const int n = x1 - x0, first = pairs_.empty() ? y0 : y0 - r_;  // rows whose weights are made
    for (int y = first - (first == y0 ? r_ : 0); y < first + r_; ++y) read(x0, x1, y);
    for (int y = first; y < y1; ++y) {
      ctx.check_cancelled();
      read(x0, x1, y + r_);  // 1
      for (int j = -r_; j <= r_; ++j) rows_[static_cast<size_t>(j + r_)] = row(y + j);
      for (Pair& pair : pairs_)
        if (y + pair.o.y >= y0) weigh(pair, n);  // 2
      if (y < y0) continue;
      pairs_.empty() ? means_of_taps(n) : means_of_pairs(n);  // 3
      store(x0, y, n, out);                                   // 4
    }
  }

 private:
  float* row(int y) { return ring_[(y % ring_.rows + ring_.rows) % ring_.rows] + margin_; }
  const float* near(int j) const { return rows_[static_cast<size_t>(j + r_)]; }  // the row j below the present one

  void read(int x0, int x1, int y) {
    const int channels = image_.channels(), padded = x1 - x0 + 2 * r_;
    float* to = row(y) - r_;
    if (channels == 1) return padded_row<float>(image_, y, x0, x1, r_, p_.border, static_cast<float>(p_.value), to);
    padded_row<float>(image_, y, x0, x1, r_, p_.border, static_cast<float>(p_.value), packed_[0]);
    channels == 3 ? split<3>(packed_[0], padded, to) : split<4>(packed_[0], padded, to);
  }
  template <int channels>
  void split(const float* from, int n, float* __restrict to) const {
    for (int i = 0; i < n; ++i)
      for (int c = 0; c < 3; ++c) to[c * plane_ + i] = from[i * channels + c];
  }
  // The pair's weights of the present row, from the first column that a pixel of the tile looks back at.
  void weigh(Pair& pair, int n) {
    const SpatialTap& o = pair.o;
    const int whole = (n + kMargin - 1) / kMargin * kMargin;
    const int begin = o.x > 0 ? -kMargin : 0, end = whole + (o.x < 0 ? kMargin : 0);
    pair.begin_row();
    bilateral_weights(near(0) + begin, near(o.y) + o.x + begin, plane_, planes_, weight_, o.exponent,
                      pair.newest() + begin, end - begin);
  }
  void means_of_pairs(int n) {
    from_.clear(), kept_.clear();
    for (Pair& pair : pairs_) {
      const SpatialTap& o = pair.o;
      from_.push_back(near(o.y) + o.x), kept_.push_back(pair.newest());
      from_.push_back(near(-o.y) - o.x), kept_.push_back(pair.oldest() - o.x);
    }
    bilateral_means(near(0), plane_, planes_, from_.data(), kept_.data(), static_cast<int>(from_.size()), means_[0],
                    kColumns, n);
  }
  void means_of_taps(int n) {
    from_.clear();
    for (const SpatialTap& tap : taps_) from_.push_back(near(tap.y) + tap.x);
    bilateral_means(near(0), plane_, planes_, from_.data(), weight_, exponents_.data(), static_cast<int>(from_.size()),
                    means_[0], kColumns, n);
  }
  void store(int x0, int y, int n, cv::Mat& out) {
    const int channels = image_.channels();
    T* to = out.ptr<T>(y) + static_cast<ptrdiff_t>(x0) * channels;
    const T* alpha = image_.ptr<T>(y) + static_cast<ptrdiff_t>(x0) * channels + 3;
    for (int c = 0; c < planes_; ++c) {
      T* plane = planes_ == 1 ? to : rounded_[c];
      if constexpr (std::is_same_v<T, float>) {
        std::copy_n(means_[c], n, plane);
        continue;
      } else if constexpr (std::is_same_v<T, uint8_t>) {
        if (decides_) {
          const auto decide = [&](ptrdiff_t x) -> double { return (*decides_)(rows_.data(), plane_, planes_, x, c); };
          rounding_.row(means_[c], plane, n, decide);
          continue;
        }
      }
      if constexpr (!std::is_same_v<T, float>) round_values(means_[c], plane, n);
    }
    if constexpr (std::is_same_v<T, uint8_t>)
      if (channels == 3) return join_planes(rounded_[0], rounded_[1], rounded_[2], n, to);
    if (planes_ == 3)
      for (int i = 0; i < n; ++i)
        for (int c = 0; c < 3; ++c) to[i * channels + c] = rounded_(c, i);
    if (channels == 4)
      for (int i = 0; i < n; ++i) to[i * channels + 3] = alpha[i * channels];
  }

  const cv::Mat& image_;
  const BilateralParams& p_;
  int r_, margin_, planes_, plane_;
  PairWeight weight_;
  cv::Mat_<float> packed_, ring_, means_;
  cv::Mat_<T> rounded_;
  const std::vector<SpatialTap>& taps_;
  const TableMean* decides_;  // null: no need
  rounding::Rounding<uint8_t, float> rounding_;
  std::vector<float> exponents_;
  std::vector<Pair> pairs_;
  std::vector<const float*> rows_, from_, kept_;
};

template <class T>
void filter_picture(const cv::Mat& image, const BilateralParams& p, const TableMean* decides, cv::Mat& out,
                    const Context& ctx) {
  const int radius = p.radius.value_or(static_cast<int>(std::ceil(2 * p.sigma_space)));
  const std::vector<SpatialTap> taps = spatial_taps(p.sigma_space, radius);
  parallel_for(ctx.threads, image.rows, std::max(128, 4 * radius), [&](Index begin, Index end) {
    BilateralTile<T> tile(image, p, taps, radius, decides);
    for (int x = 0; x < image.cols; x += kColumns)
      tile.filter(x, std::min(image.cols, x + kColumns), static_cast<int>(begin), static_cast<int>(end), out, ctx);
  });
}

}  // namespace

void Bilateral::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  const int radius = p.radius.value_or(static_cast<int>(std::ceil(2 * p.sigma_space)));
  const bool tables = has_weight_tables(image, p, radius);
  if (tables && kTablesInRegisters) {
    bilateral_by_tables(image, p, radius, out, ctx);
  } else if (tables) {
    const TableMean decides(p, radius);
    filter_picture<uint8_t>(image, p, &decides, out, ctx);
  } else if (image.depth() == CV_8U) {
    filter_picture<uint8_t>(image, p, nullptr, out, ctx);
  } else if (image.depth() == CV_16U) {
    filter_picture<uint16_t>(image, p, nullptr, out, ctx);
  } else {
    filter_picture<float>(image, p, nullptr, out, ctx);
  }
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
