#include "assay/imgproc/filter/integral.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/error.h"
#include "assay/imgproc/filter/integral_kernels.h"
#include "assay/imgproc/op.h"

namespace assay {

namespace {

// The first row and the first pixel of every row are zeros.
void make_sums(const cv::Mat& image, int depth, cv::Mat& sums) {
  check_image("an integral image", {}, image);
  if (detail::shares_memory(image, sums)) sums = cv::Mat();
  const int channels = image.channels();
  sums.create(image.rows + 1, image.cols + 1, CV_MAKETYPE(depth, channels));
  sums.row(0).setTo(0);
  for (int y = 1; y <= image.rows; ++y) std::memset(sums.ptr(y), 0, sums.elemSize());
}

// Whether all running sums of a row of such values are below 2^31.
bool row_fits(const cv::Mat& image, double largest) {
  return image.cols * largest <= std::numeric_limits<int32_t>::max();
}

template <class Sum, class T, class Values>
void sum_whole_numbers(const cv::Mat& image, cv::Mat& sums, Values&& values) {
  const int channels = image.channels();
  const ptrdiff_t n = static_cast<ptrdiff_t>(image.cols) * channels;
  for (int y = 0; y < image.rows; ++y) {
    const T* row = values(y);
    integrate_row(row, n, channels, sums.ptr<Sum>(y) + channels, sums.ptr<Sum>(y + 1) + channels);
  }
}

template <bool squares, class T>
void sum_reals(const cv::Mat& image, cv::Mat& sums) {
  const int channels = image.channels();
  const ptrdiff_t n = static_cast<ptrdiff_t>(image.cols) * channels;
  std::vector<double> beyond(static_cast<size_t>(n));  // rows below the last of the picture
  for (int y = 0; y < image.rows; y += kRowsAtOnce) {
    const T* from[kRowsAtOnce];
    double* here[kRowsAtOnce];
    for (int r = 0; r < kRowsAtOnce; ++r) {
      const bool inside = y + r < image.rows;
      from[r] = image.ptr<T>(inside ? y + r : y);
      here[r] = inside ? sums.ptr<double>(y + r + 1) + channels : beyond.data();
    }
    integrate_rows<squares>(from, n, channels, sums.ptr<double>(y) + channels, here);
  }
}

template <class Sum>
void sum_bytes(const cv::Mat& image, cv::Mat& sums) {
  sum_whole_numbers<Sum, uint8_t>(image, sums, [&](int y) { return image.ptr<uint8_t>(y); });
}

}  // namespace

void integral_image(const cv::Mat& image, cv::Mat& sums, SumDepth depth) {
  make_sums(image, depth == SumDepth::s32 ? CV_32S : CV_64F, sums);
  if (depth == SumDepth::s32) {
    if (image.depth() != CV_8U || image.total() > std::numeric_limits<int32_t>::max() / 255)
      throw DataError("sums of 32 bits are for 8-bit pictures of at most 8421504 pixels, this one is of OpenCV type " +
                          cv::typeToString(image.type()) + " and has " + std::to_string(image.total()),
                      "SumDepth::f64");
    return sum_bytes<int32_t>(image, sums);
  }
  if (image.depth() == CV_32F) return sum_reals<false, float>(image, sums);
  if (image.depth() == CV_8U)
    return row_fits(image, 255) ? sum_bytes<double>(image, sums) : sum_reals<false, uint8_t>(image, sums);
  if (!row_fits(image, 65535)) return sum_reals<false, uint16_t>(image, sums);
  sum_whole_numbers<double, uint16_t>(image, sums, [&](int y) { return image.ptr<uint16_t>(y); });
}

cv::Mat integral_image(const cv::Mat& image) {
  cv::Mat sums;
  integral_image(image, sums);
  return sums;
}

void integral_of_squares(const cv::Mat& image, cv::Mat& sums) {
  make_sums(image, CV_64F, sums);
  if (image.depth() == CV_32F) return sum_reals<true, float>(image, sums);
  if (image.depth() == CV_16U) return sum_reals<true, uint16_t>(image, sums);
  if (!row_fits(image, 255 * 255)) return sum_reals<true, uint8_t>(image, sums);
  std::vector<uint16_t> row(static_cast<size_t>(image.cols) * static_cast<size_t>(image.channels()));
  sum_whole_numbers<double, uint16_t>(image, sums, [&](int y) {
    square_bytes(image.ptr<uint8_t>(y), static_cast<ptrdiff_t>(row.size()), row.data());
    return row.data();
  });
}

cv::Mat box_by_integral(const cv::Mat& image, int width, int height, Border border, double value) {
  const int channels = image.channels(), rows = image.rows + height - 1, columns = image.cols + width - 1;
  const int reach = std::max(width, height);
  cv::Mat padded(rows, columns, CV_64FC(channels));
  cv::Mat_<double> row(1, (image.cols + 2 * reach) * channels);
  for (int y = 0; y < rows; ++y) {
    padded_row(image, y - height / 2, 0, image.cols, reach, border, value, row[0]);
    std::copy_n(row[0] + (reach - width / 2) * channels, columns * channels, padded.ptr<double>(y));
  }
  // an integral image of reals: sums of a padded picture
  cv::Mat sums(rows + 1, columns + 1, CV_64FC(channels), cv::Scalar::all(0));
  for (int y = 0; y < rows; ++y)
    for (int i = 0; i < columns * channels; ++i) {
      const double *above = sums.ptr<double>(y), *from = padded.ptr<double>(y);
      double* here = sums.ptr<double>(y + 1);
      here[i + channels] = from[i] + here[i] + above[i + channels] - above[i];
    }
  cv::Mat out(image.size(), CV_64FC(channels));
  const double area = static_cast<double>(width) * height;
  for (int y = 0; y < image.rows; ++y) {
    const double *top = sums.ptr<double>(y), *bottom = sums.ptr<double>(y + height);
    double* to = out.ptr<double>(y);
    for (int i = 0; i < image.cols * channels; ++i) {
      const int right = i + width * channels;
      to[i] = (bottom[right] - bottom[i] - top[right] + top[i]) / area;
    }
  }
  return out;
}

}  // namespace assay
