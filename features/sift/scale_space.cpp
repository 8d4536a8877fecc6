// features/sift/scale_space.cpp: step 1, the octaves of L = G_sigma * I.
// Notation   delta = step_px;  sigma_s = sigma 2^(s / scales), in samples of the octave;  w_0..w_r weights of a Gaussian
// Method     1 double the picture   2 blur it from the camera's 0.5 px to sigma_0   3 blur scale s-1 by
//            sqrt(sigma_s^2 - sigma_(s-1)^2) to scale s   4 every second sample of scale `scales` begins the next octave
// Departures from the papers: [Lowe2004] and OpenCV double w pixels to 2w samples; under preset lowe it is 2w - 1, the
//            first and last pixel on the first and last sample, so that the grid turns with the picture. [ReyOtero2014]
//            reflect, we reflect without repeating the edge, which every octave then shares. Kernels reach ceil(4 sigma).
//            A picture already smooth is blurred by every second weight (see `blur`).

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/features/sift/sift_internal.h"
#include "assay/features/sift/sift_kernels.h"
#include "assay/imgproc/filter/convolve_kernels.h"
#include "assay/imgproc/filter/gaussian.h"

namespace assay::sift_stages {

namespace {

constexpr double kCameraBlur = 0.5;  // [Lowe2004, sec. 3.3]: of every picture, in its pixels

// --- blur ------------------------------------------------------------------------------------------------------------

// One band of rows, a tile of columns at a time: each row is filtered once along itself, into a ring of the 2 reach + 1
// rows that the sum down the columns needs. Weights stand `stride` samples apart.
class Band {
 public:
  Band(const cv::Mat_<float>& in, const std::vector<float>& w, int stride, Border border, int columns)
      : in_(in),
        w_(w),
        stride_(stride),
        radius_(static_cast<int>(w.size()) - 1),
        reach_(radius_ * stride),
        border_(border),
        padded_(1, columns + 2 * reach_),
        ring_(2 * reach_ + 1, columns),
        before_(w.size()),
        after_(w.size()) {}

  void filter(int x0, int x1, int y0, int y1, cv::Mat_<float>& out) {
    for (int y = y0 - reach_; y < y0 + reach_; ++y) along_row(x0, x1, y);
    for (int y = y0; y < y1; ++y) {
      along_row(x0, x1, y + reach_);
      for (size_t k = 1; k < w_.size(); ++k) {
        before_[k] = filtered(y - static_cast<int>(k) * stride_);
        after_[k] = filtered(y + static_cast<int>(k) * stride_);
      }
      symmetric_sum<float>(filtered(y), before_.data(), after_.data(), w_.data(), radius_, out[y] + x0, x1 - x0);
    }
  }

 private:
  float* filtered(int y) {
    const int m = 2 * reach_ + 1;
    return ring_[((y % m) + m) % m];
  }
  void along_row(int x0, int x1, int y) {
    const float* centre;
    if (x0 >= reach_ && x1 + reach_ <= in_.cols)
      centre = in_[border_index(y, in_.rows, border_)] + x0;
    else {
      padded_row<float>(in_, y, x0, x1, reach_, border_, 0, padded_[0]);
      centre = padded_[0] + reach_;
    }
    for (size_t k = 1; k < w_.size(); ++k) {
      before_[k] = centre - static_cast<ptrdiff_t>(k) * stride_;
      after_[k] = centre + static_cast<ptrdiff_t>(k) * stride_;
    }
    symmetric_sum<float>(centre, before_.data(), after_.data(), w_.data(), radius_, filtered(y), x1 - x0);
  }

  const cv::Mat_<float>& in_;
  const std::vector<float>& w_;
  int stride_, radius_, reach_;
  Border border_;
  cv::Mat_<float> padded_, ring_;
  std::vector<const float*> before_, after_;
};

// Every second weight of the Gaussian, normalised, stands for a sum over the samples of every second pixel: right up to
// what the picture holds near half the sampling frequency, pi. There a picture blurred by `smooth` and then by sigma has
// lost all but exp(-(pi^2 / 2) smooth^2 sigma^2 / (smooth^2 + sigma^2)) of any wave.
bool may_thin(double sigma, double smooth) {
  const double a = sigma * sigma, b = smooth * smooth;
  return std::exp(-0.5 * CV_PI * CV_PI * a * b / (a + b)) < 1e-5;
}

// --- 1 double the picture --------------------------------------------------------------------------------------------

// Twice as many samples along one line. The last one of an even count has no right neighbour.
void double_line(const float* in, int n, Doubling doubling, float* out, int count) {
  if (doubling == Doubling::half_pixel) {
    half_pixel_line(in, out, n);
    return;
  }
  double_samples(in, out, n - 1);
  for (int i = 2 * (n - 1); i < count; ++i) out[i] = in[n - 1];
}

cv::Size doubled(cv::Size size, Doubling doubling) {
  const int less = doubling == Doubling::symmetric ? 1 : 0;
  return {2 * size.width - less, 2 * size.height - less};
}

void double_picture(const cv::Mat_<float>& in, Doubling doubling, cv::Mat_<float>& out, const Context& ctx) {
  parallel_for(ctx.threads, out.rows, 64, [&](Index begin, Index end) {
    std::vector<float> line(static_cast<size_t>(in.cols));
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const int k = y / 2;
      int other = k;
      float share = 0;  // of the other row
      if (doubling == Doubling::half_pixel) {
        other = std::clamp(y % 2 == 0 ? k - 1 : k + 1, 0, in.rows - 1);
        share = 0.25f;
      } else if (y % 2 == 1) {
        other = std::min(k + 1, in.rows - 1);
        share = 0.5f;
      }
      const float *a = in[k], *b = in[other];
      mix(a, b, share, line.data(), in.cols);
      double_line(line.data(), in.cols, doubling, out[y], out.cols);
    }
  });
}

int octaves_of(cv::Size first, const SiftParams& p) {
  const double side = std::min(first.width, first.height), begin = p.double_size ? 1 : 0;
  double count = 0;
  if (p.preset == SiftPreset::opencv) count = std::lrint(std::log2(side) - 2) + begin;
  if (p.preset == SiftPreset::vlfeat)
    count = std::max(1.0, std::floor(std::log2(side / (p.double_size ? 2 : 1))) + begin - 3);
  if (p.preset == SiftPreset::lowe) count = std::floor(std::log2(side / 12)) + 1;  // [ReyOtero2014, sec. 2.2]
  if (p.octaves) count = std::min<double>(*p.octaves, std::max(1.0, std::floor(std::log2(side)) + 1));
  return std::max(0, static_cast<int>(count));
}

}  // namespace

Setting setting_of(SiftPreset preset) {
  switch (preset) {
    case SiftPreset::opencv:
      return {Doubling::half_pixel, Border::reflect101, 5, 0.5, false, 0.5, true, 0.5, false, false, 0, kBins};
    case SiftPreset::vlfeat:
      return {Doubling::repeat_last, Border::replicate, 1, 0.8, true, 0.6, false, 1.5, true, true, 0, 4};
    default:
      return {Doubling::symmetric, Border::reflect101, 1, 0.8, true, 0.6, true, 1.5, true, true, std::exp(-4.5), kBins};
  }
}

void blur(const cv::Mat_<float>& in, double sigma, int radius, double smooth, Border border, cv::Mat_<float>& out,
          const Context& ctx) {
  const int stride = may_thin(sigma, smooth) ? 2 : 1;
  if (stride == 2) radius = (radius + 1) / 2;
  const std::vector<double> weights = gaussian_weights(sigma / stride, radius);
  const std::vector<float> w(weights.begin(), weights.end());
  const int reach = stride * radius;
  constexpr int kCache = 24 << 10;  // bytes: the ring stays in the first-level cache
  const int columns =
      std::min(in.cols, std::max(64, kCache / (2 * reach + 1) / static_cast<int>(sizeof(float)) / 16 * 16));
  const int band = std::max({128, 8 * reach, (in.rows + 7) / 8});  // the rows around it are done twice
  parallel_for(ctx.threads, in.rows, band, [&](Index begin, Index end) {
    ctx.check_cancelled();
    Band filter(in, w, stride, border, columns);
    for (int x = 0; x < in.cols; x += columns)
      filter.filter(x, std::min(in.cols, x + columns), static_cast<int>(begin), static_cast<int>(end), out);
  });
}

LargeBlock::LargeBlock(size_t bytes, size_t count) : bytes_((bytes + 4095) / 4096 * 4096 + 4096 + 64) {
  constexpr size_t kPage = size_t{1} << 21;
  const size_t size = (bytes_ * count + kPage - 1) / kPage * kPage;
  data_.reset(std::aligned_alloc(kPage, size));
  if (!data_) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  ::madvise(data_.get(), size, MADV_HUGEPAGE);
#endif
}

ScaleSpace::ScaleSpace(const cv::Mat& image, const SiftParams& p, const Setting& setting, const Context& ctx)
    : p_(p), setting_(setting), ctx_(ctx), image_(image) {
  const cv::Size first = p.double_size ? doubled(image.size(), setting.doubling) : image.size();
  octaves_ = octaves_of(first, p);
  octave_.index = p.double_size ? -1 : 0;
  octave_.step_px = p.double_size ? 0.5 : 1;
}

std::vector<cv::Mat_<float>> ScaleSpace::scales_of(cv::Size size) {
  std::vector<cv::Mat_<float>> G;
  for (size_t s = 0; s < static_cast<size_t>(p_.scales) + 3; ++s)
    G.emplace_back(size.height, size.width, static_cast<float*>(memory_.part(s)));
  return G;
}

// From the picture to sigma_0: the doubled one has twice the camera's blur.
void ScaleSpace::first_scale(const cv::Mat& image) {
  cv::Mat_<float> reals;
  // D and gradients do not see a constant: without the mean, in steps of 1/256, single precision rounds finer.
  const double mean = std::round(256 * cv::mean(image)[0] / full_scale(image)) / 256;
  image.convertTo(reals, CV_32F, 1 / full_scale(image), -mean);
  const cv::Size size = p_.double_size ? doubled(image.size(), setting_.doubling) : image.size();
  memory_ = LargeBlock(static_cast<size_t>(size.area()) * sizeof(float), static_cast<size_t>(p_.scales) + 3);
  octave_.G = scales_of(size);
  if (p_.double_size) {
    double_picture(reals, setting_.doubling, octave_.G[1], ctx_);
    reals = octave_.G[1];
  }
  const double have = kCameraBlur / octave_.step_px;
  const double sigma = std::sqrt(std::max(p_.sigma * p_.sigma - have * have, 0.01));
  blur(reals, sigma, gaussian_radius(sigma), 0, setting_.border, octave_.G[0], ctx_);
}

const Octave& ScaleSpace::next() {
  if (octave_.G.empty())
    first_scale(image_);
  else {
    // Preset lowe keeps the last sample of an odd side; the others' sides are halved and rounded down.
    const cv::Mat_<float>& from = octave_.G[static_cast<size_t>(p_.scales)];
    const int more = p_.preset == SiftPreset::lowe ? 1 : 0;
    const int rows = std::max(1, (from.rows + more) / 2), cols = std::max(1, (from.cols + more) / 2);
    std::vector<cv::Mat_<float>> G = scales_of({cols, rows});
    for (int y = 0; y < rows; ++y) every_second(from[2 * y], G[0][y], cols);
    octave_.G = std::move(G);
    octave_.index += 1;
    octave_.step_px *= 2;
  }
  for (int s = 1; s < p_.scales + 3; ++s) {
    const double before = p_.sigma * std::exp2((s - 1.0) / p_.scales),
                 now = p_.sigma * std::exp2(double(s) / p_.scales);
    const double sigma = std::sqrt(now * now - before * before);
    blur(octave_.G[static_cast<size_t>(s - 1)], sigma, gaussian_radius(sigma), before, setting_.border,
         octave_.G[static_cast<size_t>(s)], ctx_);
  }
  return octave_;
}

}  // namespace assay::sift_stages
