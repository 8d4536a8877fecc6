// imgproc/filter/gaussian_bytes.cpp
// Notation   r radius;  n values of a row (all channels)
// Method     four rows of the result at a time:  1 2r + 4 rows of the picture are summed down the columns, to four rows of
//            sums   2 these get r pixels of border on each side   3 and are summed along, to bytes. All sums are exact

#include "assay/imgproc/filter/gaussian_bytes.h"

#include <algorithm>
#include <opencv2/core.hpp>

#include "assay/imgproc/filter/gaussian_bytes_kernels.h"

namespace assay {

namespace {

class Band {
 public:
  Band(const cv::Mat& image, const std::vector<int>& w, Border border, uint8_t value)
      : image_(image),
        w_(w),
        border_(border),
        channels_(image.channels()),
        n_(static_cast<ptrdiff_t>(image.cols) * channels_),
        wide_(std::max(n_, kByteTile)),
        margin_(static_cast<ptrdiff_t>(w_.radius()) * channels_),
        outside_(1, static_cast<int>(wide_), value),
        outside_sum_(static_cast<int16_t>(256 * (value - 128))),
        rows_(static_cast<size_t>(2 * w_.radius() + kByteRows)),
        narrow_(n_ < wide_ ? static_cast<int>(rows_.size()) : 0, static_cast<int>(wide_), uint8_t{0}),
        sums_(kByteRows, static_cast<int>(wide_ + 2 * margin_) + 32, int16_t{0}),
        result_(1, static_cast<int>(wide_)) {
    for (int x = -w_.radius(); x < 0; ++x) {
      before_.push_back(border_index(x, image.cols, border));
      after_.push_back(border_index(image.cols + x + w_.radius(), image.cols, border));
    }
  }

  void filter(int begin, int end, cv::Mat& out) {
    for (int y = begin; y < end; y += kByteRows) {
      find_rows(y - w_.radius());
      sum_bytes_down_columns(rows_.data(), wide_, w_, sums_[0] + margin_, static_cast<ptrdiff_t>(sums_.step1()));
      for (int j = 0; j < std::min(kByteRows, end - y); ++j) {
        add_border(sums_[j]);
        uint8_t* to = n_ < wide_ ? result_[0] : out.ptr<uint8_t>(y + j);
        sum_words_along_row(sums_[j], wide_, channels_, w_, to);
        if (n_ < wide_) std::copy_n(to, n_, out.ptr<uint8_t>(y + j));
      }
    }
  }

 private:
  // The rows of the picture from y on; narrow ones are copied to where more may be read.
  void find_rows(int y) {
    for (size_t i = 0; i < rows_.size(); ++i) {
      const int row = border_index(y + static_cast<int>(i), image_.rows, border_);
      rows_[i] = row < 0 ? outside_[0] : image_.ptr<uint8_t>(row);
      if (n_ == wide_) continue;
      std::copy_n(rows_[i], n_, narrow_[static_cast<int>(i)]);
      rows_[i] = narrow_[static_cast<int>(i)];
    }
  }

  // Sums of the columns beyond the edge are those of the columns that stand there.
  void add_border(int16_t* sums) const {
    const int16_t* inside = sums + margin_;
    const auto add = [&](const std::vector<int>& from, int16_t* to) {
      for (int x : from)
        for (int c = 0; c < channels_; ++c) *to++ = x < 0 ? outside_sum_ : inside[x * channels_ + c];
    };
    add(before_, sums);
    add(after_, sums + margin_ + n_);
  }

  const cv::Mat& image_;
  ByteWeights w_;
  Border border_;
  int channels_;
  ptrdiff_t n_, wide_, margin_;
  cv::Mat_<uint8_t> outside_;  // a row of a constant border
  int16_t outside_sum_;
  std::vector<const uint8_t*> rows_;
  cv::Mat_<uint8_t> narrow_;
  cv::Mat_<int16_t> sums_;
  cv::Mat_<uint8_t> result_;
  std::vector<int> before_, after_;  // the columns that stand beyond the edges
};

}  // namespace

void gaussian_bytes(const cv::Mat& image, const std::vector<int>& w, Border border, uint8_t value, int begin, int end,
                    cv::Mat& out) {
  Band(image, w, border, value).filter(begin, end, out);
}

}  // namespace assay
