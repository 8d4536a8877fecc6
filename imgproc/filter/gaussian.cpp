// imgproc/filter/gaussian.cpp
// Notation   r radius;  w_0..w_r weights;  T the picture's type, Real the type of the sums (f32 for u8 and f32, f64 for
// u16)
// Method     1 weights   2 each row of a tile is filtered along the row   3 2r+1 such rows are summed down the column,
//            four rows of the result at a time   4 integer depths: round, and decide the close cases by the direct sum in f64
//            Bytes under small kernels: in whole numbers (gaussian_bytes.cpp), decided likewise
// Departures from the textbook: the kernel is cut at r and normalised there. Rounding is to the nearest, ties to even,
//            of the real-valued result: the fast sum errs by at most a proven bound e; where it lies within e of a
//            half, the direct sum in f64 decides; where that cannot tell either (within its own bound, about 1e-13), it
//            is a tie.

#include "assay/imgproc/filter/gaussian.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/imgproc/filter/gaussian_bytes.h"
#include "assay/imgproc/filter/gaussian_direct_internal.h"
#include "assay/imgproc/filter/gaussian_kernels.h"
#include "assay/imgproc/filter/gaussian_recursive.h"
#include "assay/imgproc/filter/rounding_internal.h"

namespace assay {

namespace {

struct WeightsStep {
  static constexpr const char* kind = "weights";
  double sigma;
  int radius;
  const std::vector<double>& w;
  static void fields(const WeightsStep& s, auto&& field) {
    field("sigma", s.sigma, "standard deviation in pixels");
    field("r", s.radius, "the weights reach from -r to r");
    field("w", s.w, "w_0 .. w_r; w_-i = w_i; all 2r+1 sum to 1");
  }
};

// Step 3's error. A sum from the outermost term inwards errs by at most u * (sum of its partial sums), u = half a unit
// in the last place; the partial sums of a convex combination of values up to m are at most m * tail_j. To these come
// the rounding of each weight, product and pair (3 u m), for the row pass and again for the column pass.
double error_bound(const std::vector<double>& w, double largest, double unit) {
  double tails = 1, tail = 0;
  for (size_t j = w.size() - 1; j >= 1; --j) tails += tail += 2 * w[j];
  return 2 * unit * largest * (tails + 3) * 1.001;
}

// What a direct sum in f64 errs by.
double direct_bound(const std::vector<double>& w, double largest) {
  return largest * static_cast<double>(2 * w.size() + 12) * 0x1p-53;
}

// A panel: some columns (all channels) of a band of rows, cut into tiles of kTileWidth values. Out: T, or Real for the sums.
template <class T, class Real, class Out = T>
class Panel {
 public:
  Panel(const cv::Mat& image, const GaussianParams& p, const std::vector<double>& w, int band, const Context& ctx)
      : image_(image),
        p_(p),
        ctx_(ctx),
        direct_(image, w, p.border, p.value),
        w_(w.begin(), w.end()),
        r_(static_cast<int>(w.size()) - 1),
        channels_(image.channels()),
        upwards_(p.convention == GaussianConvention::opencv),
        outside_(static_cast<Real>(upwards_ ? cv::saturate_cast<T>(p.value) : p.value)),
        tiles_(tiles(r_, channels_)),
        rounding_(error_bound(w, largest_of(image, p), std::is_same_v<Real, float> ? 0x1p-24 : 0x1p-53),
                  direct_bound(w, largest_of(image, p))),
        padded_(1, tiles_ * static_cast<int>(kTileWidth) + 2 * r_ * channels_, Real{0}),
        filtered_(tiles_ * (band + kBlock + 2 * r_), static_cast<int>(kTileStride)),
        sums_(kTileRows, static_cast<int>(kTileWidth)),
        rounded_(kTileRows, static_cast<int>(kTileWidth)) {}

  static int columns(int radius, int channels) {
    return tiles(radius, channels) * static_cast<int>(kTileWidth) / channels;
  }

  /// Columns [x0, x1) of rows [y0, y1), to rows [0, y1 - y0) of `out`.
  void filter(int x0, int x1, int y0, int y1, cv::Mat& out) {
    const ptrdiff_t n = static_cast<ptrdiff_t>(x1 - x0) * channels_;
    for (int y = y0 - r_; y < y0 + r_; ++y) filter_along_row(x0, x1, y, y0);
    for (int y = y0; y < y1; y += kBlock) {
      for (int j = 0; j < kBlock; ++j) filter_along_row(x0, x1, y + r_ + j, y0);
      for (int tile = 0; tile * kTileWidth < n; ++tile)
        for (int j = 0; j < kBlock && y + j < y1; j += kTileRows)
          sum_tile(tile, y + j, std::min(kTileRows, y1 - y - j), std::min(kTileWidth, n - tile * kTileWidth), x0, y0,
                   out);
    }
  }

 private:
  static double largest_of(const cv::Mat& image, const GaussianParams& p) {
    return std::max(full_scale(image), std::abs(p.value));
  }
  static constexpr int kBlock = 16;  // rows: those that one tile needs for them stay in the first-level cache
  /// Whole pixels in whole tiles.
  static int tiles(int radius, int channels) { return (radius <= 64 ? 2 : 1) * (channels == 3 ? 3 : 2); }
  Real* filtered(int tile, int y, int y0) { return filtered_[tile * (filtered_.rows / tiles_) + y - y0 + r_]; }

  void filter_along_row(int x0, int x1, int y, int y0) {
    padded_row(image_, y, x0, x1, r_, p_.border, outside_, padded_[0]);
    // The rows of the next block begin their way into the cache: a panel is too narrow for the machine to guess.
    if (y + kBlock >= 0 && y + kBlock < image_.rows)
      for (ptrdiff_t i = 0; i < static_cast<ptrdiff_t>(x1 - x0) * channels_;
           i += 64 / static_cast<ptrdiff_t>(sizeof(T)))
        __builtin_prefetch(image_.ptr<T>(y + kBlock) + static_cast<ptrdiff_t>(x0) * channels_ + i);
    const Real* centre = padded_[0] + static_cast<ptrdiff_t>(r_) * channels_;
    for (int tile = 0; tile * kTileWidth < static_cast<ptrdiff_t>(x1 - x0) * channels_; ++tile)
      sum_along_row(centre + tile * kTileWidth, channels_, w_.data(), r_, filtered(tile, y, y0));
  }
  // `rows` rows of n values.
  void sum_tile(int tile, int y, int rows, ptrdiff_t n, int x0, int y0, cv::Mat& out) {
    ctx_.check_cancelled();
    const auto to = [&](int j) { return out.ptr<Out>(y - y0 + j); };
    const ptrdiff_t first = static_cast<ptrdiff_t>(x0) * channels_ + tile * kTileWidth;
    if constexpr (std::is_same_v<Out, Real>)
      if (n == kTileWidth && rows == kTileRows)  // no need to round, nor to cut
        return sum_down_columns(filtered(tile, y, y0), w_.data(), r_, to(0) + first,
                                static_cast<ptrdiff_t>(out.step1()));
    for (int j = kBlock; j < kBlock + rows && y - y0 + j < out.rows; ++j)
      for (ptrdiff_t i = 0; i < n; i += 64 / static_cast<ptrdiff_t>(sizeof(Out)))
        __builtin_prefetch(to(j) + first + i, 1);
    sum_down_columns(filtered(tile, y, y0), w_.data(), r_, sums_[0], kTileWidth);
    if constexpr (std::is_same_v<Out, Real>) {
      for (int j = 0; j < rows; ++j) std::copy_n(sums_[j], n, to(j) + first);
    } else if (upwards_) {  // whole numbers over a power of two: no sum has been rounded
      for (int j = 0; j < rows; ++j)
        for (ptrdiff_t i = 0; i < n; ++i) to(j)[first + i] = static_cast<T>(static_cast<int>(sums_[j][i] + Real(0.5)));
    } else {
      // All rows at once; beyond the picture there is nothing to decide.
      rounding_.row(sums_[0], rounded_[0], kTileRows * kTileWidth, [&](ptrdiff_t i) {
        const ptrdiff_t at = first + i % kTileWidth, row = i / kTileWidth;
        if (i % kTileWidth >= n || row >= rows) return 0.0;
        ctx_.check_cancelled();
        return direct_(y + static_cast<int>(row), at);
      });
      for (int j = 0; j < rows; ++j) std::copy_n(rounded_[j], n, to(j) + first);
    }
  }
  const cv::Mat& image_;
  const GaussianParams& p_;
  const Context& ctx_;
  DirectGaussian<T> direct_;
  std::vector<Real> w_;
  int r_, channels_;
  bool upwards_;
  Real outside_;
  int tiles_;
  rounding::Rounding<T, Real> rounding_;
  cv::Mat_<Real> padded_, filtered_, sums_;  // aligned to 64 bytes
  cv::Mat_<T> rounded_;
};

template <class T, class Real, class Out = T>
void filter_rows(const cv::Mat& image, const GaussianParams& p, const std::vector<double>& w, int begin, int end,
                 cv::Mat out, const Context& ctx = {}) {
  const int columns = Panel<T, Real, Out>::columns(static_cast<int>(w.size()) - 1, image.channels());
  Panel<T, Real, Out> panel(image, p, w, end - begin, ctx);
  for (int x = 0; x < image.cols; x += columns) panel.filter(x, std::min(image.cols, x + columns), begin, end, out);
}

template <class T, class Real>
void filter_picture(const cv::Mat& image, const GaussianParams& p, const std::vector<double>& w, cv::Mat& out,
                    const Context& ctx) {
  const int band = std::max(128, 4 * static_cast<int>(w.size()));  // rows: the 2r rows around it are done twice
  parallel_for(ctx.threads, image.rows, band, [&](Index from, Index to) {
    const int begin = static_cast<int>(from), end = static_cast<int>(to);
    filter_rows<T, Real>(image, p, w, begin, end, out.rowRange(begin, end), ctx);
  });
}

// Bytes with OpenCV's weights: w times 256 is whole.
void filter_bytes(const cv::Mat& image, const GaussianParams& p, const std::vector<double>& w, cv::Mat& out,
                  const Context& ctx) {
  std::vector<int> whole;
  for (double v : w) whole.push_back(static_cast<int>(256 * v));
  while (whole.size() > 1 && whole.back() == 0) whole.pop_back();
  if (whole.size() == 1) return image.copyTo(out);
  const int band = std::max(256, 16 * static_cast<int>(whole.size()));  // rows: the 2r rows around it are done twice
  parallel_for(ctx.threads, image.rows, band, [&](Index from, Index to) {
    ctx.check_cancelled();
    gaussian_bytes(image, whole, p.border, cv::saturate_cast<uint8_t>(p.value), static_cast<int>(from),
                   static_cast<int>(to), out);
  });
}

// Bytes by weights of 16 bits, unless too many sums would be in doubt for that to be faster: the limits are measured.
bool filter_bytes_exactly(const cv::Mat& image, const GaussianParams& p, const std::vector<double>& w, cv::Mat& out,
                          const Context& ctx) {
  const uint8_t value = cv::saturate_cast<uint8_t>(p.value);
  if (w.size() < 2 || (p.border == Border::constant && value != p.value)) return false;
  const std::optional<FixedWeights> fixed = FixedWeights::of(w);
  const size_t channels = static_cast<size_t>(image.channels());
  if (!fixed || fixed->doubt() * (2 * w.size() - 1) * channels > (channels == 1 ? 220 : 120)) return false;
  const int band = std::max(256, 16 * static_cast<int>(w.size()));
  parallel_for(ctx.threads, image.rows, band, [&](Index from, Index to) {
    ctx.check_cancelled();
    gaussian_bytes(image, *fixed, p.border, value, direct_bound(w, 255), static_cast<int>(from), static_cast<int>(to),
                   out);
  });
  return true;
}

void filter_exactly(const cv::Mat& image, const GaussianParams& p, const std::vector<double>& w, cv::Mat& out,
                    const Context& ctx) {
  if (image.depth() == CV_16U) return filter_picture<uint16_t, double>(image, p, w, out, ctx);
  if (image.depth() == CV_32F) return filter_picture<float, float>(image, p, w, out, ctx);
  if (!filter_bytes_exactly(image, p, w, out, ctx)) filter_picture<uint8_t, float>(image, p, w, out, ctx);
}

// As the convention has them for a picture of this depth.
std::vector<double> weights_for(const GaussianParams& p, int depth) {
  if (p.convention == GaussianConvention::exact)
    return gaussian_weights(p.sigma, p.radius.value_or(gaussian_radius(p.sigma)));
  const int radius = p.radius.value_or(gaussian_radius_opencv(p.sigma, depth));
  if (depth == CV_32F) return gaussian_weights(p.sigma, radius);
  const int one = depth == CV_8U ? 1 << 8 : 1 << 16;
  std::vector<double> w = gaussian_weights_opencv(p.sigma, radius, one);
  for (double& v : w) v /= one;
  return w;
}

}  // namespace

std::optional<std::string> GaussianParams::check(const GaussianParams& p) {
  if (p.method == GaussianMethod::recursive && p.radius)
    return "parameter 'radius' must be none with method=recursive, whose weights are not cut";
  if (p.method == GaussianMethod::recursive && p.sigma < 1)
    return "parameter 'sigma' must be at least 1 with method=recursive";
  if (p.method == GaussianMethod::recursive && p.convention == GaussianConvention::opencv)
    return "parameter 'method' must be fir with convention=opencv";
  return std::nullopt;
}

int gaussian_radius(double sigma) { return static_cast<int>(std::ceil(4 * sigma)); }

std::vector<double> gaussian_weights(double sigma, int radius) {
  std::vector<double> w(static_cast<size_t>(radius) + 1);
  double sum = 0;
  for (int i = radius; i >= 0; --i) {
    w[static_cast<size_t>(i)] = std::exp(-0.5 * (i / sigma) * (i / sigma));
    sum += (i == 0 ? 1 : 2) * w[static_cast<size_t>(i)];
  }
  for (double& v : w) v /= sum;
  return w;
}

int gaussian_radius_opencv(double sigma, int depth) {
  return (static_cast<int>(std::nearbyint((depth == CV_8U ? 6 : 8) * sigma + 1)) | 1) / 2;
}

std::vector<double> gaussian_weights_opencv(double sigma, int radius, int one) {
  std::vector<double> w = gaussian_weights(sigma, radius);
  double error = 0, rest = one;
  for (size_t i = w.size() - 1; i >= 1; --i) {
    const double value = one * w[i] + error;
    w[i] = std::nearbyint(value);
    error = value - w[i];
    rest -= 2 * w[i];
  }
  w[0] = rest;
  return w;
}

int gaussian_band(const GaussianParams& p) { return std::max(64, 4 * p.radius.value_or(gaussian_radius(p.sigma))); }

void gaussian_rows(const cv::Mat& image, const GaussianParams& p, int begin, int end, cv::Mat_<float>& out,
                   const Context& ctx) {
  const std::vector<double> w = gaussian_weights(p.sigma, p.radius.value_or(gaussian_radius(p.sigma)));
  out.create(end - begin, image.cols * image.channels());
  if (image.depth() == CV_8U)
    filter_rows<uint8_t, float, float>(image, p, w, begin, end, out, ctx);
  else if (image.depth() == CV_16U)
    filter_rows<uint16_t, float, float>(image, p, w, begin, end, out, ctx);
  else
    filter_rows<float, float>(image, p, w, begin, end, out, ctx);
}

void Gaussian::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const std::vector<double> w = weights_for(p, image.depth());
  ctx.trace.step([&] { return WeightsStep{p.sigma, static_cast<int>(w.size()) - 1, w}; });

  out.create(image.size(), image.type());
  if (p.method == GaussianMethod::recursive)
    gaussian_recursive(p, image, out, ctx);
  else if (image.depth() == CV_8U && p.convention == GaussianConvention::opencv)
    filter_bytes(image, p, w, out, ctx);
  else
    filter_exactly(image, p, w, out, ctx);

  ctx.trace.image([&] {
    return TraceImage{"blur",
                      "Smooth: g = G_sigma * f",
                      "The picture after Gaussian smoothing: noise and fine texture are gone.",
                      view_of(out),
                      false,
                      {{"sigma", p.sigma, "standard deviation in pixels"}},
                      "imgproc/filter/gaussian.cpp:Gaussian::apply"};
  });
}

}  // namespace assay
