// imgproc/geometry/crop.cpp
// Method     crop: rows are copied.  pad: each row of the result is a row of the picture (or none) between two margins
// Departures from the textbook: none.

#include "assay/imgproc/geometry/crop.h"

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/core/text.h"
#include "assay/imgproc/geometry/pixels_internal.h"
#include "assay/imgproc/geometry/reverse_kernels.h"
#include "assay/imgproc/geometry/size.h"

namespace assay {

namespace {

constexpr int kBand = 128;

// A pixel whose channels all hold `value`, as far as the depth can.
std::vector<uchar> constant_pixel(const cv::Mat& image, double value) {
  std::vector<uchar> pixel(image.elemSize());
  for (int c = 0; c < image.channels(); ++c) {
    uchar* to = pixel.data() + static_cast<size_t>(c) * image.elemSize1();
    const double whole = std::nearbyint(std::min(std::max(value, 0.0), full_scale(image)));
    if (image.depth() == CV_8U) {
      *to = static_cast<uint8_t>(whole);
    } else if (image.depth() == CV_16U) {
      const auto v = static_cast<uint16_t>(whole);
      std::memcpy(to, &v, sizeof v);
    } else {
      const auto v = static_cast<float>(value);
      std::memcpy(to, &v, sizeof v);
    }
  }
  return pixel;
}

// A mirrored margin is a piece of the row backwards.
template <class Pixel>
void mirror_margins(const Pixel* row, int n, int left, int right, int skip, Pixel* to) {
  const auto backwards = [](const Pixel* piece, int count, Pixel* margin) {
    reverse_pixels(reinterpret_cast<const uint8_t*>(piece), reinterpret_cast<uint8_t*>(margin), count, sizeof(Pixel));
  };
  backwards(row + skip, left, to);
  backwards(row + n - skip - right, right, to + left + n);
}

// `margins`: the columns that the left margin is made of, then those of the right one. `next`: the row that is written next.
// `constant`: a row of the result that is nothing else.
template <class Pixel>
void pad_row(const cv::Mat& image, int from, const std::vector<int>& margins, Border border,
             const std::vector<Pixel>& constant, int left, Pixel* to, const uchar* next) {
  const int n = static_cast<int>(margins.size()), right = n - left;
  if (from < 0) return static_cast<void>(std::copy(constant.begin(), constant.end(), to));
  const auto* row = image.ptr<Pixel>(from);
  Pixel* behind = to + left + image.cols;
  if (border == Border::constant) {
    std::copy_n(constant.data(), left, to);
    std::copy_n(constant.data(), right, behind);
  } else if (border == Border::replicate) {
    std::fill_n(to, left, row[0]);
    std::fill_n(behind, right, row[image.cols - 1]);
  } else if (const int skip = border == Border::reflect101 ? 1 : 0;
             (skip || border == Border::reflect) && std::max(left, right) + skip <= image.cols) {
    mirror_margins(row, image.cols, left, right, skip, to);
  } else {
    for (int x = 0; x < left; ++x) to[x] = row[margins[static_cast<size_t>(x)]];
    for (int x = 0; x < right; ++x) behind[x] = row[margins[static_cast<size_t>(left + x)]];
  }
  const uchar* below = from + 1 < image.rows ? image.ptr(from + 1) : nullptr;
  copy_bytes(reinterpret_cast<const uint8_t*>(row), reinterpret_cast<uint8_t*>(to + left),
             image.cols * static_cast<ptrdiff_t>(sizeof(Pixel)), below, next);
}

}  // namespace

void Crop::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const int width = p.width.value_or(std::max(1, image.cols - p.x));
  const int height = p.height.value_or(std::max(1, image.rows - p.y));
  if (p.x > image.cols - width || p.y > image.rows - height)
    throw DataError("crop: the rectangle x " + std::to_string(p.x) + ", y " + std::to_string(p.y) + ", " +
                    std::to_string(width) + " x " + std::to_string(height) + " leaves the picture of " +
                    std::to_string(image.cols) + " x " + std::to_string(image.rows));
  out.create(height, width, image.type());
  parallel_for(ctx.threads, height, kBand, [&](Index begin, Index end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      std::memcpy(out.ptr(y), image.ptr(p.y + y) + static_cast<size_t>(p.x) * image.elemSize(),
                  static_cast<size_t>(width) * image.elemSize());
  });
}

void Pad::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const cv::Size size = output_size("pad", static_cast<double>(image.cols) + p.left + p.right,
                                    static_cast<double>(image.rows) + p.top + p.bottom);
  out.create(size, image.type());
  std::vector<int> margins;
  for (int x = -p.left; x < 0; ++x) margins.push_back(border_index(x, image.cols, p.border));
  for (int x = 0; x < p.right; ++x) margins.push_back(border_index(image.cols + x, image.cols, p.border));
  const std::vector<uchar> constant = constant_pixel(image, p.value);
  detail::with_pixel(image.elemSize(), [&](auto pixel) {
    using Pixel = decltype(pixel);
    std::memcpy(&pixel, constant.data(), sizeof pixel);
    const std::vector<Pixel> constant_row(p.border == Border::constant ? static_cast<size_t>(size.width) : 0, pixel);
    parallel_for(ctx.threads, size.height, kBand, [&](Index begin, Index end) {
      for (int y = static_cast<int>(begin); y < end; ++y)
        pad_row<Pixel>(image, border_index(y - p.top, image.rows, p.border), margins, p.border, constant_row, p.left,
                       out.ptr<Pixel>(y), y + 1 < size.height ? out.ptr(y + 1) : nullptr);
    });
  });
}

}  // namespace assay
