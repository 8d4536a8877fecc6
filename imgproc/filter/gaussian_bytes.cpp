// imgproc/filter/gaussian_bytes.cpp
// Notation   r radius;  n values of a row (all channels)
// Method     four rows of the result at a time:  1 2r + 4 rows of the picture are summed down the columns, to four rows of
//            sums   2 these get r pixels of border on each side   3 and are summed along, to bytes
//            With whole-number weights all sums are exact. With others they are known to a bound, and   4 what lies that close
//            to a half is decided by the direct sum

#include "assay/imgproc/filter/gaussian_bytes.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <type_traits>

#include "assay/imgproc/filter/gaussian_bytes_kernels.h"
#include "assay/imgproc/filter/gaussian_direct_internal.h"
#include "assay/imgproc/filter/gaussian_fixed_kernels.h"

namespace assay {

namespace {

// What step 1 makes of a column of one value.
int16_t sum_of_constant(const ByteWeights&, uint8_t value) { return static_cast<int16_t>(256 * (value - 128)); }
int16_t sum_of_constant(const FixedWeights& w, uint8_t value) {
  return static_cast<int16_t>((w.start_down + w.all_down * value) >> w.shift);
}

// Results of a row that may be wrong.
class Doubt {
 public:
  Doubt(const cv::Mat& image, const std::vector<double>& w, Border border, uint8_t value, double direct_error)
      : single_(w, image.channels()),
        direct_(image, w, border, value),
        direct_error_(direct_error),
        places_(2 * static_cast<size_t>(image.cols * image.channels()) + 4 * kByteTile),
        left_(places_) {}

  int* places() { return places_.data(); }
  /// Those of row y at the places before `end`. rows: 2r + 1 of n values; `wide` can be read.
  void decide(const int* end, const uint8_t* const* rows, ptrdiff_t n, ptrdiff_t wide, int y, uint8_t* out) {
    const int* const last = single_.round(rows, n, wide, places_.data(), end, out, left_.data());
    for (const int* i = left_.data(); i < last; ++i)
      if (*i < n) out[*i] = rounding::decide<uint8_t>(direct_(y, *i), direct_error_);
  }

 private:
  SingleSums single_;
  DirectGaussian<uint8_t> direct_;
  double direct_error_;
  std::vector<int> places_, left_;
};

template <class Weights>
class Band {
 public:
  Band(const cv::Mat& image, const Weights& w, Border border, uint8_t value, Doubt* doubt = nullptr)
      : image_(image),
        w_(w),
        doubt_(doubt),
        border_(border),
        channels_(image.channels()),
        n_(static_cast<ptrdiff_t>(image.cols) * channels_),
        wide_(std::max(n_, kByteTile)),
        margin_(static_cast<ptrdiff_t>(w_.radius()) * channels_),
        outside_(1, static_cast<int>(wide_), value),
        outside_sum_(sum_of_constant(w, value)),
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
      begin_fetching(y, std::min(y + kByteRows, end), out);
      sum_bytes_down_columns(rows_.data(), wide_, w_, sums_[0] + margin_, static_cast<ptrdiff_t>(sums_.step1()));
      for (int j = 0; j < std::min(kByteRows, end - y); ++j) {
        add_border(sums_[j]);
        uint8_t* to = n_ < wide_ ? result_[0] : out.ptr<uint8_t>(y + j);
        sum_along(y, j, to);
        if (n_ < wide_) std::copy_n(to, n_, out.ptr<uint8_t>(y + j));
      }
    }
  }

 private:
  // Rows of results, and the rows of the picture that come next, begin their way into the cache.
  void begin_fetching(int y, int end, const cv::Mat& out) const {
    for (; y < end; ++y)
      for (ptrdiff_t i = 0; i < n_; i += 64) {
        __builtin_prefetch(out.ptr<uint8_t>(y) + i, 1);
        if (const int coming = y + w_.radius() + kByteRows; coming < image_.rows)
          __builtin_prefetch(image_.ptr<uint8_t>(coming) + i);
      }
  }
  void sum_along(int y, int j, uint8_t* to) {
    if constexpr (std::is_same_v<Weights, ByteWeights>)
      sum_words_along_row(sums_[j], wide_, channels_, w_, to);
    else
      doubt_->decide(sum_words_along_row(sums_[j], wide_, channels_, w_, to, doubt_->places()), rows_.data() + j, n_,
                     wide_, y + j, to);
  }
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
  const Weights& w_;
  Doubt* doubt_;
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
  const ByteWeights weights(w);
  Band(image, weights, border, value).filter(begin, end, out);
}

void gaussian_bytes(const cv::Mat& image, const FixedWeights& w, Border border, uint8_t value, double direct_error,
                    int begin, int end, cv::Mat& out) {
  Doubt doubt(image, w.exact(), border, value, direct_error);
  Band(image, w, border, value, &doubt).filter(begin, end, out);
}

}  // namespace assay
