// imgproc/filter/gaussian_direct_internal.h: the Gaussian of single values, in f64, which decides where faster sums cannot.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/filter/rounding_internal.h"

namespace assay {

/// w: w_0 .. w_r. Beyond a constant border stands `value`.
template <class T>
class DirectGaussian {
 public:
  DirectGaussian(const cv::Mat& image, const std::vector<double>& w, Border border, double value)
      : image_(image),
        border_(border),
        value_(value),
        r_(static_cast<int>(w.size()) - 1),
        reach_(static_cast<ptrdiff_t>(r_) * image.channels()),
        eights_((2 * reach_ + 8) / 8),
        rows_(static_cast<size_t>(2 * r_ + 1)),
        along_(static_cast<size_t>(8 * eights_), 0.0) {
    for (int i = -r_; i <= r_; ++i) {
      down_.push_back(w[static_cast<size_t>(std::abs(i))]);
      along_[static_cast<size_t>(reach_ + static_cast<ptrdiff_t>(i) * image.channels())] = down_.back();
    }
  }

  /// Value i of row y.
  double operator()(int y, ptrdiff_t i) {
    if (y != y_) find_rows(y);
    const ptrdiff_t n = static_cast<ptrdiff_t>(image_.cols) * image_.channels(), first = i - reach_;
    if (!all_rows_ || first < 0 || first + 8 * eights_ > n) return at_edge(i);
    rounding::Eight sums{};
    for (ptrdiff_t e = 0; e < 8 * eights_; e += 8) {  // eight neighbours: down their columns first
      rounding::Eight columns{};
      for (size_t j = 0; j < down_.size(); ++j) rounding::add_eight<1>(columns, down_[j], rows_[j] + first + e);
      sums += columns * *reinterpret_cast<const SimdAnywhere<double, 8>*>(along_.data() + e);
    }
    double sum = 0;
    for (int k = 0; k < 8; ++k) sum += sums[k];
    return sum;
  }

 private:
  void find_rows(int y) {
    y_ = y;
    all_rows_ = true;
    for (int j = -r_; j <= r_; ++j) {
      const int row = border_index(y + j, image_.rows, border_);
      rows_[static_cast<size_t>(j + r_)] = row < 0 ? nullptr : image_.ptr<T>(row);
      all_rows_ &= row >= 0;
    }
  }
  double at_edge(ptrdiff_t i) const {
    const ptrdiff_t channels = image_.channels();
    const int x = static_cast<int>(i / channels);
    double sum = 0;
    for (int k = -r_; k <= r_; ++k) {
      const int inside = border_index(x + k, image_.cols, border_);
      const ptrdiff_t from = inside * channels + i % channels;
      double column = 0;
      for (size_t j = 0; j < down_.size(); ++j)
        column += down_[j] * (!rows_[j] || inside < 0 ? value_ : static_cast<double>(rows_[j][from]));
      sum += down_[static_cast<size_t>(k + r_)] * column;
    }
    return sum;
  }

  const cv::Mat& image_;
  Border border_;
  double value_;
  int r_;
  ptrdiff_t reach_, eights_;
  int y_ = -1;
  bool all_rows_ = false;
  std::vector<const T*> rows_;        // of the windows around row y_; null beyond a constant border
  std::vector<double> down_, along_;  // along: with zeros where other channels stand, filled up to whole eights
};

}  // namespace assay
