// imgproc/edge/sobel.cpp
// Notation   f picture;  s_x, s_y: f smoothed by (1 2 1) along x, along y
// Method     gx = difference along x of s_y;  gy = difference along y of s_x. Both take the same two steps in the same
//            order, so that a transposed picture gives the transposed gradient bit for bit
// Departures from the textbook: none

#include "assay/imgproc/edge/sobel.h"

#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"

namespace assay {

namespace {

// out[i] = (before[i] + after[i]) + 2 centre[i]
template <class Real>
void smooth_121(const Real* before, const Real* centre, const Real* after, Real* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = (before[i] + after[i]) + 2 * centre[i];
}

template <class Real>
void difference(const Real* before, const Real* after, Real* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = after[i] - before[i];
}

template <class Real>
void norm(const Real* gx, const Real* gy, Real* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = std::sqrt(gx[i] * gx[i] + gy[i] * gy[i]);
}

}  // namespace

template <class Real>
void sobel_rows(const cv::Mat& image, int begin, int end, Border border, Real value, Real* gx, Real* gy,
                ptrdiff_t stride) {
  const int channels = image.channels();
  const ptrdiff_t n = static_cast<ptrdiff_t>(image.cols) * channels, padded = n + 2 * channels;
  cv::Mat_<Real> rows(3, static_cast<int>(padded));      // ring of f, one pixel wider on each side
  cv::Mat_<Real> smoothed(3, static_cast<int>(padded));  // ring of s_x
  cv::Mat_<Real> column(1, static_cast<int>(padded));    // s_y of one row
  const auto slot = [](int y) { return (y + 3) % 3; };   // y >= -1
  const auto read = [&](int y) {
    Real* f = rows[slot(y)];
    padded_row(image, y, 0, image.cols, 1, border, value, f);
    if (gy) smooth_121(f, f + channels, f + 2 * channels, smoothed[slot(y)], n);
  };
  read(begin - 1);
  read(begin);
  for (int y = begin; y < end; ++y) {
    read(y + 1);
    const ptrdiff_t to = (y - begin) * stride;
    if (gx) {
      smooth_121<Real>(rows[slot(y - 1)], rows[slot(y)], rows[slot(y + 1)], column[0], padded);
      difference<Real>(column[0], column[0] + 2 * channels, gx + to, n);
    }
    if (gy) difference<Real>(smoothed[slot(y - 1)], smoothed[slot(y + 1)], gy + to, n);
  }
}

template void sobel_rows(const cv::Mat&, int, int, Border, float, float*, float*, ptrdiff_t);
template void sobel_rows(const cv::Mat&, int, int, Border, double, double*, double*, ptrdiff_t);

void Sobel::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), CV_32FC(image.channels()));
  const int n = image.cols * image.channels();
  parallel_for(ctx.threads, image.rows, 64, [&](Index from, Index to) {
    const int begin = static_cast<int>(from), end = static_cast<int>(to);
    const float value = static_cast<float>(p.value);
    float* first = out.ptr<float>(begin);
    const ptrdiff_t stride = static_cast<ptrdiff_t>(out.step1());
    if (p.direction == Direction::x)
      return sobel_rows<float>(image, begin, end, p.border, value, first, nullptr, stride);
    if (p.direction == Direction::y)
      return sobel_rows<float>(image, begin, end, p.border, value, nullptr, first, stride);
    constexpr int kRows = 16;  // both derivatives of these stay in cache
    cv::Mat_<float> gx(kRows, n), gy(kRows, n);
    for (int y = begin; y < end; y += kRows) {
      const int stop = std::min(end, y + kRows);
      sobel_rows(image, y, stop, p.border, value, gx[0], gy[0], static_cast<ptrdiff_t>(gx.step1()));
      for (int row = y; row < stop; ++row) norm<float>(gx[row - y], gy[row - y], out.ptr<float>(row), n);
    }
  });
}

}  // namespace assay
