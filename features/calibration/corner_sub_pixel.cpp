// features/calibration/corner_sub_pixel.cpp
// Notation   q the corner;  g gradient at p, central differences of bilinear values;  w weight
// Method     1 values between the pixels, around q   2 moments sum w g g', sum w g g' p   3 q by solving the 2 x 2
//            system   4 again from the new q, until it moves less than the tolerance
// Departures from the paper: [Forstner1987] find q once, in a fixed window with equal weights, and judge the fit.

#include "assay/features/calibration/corner_sub_pixel.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/features/calibration/corner_sub_pixel_kernels.h"

namespace assay {

namespace {

void require(const cv::Mat& image, const SubPixelParams& p) {
  if (image.type() != CV_8U && image.type() != CV_32F)
    throw DataError("refine_corners takes a grey picture, u8 or f32");
  if (p.window < 1 || p.window > 60 || p.max_iter < 1 || !(p.tolerance >= 0))
    throw ParameterError("refine_corners: window must be in [1, 60], max-iter >= 1, tolerance >= 0");
}

std::vector<float> window_weights(int radius) {
  std::vector<float> w;
  for (int i = -radius; i <= radius; ++i)
    w.push_back(static_cast<float>(std::exp(-static_cast<double>(i * i) / (radius * radius))));
  return w;
}

// Steps 3 and 4 for one corner; moments_at(q) does 1 and 2.
template <class Moments>
cv::Point2d settle(const cv::Mat& image, const SubPixelParams& p, const cv::Point2d& start, Moments&& moments_at) {
  cv::Point2d q = start;
  for (int t = 0; t < p.max_iter; ++t) {
    const GradientMoments m = moments_at(q);
    const double det = m.xx * m.yy - m.xy * m.xy;
    if (!(std::abs(det) > 1e-30)) break;
    const cv::Point2d step((m.yy * m.px - m.xy * m.py) / det, (m.xx * m.py - m.xy * m.px) / det);
    q += step;
    if (!(q.x >= 0 && q.y >= 0 && q.x < image.cols && q.y < image.rows)) return start;
    if (step.dot(step) <= p.tolerance * p.tolerance) break;
  }
  const bool left = std::abs(q.x - start.x) > p.window || std::abs(q.y - start.y) > p.window;
  return left ? start : q;
}

// The window's pixels from the picture itself, or from a copy with the border's pixels repeated.
template <class T>
class WindowReader {
 public:
  WindowReader(const cv::Mat& image, int radius, int columns)
      : image_(image), radius_(radius), columns_(columns), copy_(2 * radius + 4, columns + 3) {}
  /// Top left pixel of the window around pixel (x, y); `stride` in pixels.
  const T* at(int x, int y, ptrdiff_t& stride) {
    const int x0 = x - radius_ - 1, y0 = y - radius_ - 1, height = 2 * radius_ + 4, width = columns_ + 3;
    if (x0 >= 0 && y0 >= 0 && x0 + width <= image_.cols && y0 + height <= image_.rows) {
      stride = static_cast<ptrdiff_t>(image_.step / sizeof(T));
      return image_.ptr<T>(y0) + x0;
    }
    for (int j = 0; j < height; ++j) {
      const T* from = image_.ptr<T>(std::clamp(y0 + j, 0, image_.rows - 1));
      for (int i = 0; i < width; ++i) copy_(j, i) = from[std::clamp(x0 + i, 0, image_.cols - 1)];
    }
    stride = width;
    return copy_[0];
  }

 private:
  const cv::Mat& image_;
  int radius_, columns_;
  cv::Mat_<T> copy_;
};

template <class T>
void refine_all(const cv::Mat& image, const SubPixelParams& p, std::vector<cv::Point2d>& corners) {
  const int r = p.window, columns = (2 * r + kSubPixelLanes) / kSubPixelLanes * kSubPixelLanes;
  const std::vector<float> w = window_weights(r);
  WindowReader<T> window(image, r, columns);
  for (cv::Point2d& corner : corners)
    corner = settle(image, p, corner, [&](const cv::Point2d& q) {
      const int x = static_cast<int>(std::floor(q.x)), y = static_cast<int>(std::floor(q.y));
      ptrdiff_t stride = 0;
      const T* pixels = window.at(x, y, stride);
      return gradient_moments(pixels, stride, static_cast<float>(q.x - x), static_cast<float>(q.y - y), r, columns,
                              w.data(), w.data());
    });
}

double bilinear(const cv::Mat& image, double x, double y) {
  const auto pixel = [&](int i, int j) {
    i = std::clamp(i, 0, image.cols - 1), j = std::clamp(j, 0, image.rows - 1);
    return image.depth() == CV_8U ? image.ptr<uint8_t>(j)[i] : static_cast<double>(image.ptr<float>(j)[i]);
  };
  const int x0 = static_cast<int>(std::floor(x)), y0 = static_cast<int>(std::floor(y));
  const double u = x - x0, v = y - y0;
  return (1 - v) * ((1 - u) * pixel(x0, y0) + u * pixel(x0 + 1, y0)) +
         v * ((1 - u) * pixel(x0, y0 + 1) + u * pixel(x0 + 1, y0 + 1));
}

}  // namespace

void refine_corners(const cv::Mat& image, const SubPixelParams& params, std::vector<cv::Point2d>& corners) {
  require(image, params);
  if (image.depth() == CV_8U)
    refine_all<uint8_t>(image, params, corners);
  else
    refine_all<float>(image, params, corners);
}

void refine_corners_plainly(const cv::Mat& image, const SubPixelParams& params, std::vector<cv::Point2d>& corners) {
  require(image, params);
  const int r = params.window;
  for (cv::Point2d& corner : corners)
    corner = settle(image, params, corner, [&](const cv::Point2d& q) {
      GradientMoments m{};
      for (int y = -r; y <= r; ++y)
        for (int x = -r; x <= r; ++x) {
          const double w = std::exp(-static_cast<double>(x * x + y * y) / (r * r));
          const double gx = bilinear(image, q.x + x + 1, q.y + y) - bilinear(image, q.x + x - 1, q.y + y);
          const double gy = bilinear(image, q.x + x, q.y + y + 1) - bilinear(image, q.x + x, q.y + y - 1);
          m.xx += w * gx * gx, m.xy += w * gx * gy, m.yy += w * gy * gy;
          m.px += w * (gx * gx * x + gx * gy * y), m.py += w * (gx * gy * x + gy * gy * y);
        }
      return m;
    });
}

}  // namespace assay
