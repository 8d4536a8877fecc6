#include "assay/imgproc/filter/border.h"

#include <algorithm>

#include "assay/imgproc/filter/border_kernels.h"

namespace assay {

int border_index(int i, int n, Border border) {
  if (i >= 0 && i < n) return i;
  const auto modulo = [](int a, int m) { return ((a % m) + m) % m; };
  switch (border) {
    case Border::constant:
      return -1;
    case Border::replicate:
      return i < 0 ? 0 : n - 1;
    case Border::wrap:
      return modulo(i, n);
    // Most places are inside once they are mirrored, without a division.
    case Border::reflect: {
      const int once = i < 0 ? -1 - i : 2 * n - 1 - i;
      if (once >= 0 && once < n) return once;
      const int j = modulo(i, 2 * n);
      return j < n ? j : 2 * n - 1 - j;
    }
    case Border::reflect101: {
      if (n == 1) return 0;
      const int once = i < 0 ? -i : 2 * n - 2 - i;
      if (once >= 0 && once < n) return once;
      const int j = modulo(i, 2 * n - 2);
      return j < n ? j : 2 * n - 2 - j;
    }
  }
  return -1;
}

namespace {

template <class T, class Real>
void pad(const T* row, int width, int channels, int first, int last, int reach, Border border, Real value, Real* out) {
  const int begin = first - reach, end = last + reach;
  const auto outside = [&](int x) {
    const int from = border_index(x, width, border);
    Real* to = out + static_cast<ptrdiff_t>(x - begin) * channels;
    for (int c = 0; c < channels; ++c)
      to[c] = from < 0 ? value : static_cast<Real>(row[static_cast<ptrdiff_t>(from) * channels + c]);
  };
  const int inner_begin = std::clamp(0, begin, end), inner_end = std::clamp(width, inner_begin, end);
  for (int x = begin; x < inner_begin; ++x) outside(x);
  copy_values(row + static_cast<ptrdiff_t>(inner_begin) * channels,
              out + static_cast<ptrdiff_t>(inner_begin - begin) * channels,
              static_cast<ptrdiff_t>(inner_end - inner_begin) * channels);
  for (int x = inner_end; x < end; ++x) outside(x);
}

}  // namespace

template <class Real>
void padded_row(const cv::Mat& image, int y, int first, int last, int reach, Border border, Real value, Real* out) {
  const int channels = image.channels();
  const int from = border_index(y, image.rows, border);
  if (from < 0) {
    std::fill_n(out, static_cast<ptrdiff_t>(last - first + 2 * reach) * channels, value);
    return;
  }
  switch (image.depth()) {
    case CV_8U:
      return pad(image.ptr<uint8_t>(from), image.cols, channels, first, last, reach, border, value, out);
    case CV_16U:
      return pad(image.ptr<uint16_t>(from), image.cols, channels, first, last, reach, border, value, out);
    default:
      return pad(image.ptr<float>(from), image.cols, channels, first, last, reach, border, value, out);
  }
}

template void padded_row(const cv::Mat&, int, int, int, int, Border, uint8_t, uint8_t*);
template void padded_row(const cv::Mat&, int, int, int, int, Border, uint16_t, uint16_t*);
template void padded_row(const cv::Mat&, int, int, int, int, Border, float, float*);
template void padded_row(const cv::Mat&, int, int, int, int, Border, double, double*);

}  // namespace assay
