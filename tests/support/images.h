// Pictures for tests: random ones of any depth, motions of the pixel grid, and comparisons.
#pragma once
#include <cmath>
#include <cstring>
#include <functional>
#include <opencv2/core.hpp>
#include <utility>
#include <vector>

#include "assay/core/rng.h"

namespace assay::test {

/// Values over the whole scale of the depth (f32: 0..1), some of them at its ends, some equal to their neighbour.
inline cv::Mat random_image(int rows, int cols, int type, uint64_t seed = 1) {
  Rng rng(seed, 77);
  cv::Mat image(rows, cols, type);
  const int n = cols * image.channels();
  for (int y = 0; y < rows; ++y)
    for (int i = 0; i < n; ++i) {
      double u = rng.uniform();
      if (rng.below(16) == 0) u = rng.below(2) ? 1.0 : 0.0;
      if (image.depth() == CV_8U) image.ptr<uint8_t>(y)[i] = static_cast<uint8_t>(std::lround(255 * u));
      if (image.depth() == CV_16U) image.ptr<uint16_t>(y)[i] = static_cast<uint16_t>(std::lround(65535 * u));
      if (image.depth() == CV_32F) image.ptr<float>(y)[i] = static_cast<float>(u);
    }
  return image;
}

/// A picture with structure: soft blobs, straight edges and a little noise.
inline cv::Mat scene(int rows, int cols, int type = CV_8U, uint64_t seed = 1) {
  Rng rng(seed, 78);
  cv::Mat image(rows, cols, type);
  const double scale = image.depth() == CV_8U ? 255 : image.depth() == CV_16U ? 65535 : 1;
  const int channels = image.channels();
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x)
      for (int c = 0; c < channels; ++c) {
        double v = 0.35 + 0.25 * std::sin(x * 0.21 + c) * std::cos(y * 0.17);
        if (x + 2 * y > 60 && x - y < 20) v += 0.3;
        v = std::min(1.0, std::max(0.0, v + 0.02 * rng.normal()));
        const int i = x * channels + c;
        if (image.depth() == CV_8U) image.ptr<uint8_t>(y)[i] = static_cast<uint8_t>(std::lround(v * scale));
        if (image.depth() == CV_16U) image.ptr<uint16_t>(y)[i] = static_cast<uint16_t>(std::lround(v * scale));
        if (image.depth() == CV_32F) image.ptr<float>(y)[i] = static_cast<float>(v);
      }
  return image;
}

inline cv::Mat flip_lr(const cv::Mat& m) {
  cv::Mat out;
  cv::flip(m, out, 1);
  return out;
}
inline cv::Mat flip_ud(const cv::Mat& m) {
  cv::Mat out;
  cv::flip(m, out, 0);
  return out;
}
inline cv::Mat rotate_90(const cv::Mat& m) {
  cv::Mat out;
  cv::rotate(m, out, cv::ROTATE_90_CLOCKWISE);
  return out;
}
inline cv::Mat transposed(const cv::Mat& m) {
  cv::Mat out;
  cv::transpose(m, out);
  return out;
}

/// The same picture as a view into a larger one (rows further apart than they are long).
inline cv::Mat strided(const cv::Mat& m) {
  cv::Mat big(m.rows + 3, m.cols + 5, m.type(), cv::Scalar::all(123));
  cv::Mat view = big(cv::Rect(2, 1, m.cols, m.rows));
  m.copyTo(view);
  return view;
}

inline bool same_pixels(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() != b.size() || a.type() != b.type()) return false;
  for (int y = 0; y < a.rows; ++y)
    if (std::memcmp(a.ptr(y), b.ptr(y), static_cast<size_t>(a.cols) * a.elemSize()) != 0) return false;
  return true;
}

/// Value of channel c as a double, whatever the depth.
inline double value_at(const cv::Mat& m, int y, int x, int c = 0) {
  const int i = x * m.channels() + c;
  switch (m.depth()) {
    case CV_8U:
      return m.ptr<uint8_t>(y)[i];
    case CV_16U:
      return m.ptr<uint16_t>(y)[i];
    case CV_32F:
      return static_cast<double>(m.ptr<float>(y)[i]);
    default:
      return m.ptr<double>(y)[i];
  }
}

inline double largest_difference(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() != b.size() || a.channels() != b.channels()) return INFINITY;
  double largest = 0;
  for (int y = 0; y < a.rows; ++y)
    for (int x = 0; x < a.cols; ++x)
      for (int c = 0; c < a.channels(); ++c) {
        const double d = std::abs(value_at(a, y, x, c) - value_at(b, y, x, c));
        if (!(d <= largest)) largest = d;  // NaN sticks
      }
  return largest;
}

}  // namespace assay::test
