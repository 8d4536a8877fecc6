#include "assay/imgproc/filter/integral.h"

#include <opencv2/core.hpp>

namespace assay {

cv::Mat integral_image(const cv::Mat& image) {
  const int channels = image.channels();
  cv::Mat sums(image.rows + 1, image.cols + 1, CV_64FC(channels), cv::Scalar::all(0));
  cv::Mat_<double> row(1, image.cols * channels);
  for (int y = 0; y < image.rows; ++y) {
    padded_row<double>(image, y, 0, image.cols, 0, Border::replicate, 0, row[0]);
    const double* above = sums.ptr<double>(y);
    double* here = sums.ptr<double>(y + 1);
    for (int c = 0; c < channels; ++c) {
      double along = 0;
      for (int i = c; i < image.cols * channels; i += channels)
        here[i + channels] = above[i + channels] + (along += row(0, i));
    }
  }
  return sums;
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
