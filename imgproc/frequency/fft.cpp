// imgproc/frequency/fft.cpp
// Notation   w = exp(-2 pi i / n);  chirp c_k = exp(-pi i k^2 / n)
// Method     n a power of two: values in bit-reversed order, then log2 n passes of butterflies (a, b) -> (a + w^j b, a - w^j b)
//            other n: k x = (k^2 + x^2 - (k - x)^2) / 2, so F = c (c f convolved with 1 / c): two transforms of length
//            m >= 2 n - 1, a power of two
// Departures from the papers: none. k^2 is taken modulo 2 n before the angle is formed, so that large n keeps its accuracy

#include "assay/imgproc/frequency/fft.h"

#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"

namespace assay {

namespace {

std::complex<double> turn(int64_t k, int64_t n) {  // exp(-2 pi i k / n)
  const double angle = -2 * CV_PI * static_cast<double>(k) / static_cast<double>(n);
  return {std::cos(angle), std::sin(angle)};
}

// Plain products: the library's check for infinities, which never occur here, costs more than they do.
std::complex<double> times(std::complex<double> a, std::complex<double> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

}  // namespace

Fft::Fft(int n) : n_(n) {
  if ((n & (n - 1)) == 0) {
    for (int k = 0; k < n / 2; ++k) turns_.push_back(turn(k, n));
    reversed_.assign(static_cast<size_t>(n), 0);
    for (int k = 1; k < n; ++k)
      reversed_[static_cast<size_t>(k)] = reversed_[static_cast<size_t>(k / 2)] / 2 + (k % 2 ? n / 2 : 0);
    return;
  }
  int m = 1;
  while (m < 2 * n - 1) m *= 2;
  longer_ = std::make_unique<Fft>(m);
  for (int64_t k = 0; k < n; ++k) chirp_.push_back(turn(k * k % (2 * int64_t{n}), 2 * int64_t{n}));
  kernel_.assign(static_cast<size_t>(m), 0);
  for (int k = 0; k < n; ++k) {
    const Complex c = std::conj(chirp_[static_cast<size_t>(k)]);
    kernel_[static_cast<size_t>(k)] = c;
    if (k > 0) kernel_[static_cast<size_t>(m - k)] = c;
  }
  longer_->forward(kernel_.data());
}

void Fft::powers_of_two(Complex* values) const {
  for (int k = 0; k < n_; ++k)
    if (reversed_[static_cast<size_t>(k)] > k) std::swap(values[k], values[reversed_[static_cast<size_t>(k)]]);
  for (int half = 1; half < n_; half *= 2) {
    const int stride = n_ / (2 * half);
    for (int begin = 0; begin < n_; begin += 2 * half)
      for (int j = 0; j < half; ++j) {
        Complex &a = values[begin + j], &b = values[begin + j + half];
        const Complex turned = times(turns_[static_cast<size_t>(j) * static_cast<size_t>(stride)], b);
        b = a - turned;
        a += turned;
      }
  }
}

void Fft::bluestein(Complex* values) const {
  std::vector<Complex> work(kernel_.size(), 0);
  for (int k = 0; k < n_; ++k) work[static_cast<size_t>(k)] = times(values[k], chirp_[static_cast<size_t>(k)]);
  longer_->forward(work.data());
  for (size_t k = 0; k < work.size(); ++k) work[k] = times(work[k], kernel_[k]);
  longer_->inverse(work.data());
  for (int k = 0; k < n_; ++k) values[k] = times(work[static_cast<size_t>(k)], chirp_[static_cast<size_t>(k)]);
}

void Fft::forward(Complex* values) const {
  if (longer_)
    bluestein(values);
  else
    powers_of_two(values);
}

void Fft::inverse(Complex* values) const {  // the conjugate of the transform of the conjugate
  for (int k = 0; k < n_; ++k) values[k] = std::conj(values[k]);
  forward(values);
  for (int k = 0; k < n_; ++k) values[k] = std::conj(values[k]) / static_cast<double>(n_);
}

void fft_2d(cv::Mat& values, bool inverse, int threads) {
  const Fft rows(values.cols), columns(values.rows);
  parallel_for(threads, values.rows, 8, [&](Index begin, Index end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      auto* row = reinterpret_cast<Fft::Complex*>(values.ptr<double>(y));
      inverse ? rows.inverse(row) : rows.forward(row);
    }
  });
  constexpr int kTogether = 8;  // columns read at once: a cache line holds four values
  parallel_for(threads, (values.cols + kTogether - 1) / kTogether, 1, [&](Index begin, Index end) {
    std::vector<Fft::Complex> work(static_cast<size_t>(kTogether) * static_cast<size_t>(values.rows));
    const auto height = static_cast<ptrdiff_t>(values.rows);
    for (int group = static_cast<int>(begin); group < end; ++group) {
      const int x0 = group * kTogether, n = std::min(kTogether, values.cols - x0);
      for (int y = 0; y < values.rows; ++y)
        for (int i = 0; i < n; ++i)
          work[static_cast<size_t>(i * height + y)] =
              reinterpret_cast<const Fft::Complex*>(values.ptr<double>(y))[x0 + i];
      for (int i = 0; i < n; ++i)
        inverse ? columns.inverse(work.data() + i * height) : columns.forward(work.data() + i * height);
      for (int y = 0; y < values.rows; ++y)
        for (int i = 0; i < n; ++i)
          reinterpret_cast<Fft::Complex*>(values.ptr<double>(y))[x0 + i] = work[static_cast<size_t>(i * height + y)];
    }
  });
}

}  // namespace assay
