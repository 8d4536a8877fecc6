// imgproc/geometry/sampling.cpp
// Notation   (u, v) place;  T the picture's type, Real the type of the sums (f32 for u8 and f32, f64 for u16)
// Method     1 places of a run of outputs   2 first taps and weights   3 runs whose taps lie inside: sums without a
//            question; the others tap by tap, by the border   4 integer depths: round; a sum within its error bound of a
//            half is taken again in f64
// Departures from the textbook: none.

#include "assay/imgproc/geometry/sampling.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/geometry/resize_kernels.h"
#include "assay/imgproc/geometry/rounding_internal.h"
#include "assay/imgproc/geometry/sampling_kernels.h"
#include "assay/imgproc/op.h"

namespace assay {

namespace {

template <class T, class Real>
class Sampler {
  static constexpr int kRun = SampleRun<Real>::kRun;

 public:
  Sampler(const cv::Mat& image, const Sampling& how, Places places, cv::Mat& out)
      : image_(image), how_(how), places_(places), out_(out), channels_(image.channels()) {
    // Sums of |weight| along an axis: 1, Keys 5/4, lanczos below 1.4; with them the rounding of weights and sums.
    const double sum = how.method == Interpolation::bicubic ? 1.5625 : how.method == Interpolation::lanczos ? 1.96 : 1;
    const double largest = sum * std::max(full_scale(image), std::abs(how.value));
    error_ = static_cast<Real>((std::is_same_v<Real, float> ? 0x1p-24 : 0x1p-53) *
                               (how.method == Interpolation::bilinear ? 12 : 24) * largest);
    direct_error_ = (64 + 4.0 * (image.cols + image.rows)) * 0x1p-53 * largest;  // that of the places, too
    error_ += static_cast<Real>(direct_error_);
    sums_.resize(static_cast<size_t>(kRun * channels_));
  }

  void row(int y) {
    for (int x = 0; x < out_.cols; x += kRun) {
      const int n = std::min(kRun, out_.cols - x);
      places_(x, y, n, u_, v_);
      T* to = out_.ptr<T>(y) + static_cast<ptrdiff_t>(x) * channels_;
      if (place_taps(u_, v_, n, how_.method, image_.cols, image_.rows, run_)) {
        sum_inside(0, n, to);
        continue;
      }
      for (int i = 0; i < n;) {
        int end = i + 1;
        while (end < n && run_.inside[end] == run_.inside[i]) ++end;
        if (run_.inside[i])
          sum_inside(i, end, to);
        else
          for (int k = i; k < end; ++k) sum_at_border(k, to + static_cast<ptrdiff_t>(k) * channels_);
        i = end;
      }
    }
  }

 private:
  void sum_inside(int begin, int end, T* row) {
    T* to = row + static_cast<ptrdiff_t>(begin) * channels_;
    const auto step = static_cast<ptrdiff_t>(image_.step1());
    if (run_.count == 1) return copy_pixels(begin, end, step, to);
    if constexpr (std::is_same_v<T, Real>) {
      sum_taps(run_, begin, end, image_.ptr<T>(), step, channels_, to);
    } else {
      sum_taps(run_, begin, end, image_.ptr<T>(), step, channels_, sums_.data());
      constexpr ptrdiff_t kBlock = 64;
      const Real limit = Real(0.5) - error_;
      const ptrdiff_t n = static_cast<ptrdiff_t>(end - begin) * channels_;
      for (ptrdiff_t first = 0; first < n; first += kBlock) {
        const ptrdiff_t last = std::min(n, first + kBlock);
        if (!round_values(sums_.data() + first, to + first, last - first, limit)) continue;
        for (ptrdiff_t i = first; i < last; ++i)
          if (std::abs(sums_[static_cast<size_t>(i)] - std::nearbyint(sums_[static_cast<size_t>(i)])) >= limit)
            to[i] = rounded(direct_sum(begin + static_cast<int>(i / channels_), static_cast<int>(i % channels_)));
      }
    }
  }

  void copy_pixels(int begin, int end, ptrdiff_t step, T* __restrict to) const {
    const T* first = image_.ptr<T>();
    const ptrdiff_t channels = channels_;
    if (channels == 1) {
      for (int i = begin; i < end; ++i) to[i - begin] = first[run_.y[i] * step + run_.x[i]];
      return;
    }
    for (int i = begin; i < end; ++i, to += channels)
      std::copy_n(first + run_.y[i] * step + run_.x[i] * channels, channels, to);
  }

  T rounded(double sum) const {
    return static_cast<T>(std::clamp(detail::nearest_or_tie(sum, direct_error_), 0.0, full_scale(image_)));
  }

  void sum_at_border(int i, T* to) const {
    const int k = run_.count, x = run_.x[i], y = run_.y[i];
    const bool nothing = x <= -k || y <= -k || x >= image_.cols || y >= image_.rows;
    for (int c = 0; c < channels_; ++c) {
      const double sum = how_.border == Border::constant && nothing ? how_.value : direct_sum(i, c);
      if constexpr (std::is_same_v<T, float>)
        to[c] = static_cast<float>(sum);
      else
        to[c] = rounded(sum);
    }
  }

  // Weights anew in f64, each tap by the border.
  double direct_sum(int i, int c) const {
    const int count = run_.count;
    double wx[SampleRun<Real>::kTaps], wy[SampleRun<Real>::kTaps];
    weights_at(u_[i], run_.x[i], count, wx);
    weights_at(v_[i], run_.y[i], count, wy);
    double sum = 0;
    for (int j = 0; j < count; ++j) {
      if (wy[j] == 0) continue;
      double along = 0;
      const int row = border_index(run_.y[i] + j, image_.rows, how_.border);
      for (int k = 0; k < count; ++k) {
        if (wx[k] == 0) continue;
        const int column = border_index(run_.x[i] + k, image_.cols, how_.border);
        along +=
            wx[k] * (row < 0 || column < 0
                         ? how_.value
                         : static_cast<double>(image_.ptr<T>(row)[static_cast<ptrdiff_t>(column) * channels_ + c]));
      }
      sum += wy[j] * along;
    }
    return sum;
  }

  void weights_at(double place, int first, int count, double* w) const {
    double sum = 0;
    for (int k = 0; k < count; ++k) {
      w[k] = count == 1 ? 1 : kernel(how_.method, std::abs(place) < 1e9 ? first + k - place : k);
      sum += w[k];
    }
    for (int k = 0; k < count; ++k) w[k] /= sum;
  }

  const cv::Mat& image_;
  const Sampling& how_;
  Places places_;
  cv::Mat& out_;
  int channels_;
  Real error_ = 0;
  double direct_error_ = 0;
  double u_[kRun], v_[kRun];
  SampleRun<Real> run_;
  std::vector<Real> sums_;
};

template <class T, class Real>
void sample_rows(const cv::Mat& image, const Sampling& how, Places places, cv::Mat& out, const Context& ctx) {
  parallel_for(ctx.threads, out.rows, 32, [&](Index begin, Index end) {
    ctx.check_cancelled();
    Sampler<T, Real> sampler(image, how, places, out);
    for (int y = static_cast<int>(begin); y < end; ++y) sampler.row(y);
  });
}

}  // namespace

void sample(const cv::Mat& image, const Sampling& how, Places places, cv::Mat& out, const Context& ctx) {
  if (image.depth() == CV_8U)
    sample_rows<uint8_t, float>(image, how, places, out, ctx);
  else if (image.depth() == CV_16U)
    sample_rows<uint16_t, double>(image, how, places, out, ctx);
  else
    sample_rows<float, float>(image, how, places, out, ctx);
}

}  // namespace assay
