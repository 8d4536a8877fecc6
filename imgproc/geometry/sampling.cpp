// imgproc/geometry/sampling.cpp
// Notation   (u, v) place;  T the picture's type, Real the type of the sums (f32 for u8 and f32, f64 for u16)
// Method     1 runs of outputs whose box of places lies inside: places, first taps and weights in f32 (f64 for u16), sums without
//            a question. Runs outside are filled, those across the edge are halved, and at last taken place by place, by
//            the border   2 integer depths: round; a sum within its error bound of a half is taken again in f64
// Departures from the textbook: none.

#include "assay/imgproc/geometry/sampling.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/filter/rounding_internal.h"
#include "assay/imgproc/geometry/resize_kernels.h"
#include "assay/imgproc/geometry/sampling_byte_kernels.h"
#include "assay/imgproc/geometry/sampling_kernels.h"
#include "assay/imgproc/op.h"

namespace assay {

namespace {

template <class T, class Real>
class Sampler {
  static constexpr int kRun = SampleRun<Real>::kRun;

 public:
  Sampler(const cv::Mat& image, const Sampling& how, const Places& places, cv::Mat& out)
      : image_(image), how_(how), places_(places), out_(out), channels_(image.channels()) {
    // Sums of |weight| along an axis: 1, Keys 5/4, lanczos below 1.4; with them the rounding of weights and sums.
    const double sum = how.method == Interpolation::bicubic ? 1.5625 : how.method == Interpolation::lanczos ? 1.96 : 1;
    largest_ = sum * std::max(full_scale(image), std::abs(how.value));
    direct_error_ = (64 + 4.0 * (image.cols + image.rows)) * 0x1p-53 * largest_;  // that of the places, too
    set_error(0);
    sums_.resize(static_cast<size_t>(kRun * channels_));
    doubts_.resize(sums_.size());
  }

  void row(int y) {
    for (int x = 0; x < out_.cols; x += kRun) run(x, y, std::min(kRun, out_.cols - x));
  }

 private:
  void run(int x, int y, int n) {
    constexpr int kShort = 16;
    const PlaceBox box = places_.box(x, y, n);
    T* to = out_.ptr<T>(y) + static_cast<ptrdiff_t>(x) * channels_;
    if (inside(box)) {
      if (blend_inside(x, y, n, to)) return;
      place_inside(x, y, n);
      if (!pick_inside(n, to)) sum_inside(0, n, to);
    } else if (outside(box)) {
      std::fill_n(to, n * channels_, value());
    } else if (n > kShort) {
      run(x, y, n / 2);
      run(x + n / 2, y, n - n / 2);
    } else {
      place_by_place(x, y, n, to);
    }
  }

  // All taps of all places lie in the picture, and so do the bytes that are read with them.
  bool inside(const PlaceBox& box) const {
    constexpr double kMargin = 1e-3;
    const int count = taps(), before = count == 1 ? 0 : count / 2 - 1, after = count - before - 1;
    const double beyond = kMargin + (count == 1 ? 0.5 : after);
    return box.u_min >= before + kMargin && box.v_min >= before + kMargin && box.u_max < image_.cols - 1 - beyond &&
           box.v_max < image_.rows - beyond;
  }
  // No tap of any place lies there.
  bool outside(const PlaceBox& box) const {
    constexpr double kFar = 1e9;
    return how_.border == Border::constant &&
           ((box.u_max < -4 && box.u_min > -kFar) || (box.v_max < -4 && box.v_min > -kFar) ||
            (box.u_min > image_.cols + 4 && box.u_max < kFar) || (box.v_min > image_.rows + 4 && box.v_max < kFar));
  }
  int taps() const {
    return how_.method == Interpolation::nearest    ? 1
           : how_.method == Interpolation::bilinear ? 2
           : how_.method == Interpolation::bicubic  ? 4
                                                    : 6;
  }
  T value() const {
    if constexpr (std::is_same_v<T, float>)
      return static_cast<float>(how_.value);
    else
      return rounded(how_.value);
  }

  // The error of places moves a sum by the slope of the picture between its pixels: a full scale a pixel, with overshoot 4.
  void set_error(double place_error) {
    const bool convex = how_.method == Interpolation::nearest || how_.method == Interpolation::bilinear;
    error_ = static_cast<Real>(
        ((std::is_same_v<Real, float> ? 0x1p-24 : 0x1p-53) * (convex ? 12 : 24) + 2 * (convex ? 1 : 4) * place_error) *
            largest_ +
        direct_error_);
  }

  // In one step, where there is one for it.
  bool blend_inside([[maybe_unused]] int x, [[maybe_unused]] int y, [[maybe_unused]] int n, [[maybe_unused]] T* to) {
    if constexpr (std::is_same_v<T, uint8_t>) {
      if (how_.method != Interpolation::bilinear) return false;
      const double error = places_.split(x, y, n, split_);
      if (error > kTolerable) return false;
      set_error(error);
      const int doubts = blend_to_bytes(bytes(), split_, n, channels_, static_cast<double>(error_), to, doubts_.data());
      if (doubts == 0) return true;
      places_.exact(x, y, n, u_, v_);
      blend_doubts(bytes(), u_, v_, channels_, doubts_.data(), doubts, direct_error_, to);
      return true;
    }
    return false;
  }

  // Out of registers, where the machine can.
  bool pick_inside([[maybe_unused]] int n, [[maybe_unused]] T* to) {
    if constexpr (std::is_same_v<T, uint8_t> && kPicksBytes) {
      if (run_.count == 1 && channels_ == 1) {
        pick_bytes(bytes(), run_.x, run_.y, n, to);
        return true;
      }
      if (run_.count == 4) {
        const int doubts = weigh_to_bytes(bytes(), run_, n, channels_, static_cast<double>(error_), to, doubts_.data());
        for (int k = 0; k < doubts; ++k) {
          const int i = doubts_[static_cast<size_t>(k)];
          to[i] = rounded(direct_sum(i / channels_, i % channels_));
        }
        return true;
      }
    }
    return false;
  }

  BytePicture bytes() const {
    return {image_.ptr(), static_cast<ptrdiff_t>(image_.step[0]),
            image_.ptr(image_.rows - 1) + static_cast<size_t>(image_.cols) * image_.elemSize()};
  }

  static constexpr double kTolerable = 0x1p-16;
  void place_inside(int x, int y, int n) {
    first_x_ = x, y_ = y;
    if constexpr (std::is_same_v<Real, float>) {
      const double error = places_.split(x, y, n, split_);
      if (error <= kTolerable && weigh_taps(split_, n, how_.method, error, run_)) return set_error(error);
    }
    set_error(0);
    places_.exact(x, y, n, u_, v_);
    place_taps(u_, v_, n, how_.method, image_.cols, image_.rows, run_);
  }

  void place_by_place(int x, int y, int n, T* to) {
    first_x_ = x, y_ = y;
    set_error(0);
    places_.exact(x, y, n, u_, v_);
    const bool all =
        place_taps(u_, v_, n, how_.method, image_.cols - 1, image_.rows, run_);  // no bytes beyond the last
    for (int i = 0; i < n;) {
      int end = i + 1;
      while (end < n && (all || run_.inside[end] == run_.inside[i])) ++end;
      if (all || run_.inside[i])
        sum_inside(i, end, to);
      else
        for (int k = i; k < end; ++k) sum_at_border(k, to + static_cast<ptrdiff_t>(k) * channels_);
      i = end;
    }
  }

  void sum_inside(int begin, int end, T* row) {
    T* to = row + static_cast<ptrdiff_t>(begin) * channels_;
    const auto step = static_cast<ptrdiff_t>(image_.step1());
    if (run_.count == 1) return copy_pixels(begin, end, step, to);
    if constexpr (std::is_same_v<T, Real>) {
      sum_taps(run_, begin, end, image_.ptr<T>(), step, channels_, to);
    } else {
      sum_taps(run_, begin, end, image_.ptr<T>(), step, channels_, sums_.data());
      const ptrdiff_t n = static_cast<ptrdiff_t>(end - begin) * channels_;
      rounding::Rounding<T, Real>(error_, direct_error_).row(sums_.data(), to, n, [&](ptrdiff_t i) {
        return direct_sum(begin + static_cast<int>(i / channels_), static_cast<int>(i % channels_));
      });
    }
  }

  void copy_pixels(int begin, int end, ptrdiff_t step, T* __restrict to) const {
    const T* first = image_.ptr<T>();
    const ptrdiff_t channels = channels_;
    if (channels == 1) {
      constexpr int kBlock = 16, kAhead = 8;  // a block's rows some way below are on their way into the cache
      for (int block = begin; block < end; block += kBlock) {
        __builtin_prefetch(first + (run_.y[block] + kAhead) * step + run_.x[block]);
        for (int i = block; i < std::min(end, block + kBlock); ++i) to[i - begin] = first[run_.y[i] * step + run_.x[i]];
      }
      return;
    }
    for (int i = begin; i < end; ++i, to += channels)
      std::copy_n(first + run_.y[i] * step + run_.x[i] * channels, channels, to);
  }

  T rounded(double sum) const {
    return static_cast<T>(std::clamp(rounding::nearest_or_tie(sum, direct_error_), 0.0, full_scale(image_)));
  }

  void sum_at_border(int i, T* to) const {
    const int k = run_.count, x = run_.x[i], y = run_.y[i];
    const bool nothing = x <= -k || y <= -k || x >= image_.cols || y >= image_.rows;
    for (int c = 0; c < channels_; ++c) {
      if (how_.border == Border::constant && nothing)
        to[c] = value();
      else if constexpr (std::is_same_v<T, float>)
        to[c] = static_cast<float>(direct_sum(i, c));
      else
        to[c] = rounded(direct_sum(i, c));
    }
  }

  // Place and weights of output i of the run anew in f64, each tap by the border.
  double direct_sum(int i, int c) const {
    const int count = run_.count, before = count == 1 ? 0 : count / 2 - 1;
    double u = 0, v = 0, wx[SampleRun<Real>::kTaps], wy[SampleRun<Real>::kTaps];
    places_.exact(first_x_ + i, y_, 1, &u, &v);
    const int x = first_tap(u, count) - before, y = first_tap(v, count) - before;
    constexpr bool integers =
        !std::is_same_v<T, float>;  // of which none is NaN, to be left out where it weighs nothing
    if (integers && count == 2 && x >= 0 && y >= 0 && x + 1 < image_.cols && y + 1 < image_.rows)
      return between(u - x, v - y, x, y, c);
    weights_at(u, x, count, wx);
    weights_at(v, y, count, wy);
    if (integers && x >= 0 && y >= 0 && x + count <= image_.cols && y + count <= image_.rows)
      return weighed(wx, wy, count, x, y, c);
    double sum = 0;
    for (int j = 0; j < count; ++j) {
      if (wy[j] == 0) continue;
      double along = 0;
      const int row = border_index(y + j, image_.rows, how_.border);
      for (int k = 0; k < count; ++k) {
        if (wx[k] == 0) continue;
        const int column = border_index(x + k, image_.cols, how_.border);
        along +=
            wx[k] * (row < 0 || column < 0
                         ? how_.value
                         : static_cast<double>(image_.ptr<T>(row)[static_cast<ptrdiff_t>(column) * channels_ + c]));
      }
      sum += wy[j] * along;
    }
    return sum;
  }
  // The same for pixels inside.
  double weighed(const double* wx, const double* wy, int count, int x, int y, int c) const {
    double sum = 0;
    for (int j = 0; j < count; ++j) {
      const T* row = image_.ptr<T>(y + j) + static_cast<ptrdiff_t>(x) * channels_ + c;
      double along = 0;
      for (int k = 0; k < count; ++k) along += wx[k] * static_cast<double>(row[static_cast<ptrdiff_t>(k) * channels_]);
      sum += wy[j] * along;
    }
    return sum;
  }
  // And for four.
  double between(double fx, double fy, int x, int y, int c) const {
    const T *upper = image_.ptr<T>(y) + static_cast<ptrdiff_t>(x) * channels_ + c,
            *lower = image_.ptr<T>(y + 1) + static_cast<ptrdiff_t>(x) * channels_ + c;
    const auto along = [&](const T* row) {
      return (1 - fx) * static_cast<double>(row[0]) + fx * static_cast<double>(row[channels_]);
    };
    return (1 - fy) * along(upper) + fy * along(lower);
  }
  static int first_tap(double place, int count) {
    const double lifted = place + (count == 1 ? 0.5 : 0);
    return static_cast<int>(std::floor(lifted > -1e9 ? std::min(lifted, 1e9) : -1e9));  // NaN, too
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
  const Places& places_;
  cv::Mat& out_;
  int channels_;
  Real error_ = 0;
  double direct_error_ = 0, largest_ = 0;
  int first_x_ = 0, y_ = 0;  // where the run in hand begins
  SplitPlaces split_;
  std::vector<int> doubts_;
  double u_[kRun], v_[kRun];
  SampleRun<Real> run_;
  std::vector<Real> sums_;
};

// The places of the row that a MapRow told of last.
class RowOfPlaces : public Places {
 public:
  explicit RowOfPlaces(int n) : u_(static_cast<size_t>(n)), v_(static_cast<size_t>(n)) {}
  void take(int y, MapRow row) {
    maps_ = {u_.data(), v_.data(), u_.data(), v_.data()};
    row(y, maps_);
  }
  void exact(int x, int, int n, double* u, double* v) const override {
    std::copy_n(maps_.u + x, n, u);
    std::copy_n(maps_.v + x, n, v);
  }
  PlaceBox box(int x, int, int n) const override {
    for (int i = n; i < 2 * n; i += 16)  // the run that comes next, while this one is sampled
      __builtin_prefetch(maps_.u + x + i), __builtin_prefetch(maps_.v + x + i);
    PlaceBox box;
    const bool finite =
        range_of_floats(maps_.u + x, n, box.u_min, box.u_max) & range_of_floats(maps_.v + x, n, box.v_min, box.v_max);
    return finite ? box : PlaceBox();
  }
  double split(int x, int, int n, SplitPlaces& to) const override {
    split_floats(maps_.u + x, n, to.x, to.fx);
    split_floats(maps_.v + x, n, to.y, to.fy);
    return 0;
  }

 private:
  std::vector<float> u_, v_;
  RowOfMaps maps_{};
};

// f(T(), Real())
template <class F>
void with_types(int depth, F&& f) {
  if (depth == CV_8U)
    f(uint8_t(), float());
  else if (depth == CV_16U)
    f(uint16_t(), double());
  else
    f(float(), float());
}

constexpr int kBand = 32;  // rows a thread takes at once

}  // namespace

void sample(const cv::Mat& image, const Sampling& how, const Places& places, cv::Mat& out, const Context& ctx) {
  with_types(image.depth(), [&](auto t, auto real) {
    parallel_for(ctx.threads, out.rows, kBand, [&](Index begin, Index end) {
      ctx.check_cancelled();
      Sampler<decltype(t), decltype(real)> sampler(image, how, places, out);
      for (int y = static_cast<int>(begin); y < end; ++y) sampler.row(y);
    });
  });
}

void sample_rows(const cv::Mat& image, const Sampling& how, MapRow row, cv::Mat& out, const Context& ctx) {
  with_types(image.depth(), [&](auto t, auto real) {
    parallel_for(ctx.threads, out.rows, kBand, [&](Index begin, Index end) {
      ctx.check_cancelled();
      RowOfPlaces places(out.cols);
      Sampler<decltype(t), decltype(real)> sampler(image, how, places, out);
      for (int y = static_cast<int>(begin); y < end; ++y) {
        places.take(y, row);
        sampler.row(y);
      }
    });
  });
}

}  // namespace assay
