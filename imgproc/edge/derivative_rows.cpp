// imgproc/edge/derivative_rows.cpp
// Notation   f picture;  s_x, s_y: f smoothed by (a b a) along x, along y
// Method     gx = difference along x of s_y;  gy = difference along y of s_x. Beyond the left and right edge stand columns of
//            s_y, or one value
// Departures from the textbook: none

#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <type_traits>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/edge/derivative_internal.h"
#include "assay/imgproc/edge/derivative_kernels.h"

namespace assay {

namespace {

template <int a, int b, class T, class Sum>
class SmoothedRows {
 public:
  SmoothedRows(const cv::Mat& image, Border border, T value)
      : image_(image),
        border_(border),
        channels_(image.channels()),
        n_(static_cast<ptrdiff_t>(image.cols) * channels_),
        value_(value),
        blank_(static_cast<size_t>(n_), value),
        column_(static_cast<size_t>(n_ + 2 * channels_)) {
    for (std::vector<Sum>& row : ring_) row.resize(static_cast<size_t>(n_));
  }

  /// s_y of row y, one pixel wider on each side.
  const Sum* along_y(int y) {
    Sum* s = column_.data() + channels_;
    smooth_three<a, b>(row(y - 1), row(y), row(y + 1), s, n_);
    for (const int x : {-1, image_.cols}) {
      const int inside = border_index(x, image_.cols, border_);
      for (int c = 0; c < channels_; ++c)
        s[x * channels_ + c] = inside < 0 ? static_cast<Sum>((2 * a + b) * value_) : s[inside * channels_ + c];
    }
    return column_.data();
  }
  /// Makes s_x of row y; those of the last three rows are kept.
  void smooth_along_x(int y) {
    const T* f = row(y);
    Sum* s = ring_[slot(y)].data();
    if (image_.cols > 2) smooth_three<a, b>(f, f + channels_, f + 2 * channels_, s + channels_, n_ - 2 * channels_);
    for (const int x : {0, image_.cols - 1}) {
      T three[3][4];
      for (int i = -1; i <= 1; ++i) {
        const int inside = border_index(x + i, image_.cols, border_);
        for (int c = 0; c < channels_; ++c) three[i + 1][c] = inside < 0 ? value_ : f[inside * channels_ + c];
      }
      smooth_three<a, b>(three[0], three[1], three[2], s + x * channels_, channels_);
    }
  }
  const Sum* along_x(int y) const { return ring_[slot(y)].data(); }

 private:
  static size_t slot(int y) { return static_cast<size_t>((y + 3) % 3); }  // y >= -1
  const T* row(int y) const {
    const int inside = border_index(y, image_.rows, border_);
    return inside < 0 ? blank_.data() : image_.ptr<T>(inside);
  }

  const cv::Mat& image_;
  Border border_;
  int channels_;
  ptrdiff_t n_;
  T value_;
  std::vector<T> blank_;
  std::vector<Sum> column_, ring_[3];
};

template <int a, int b, class T, class Sum, class Real>
void rows_of(const cv::Mat& image, int begin, int end, Border border, T value, Real* gx, Real* gy, ptrdiff_t stride) {
  const ptrdiff_t channels = image.channels(), n = image.cols * channels;
  SmoothedRows<a, b, T, Sum> s(image, border, value);
  if (gy) s.smooth_along_x(begin - 1), s.smooth_along_x(begin);
  for (int y = begin; y < end; ++y) {
    const ptrdiff_t to = (y - begin) * stride;
    if (gx) {
      const Sum* s_y = s.along_y(y);
      difference(s_y, s_y + 2 * channels, gx + to, n);
    }
    if (gy) {
      s.smooth_along_x(y + 1);
      difference(s.along_x(y - 1), s.along_x(y + 1), gy + to, n);
    }
  }
}

void norms(const float* gx, const float* gy, float* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = std::sqrt(gx[i] * gx[i] + gy[i] * gy[i]);
}

// Whether a pixel of type T can have this value.
template <class T>
bool fits(double value) {
  return value >= 0 && value <= std::numeric_limits<T>::max() && value == std::floor(value);
}

}  // namespace

template <int a, int b, class Real>
void derivative_rows(const cv::Mat& image, int begin, int end, Border border, Real value, Real* gx, Real* gy,
                     ptrdiff_t stride) {
  const double outside = border == Border::constant ? static_cast<double>(value) : 0;
  if (image.depth() == CV_8U && fits<uint8_t>(outside))
    return rows_of<a, b, uint8_t, int16_t>(image, begin, end, border, static_cast<uint8_t>(outside), gx, gy, stride);
  if (image.depth() == CV_16U && fits<uint16_t>(outside))
    return rows_of<a, b, uint16_t, int32_t>(image, begin, end, border, static_cast<uint16_t>(outside), gx, gy, stride);
  if (image.depth() == CV_32F)
    return rows_of<a, b, float, Real>(image, begin, end, border, static_cast<float>(value), gx, gy, stride);
  const int first = std::max(0, begin - 1);  // a fraction beyond the edge: the rows in question as reals
  cv::Mat real;
  image.rowRange(first, std::min(image.rows, end + 1)).convertTo(real, CV_32F);
  rows_of<a, b, float, Real>(real, begin - first, end - first, border, static_cast<float>(value), gx, gy, stride);
}

template <int a, int b>
void differentiate(const SobelParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), CV_32FC(image.channels()));
  const int n = image.cols * image.channels();
  parallel_for(ctx.threads, image.rows, 64, [&](Index from, Index to) {
    ctx.check_cancelled();
    const int begin = static_cast<int>(from), end = static_cast<int>(to);
    const float value = static_cast<float>(p.value);
    float* first = out.ptr<float>(begin);
    const ptrdiff_t stride = static_cast<ptrdiff_t>(out.step1());
    if (p.direction == Direction::x)
      return derivative_rows<a, b, float>(image, begin, end, p.border, value, first, nullptr, stride);
    if (p.direction == Direction::y)
      return derivative_rows<a, b, float>(image, begin, end, p.border, value, nullptr, first, stride);
    constexpr int kRows = 16;  // both derivatives of these stay in cache
    cv::Mat_<float> gx(kRows, n), gy(kRows, n);
    for (int y = begin; y < end; y += kRows) {
      const int stop = std::min(end, y + kRows);
      derivative_rows<a, b>(image, y, stop, p.border, value, gx[0], gy[0], static_cast<ptrdiff_t>(n));
      for (int row = y; row < stop; ++row) norms(gx[row - y], gy[row - y], out.ptr<float>(row), n);
    }
  });
}

#define ASSAY_DERIVATIVE(a, b)                                                                             \
  template void derivative_rows<a, b>(const cv::Mat&, int, int, Border, float, float*, float*, ptrdiff_t); \
  template void differentiate<a, b>(const SobelParams&, const cv::Mat&, cv::Mat&, const Context&);
ASSAY_DERIVATIVE(1, 2)
ASSAY_DERIVATIVE(3, 10)
ASSAY_DERIVATIVE(1, 1)
template void derivative_rows<1, 2>(const cv::Mat&, int, int, Border, double, double*, double*, ptrdiff_t);
#undef ASSAY_DERIVATIVE

}  // namespace assay
