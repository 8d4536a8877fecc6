// imgproc/frequency/real_fft.cpp
// Notation   a, b: two real rows;  z = a + i b;  A, B, Z their transforms;  n: length of a row
// Method     1 A(k) = (Z(k) + conj Z(n - k)) / 2,  B(k) = (Z(k) - conj Z(n - k)) / 2 i: eight rows are four transforms, a lane each
//            2 blocks of four values of four rows are turned, so that a vector holds four columns of a row   3 columns
//            Back: columns; Z = A + i B for k <= n / 2, conj A + i conj B beyond; rows
// Departures from the textbook: none

#include "assay/imgproc/frequency/real_fft.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/frequency/fft_kernels.h"

namespace assay {

namespace {

using Value = ComplexOf<Four>;
constexpr int kLanes = 4, kRows = 2 * kLanes;  // rows done together

template <class T>
inline Four four_at(const T* from) {
  typedef T Values __attribute__((vector_size(kLanes * sizeof(T)), aligned(sizeof(T)), may_alias));
  return __builtin_convertvector(*reinterpret_cast<const Values*>(from), Four);
}

// Row r is lane r / 2 of the real (r even) or imaginary parts; all of them at a place are written together.
template <class T>
void read_rows(const cv::Mat& image, int channel, int y0, int rows, double* to, int n) {
  const T* from[kRows];
  for (int r = 0; r < kRows; ++r)
    from[r] = image.ptr<T>(border_index(y0 + std::min(r, rows - 1), image.rows, Border::reflect)) + channel;
  const ptrdiff_t stride = image.channels();
  int x = 0;
  if (stride == 1 && rows == kRows)
    for (auto* four = reinterpret_cast<Value*>(to); x + kLanes <= image.cols; x += kLanes) {
      Four part[2][kLanes];
      for (int r = 0; r < kRows; ++r) part[r % 2][r / 2] = four_at(from[r] + x);
      transpose(part[0]);
      transpose(part[1]);
      for (int i = 0; i < kLanes; ++i) four[x + i] = {part[0][i], part[1][i]};
    }
  for (; x < image.cols; ++x)
    for (int r = 0; r < kRows; ++r)
      to[8 * x + r % 2 * kLanes + r / 2] = r < rows ? static_cast<double>(from[r][x * stride]) : 0;
  for (; x < n; ++x) std::copy_n(to + 8 * (2 * image.cols - 1 - x), 8, to + 8 * x);
}

void read_rows(const cv::Mat& image, int channel, int y0, int rows, double* to, int n) {
  if (image.depth() == CV_8U)
    read_rows<uint8_t>(image, channel, y0, rows, to, n);
  else if (image.depth() == CV_16U)
    read_rows<uint16_t>(image, channel, y0, rows, to, n);
  else
    read_rows<float>(image, channel, y0, rows, to, n);
}

// Of block b: `lanes` columns of `rows` rows.
[[gnu::always_inline]] inline void store_block(const Value* z, int n, int b, int lanes, int rows, Value* column) {
  Four re[2][kLanes] = {}, im[2][kLanes] = {};
#pragma GCC unroll 4
  for (int i = 0; i < lanes; ++i) {
    const int k = kLanes * b + i;
    const Value &p = z[k], &q = z[k == 0 ? 0 : n - k];
    re[0][i] = (p.re + q.re) * 0.5, im[0][i] = (p.im - q.im) * 0.5;
    re[1][i] = (p.im + q.im) * 0.5, im[1][i] = (q.re - p.re) * 0.5;
  }
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    transpose(re[half]);
    transpose(im[half]);
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) column[r] = {re[r % 2][r / 2], im[r % 2][r / 2]};
}

// Steps 1 and 2: rows y0 .. of the spectrum from z, their transforms two by two.
void store_rows(const Value* z, int y0, int rows, HalfSpectrum& spectrum) {
  const int n = spectrum.width();
  for (int b = 0; b < spectrum.blocks(); ++b) {
    if (b + 4 < spectrum.blocks())  // far from this one
      for (int r = 0; r < rows; ++r) __builtin_prefetch(spectrum.block(b + 4) + y0 + r, 1);
    const int lanes = std::min(kLanes, spectrum.columns() - kLanes * b);
    if (lanes == kLanes && rows == kRows)
      store_block(z, n, b, kLanes, kRows, spectrum.block(b) + y0);
    else
      store_block(z, n, b, lanes, rows, spectrum.block(b) + y0);
  }
}

// The way back.
void load_rows(const HalfSpectrum& spectrum, int y0, int rows, Value* z) {
  const int n = spectrum.width();
  for (int b = 0; b < spectrum.blocks(); ++b) {
    Four re[2][kLanes] = {}, im[2][kLanes] = {};
    const Value* column = spectrum.block(b) + y0;
    for (int r = 0; r < rows; ++r) re[r % 2][r / 2] = column[r].re, im[r % 2][r / 2] = column[r].im;
    for (int half = 0; half < 2; ++half) {
      transpose(re[half]);
      transpose(im[half]);
    }
    for (int i = 0; i < kLanes && kLanes * b + i < spectrum.columns(); ++i) {
      const int k = kLanes * b + i;
      z[k] = {re[0][i] - im[1][i], im[0][i] + re[1][i]};
      if (k > 0 && 2 * k < n) z[n - k] = {re[0][i] + im[1][i], re[1][i] - im[0][i]};
    }
  }
}

void transform_columns(const Fft& fft, HalfSpectrum& spectrum, bool inverse, int threads) {
  const int h = spectrum.height();
  const auto swap_parts = [h](Value* column) {  // turns the transform into h times its inverse
    for (int y = 0; y < h; ++y) std::swap(column[y].re, column[y].im);
  };
  parallel_for(threads, spectrum.blocks(), 8, [&](Index begin, Index end) {
    std::vector<Value> work(fft.work_size());
    for (int b = static_cast<int>(begin); b < end; ++b) {
      Value* column = spectrum.block(b);
      if (inverse) swap_parts(column);
      fft.forward(column, column, work.data());
      if (inverse) swap_parts(column);
    }
  });
}

}  // namespace

void forward_rows(const cv::Mat& image, int channel, HalfSpectrum& spectrum, int threads) {
  const int n = spectrum.width(), h = spectrum.height();
  const Fft along(n);
  parallel_for(threads, (h + kRows - 1) / kRows, 8, [&](Index begin, Index end) {
    std::vector<Value> z(static_cast<size_t>(n)), Z(z.size()), work(along.work_size());
    for (int group = static_cast<int>(begin); group < end; ++group) {
      const int y0 = group * kRows, rows = std::min(kRows, h - y0);
      read_rows(image, channel, y0, rows, reinterpret_cast<double*>(z.data()), n);
      along.forward(z.data(), Z.data(), work.data());
      store_rows(Z.data(), y0, rows, spectrum);  // 1, 2
    }
  });
}

void forward_2d(const cv::Mat& image, int channel, HalfSpectrum& spectrum, int threads) {
  forward_rows(image, channel, spectrum, threads);
  transform_columns(Fft(spectrum.height()), spectrum, false, threads);  // 3
}

void inverse_2d(HalfSpectrum& spectrum, cv::Mat_<double>& out, int threads) {
  const int n = spectrum.width(), h = spectrum.height();
  const Fft along(n), down(h);
  transform_columns(down, spectrum, true, threads);
  const double scale = 1 / (static_cast<double>(n) * h);
  parallel_for(threads, (out.rows + kRows - 1) / kRows, 8, [&](Index begin, Index end) {
    std::vector<Value> z(static_cast<size_t>(n)), work(along.work_size());
    for (int group = static_cast<int>(begin); group < end; ++group) {
      const int y0 = group * kRows, rows = std::min(kRows, out.rows - y0);
      load_rows(spectrum, y0, rows, z.data());
      for (Value& v : z) std::swap(v.re, v.im);
      along.forward(z.data(), z.data(), work.data());
      for (int r = 0; r < rows; ++r) {  // the parts are still swapped
        const double* from = reinterpret_cast<const double*>(z.data()) + (1 - r % 2) * kLanes + r / 2;
        double* to = out[y0 + r];
        for (int x = 0; x < out.cols; ++x) to[x] = from[8 * x] * scale;
      }
    }
  });
}

}  // namespace assay
