// imgproc/filter/box_internal.h: sums over the window of the box filter, a row at a time; the steps are those of box.cpp.
#pragma once
#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/context.h"
#include "assay/core/parallel.h"
#include "assay/imgproc/filter/box.h"
#include "assay/imgproc/filter/box_kernels.h"

namespace assay {

template <class T, class Sum>
class BoxBand {
 public:
  BoxBand(const BoxParams& p, const cv::Mat& image)
      : image_(image),
        border_(p.border),
        width_(p.size),
        height_(p.height.value_or(p.size)),
        channels_(image.channels()),
        n_(static_cast<ptrdiff_t>(image.cols) * channels_),
        value_(cv::saturate_cast<T>(p.value)),
        blank_(static_cast<size_t>(n_), value_),
        zero_(static_cast<size_t>(n_), T{0}),
        sums_(static_cast<size_t>(n_), Sum{0}),
        windows_(sums_),
        line_(static_cast<size_t>(n_ + reach())),
        chunk_(std::max<ptrdiff_t>(reach(), 4096 / static_cast<ptrdiff_t>(sizeof(Sum)))),
        stride_(chunk_ + reach()),
        levels_(static_cast<size_t>(stride_) * kWindowLevels) {}

  /// store(y, sums): the sums of row y, one a value.
  template <class Store>
  void rows(int begin, int end, Store&& store) {
    const int up = height_ / 2;
    for (int y = begin - up; y < begin - up + height_ - 1; ++y)
      slide_sums<T, Sum>(row(y), zero_.data(), sums_.data(), n_);
    const T* leaves = zero_.data();
    for (int y = begin; y < end; ++y) {
      slide_sums<T, Sum>(row(y - up + height_ - 1), leaves, sums_.data(), n_);  // 1
      leaves = row(y - up);
      pad();                                      // 2
      for (ptrdiff_t i = 0; i < n_; i += chunk_)  // 3: as much at a time as stays in cache
        window_sums<Sum>(line_.data() + i, levels_.data(), stride_, width_, channels_, windows_.data() + i,
                         std::min(chunk_, n_ - i));
      store(y, static_cast<const Sum*>(windows_.data()));
    }
  }

 private:
  ptrdiff_t reach() const { return static_cast<ptrdiff_t>(width_ - 1) * channels_; }
  const T* row(int y) const {
    const int inside = border_index(y, image_.rows, border_);
    return inside < 0 ? blank_.data() : image_.ptr<T>(inside);
  }
  void pad() {
    const int left = width_ / 2;
    const auto fill = [&](int x) {
      const int inside = border_index(x, image_.cols, border_);
      for (int c = 0; c < channels_; ++c)
        line_[static_cast<size_t>((x + left) * channels_ + c)] =
            inside < 0 ? static_cast<Sum>(static_cast<Sum>(value_) * static_cast<Sum>(height_))
                       : sums_[static_cast<size_t>(inside * channels_ + c)];
    };
    for (int x = -left; x < 0; ++x) fill(x);
    std::copy(sums_.begin(), sums_.end(), line_.begin() + static_cast<ptrdiff_t>(left) * channels_);
    for (int x = image_.cols; x < image_.cols + width_ - 1 - left; ++x) fill(x);
  }

  const cv::Mat& image_;
  Border border_;
  int width_, height_, channels_;
  ptrdiff_t n_;
  T value_;
  std::vector<T> blank_, zero_;
  std::vector<Sum> sums_, windows_, line_;
  ptrdiff_t chunk_, stride_;
  std::vector<Sum> levels_;
};

/// store(y, sums) for every row, each once, in no order. Sum holds the sum of a window of T exactly.
template <class T, class Sum, class Store>
void for_box_sums(const BoxParams& p, const cv::Mat& image, const Context& ctx, Store&& store) {
  const int band = std::max(128, 4 * p.height.value_or(p.size));  // its first window is summed afresh
  parallel_for(ctx.threads, image.rows, band, [&](Index begin, Index end) {
    ctx.check_cancelled();
    BoxBand<T, Sum>(p, image).rows(static_cast<int>(begin), static_cast<int>(end), store);
  });
}

}  // namespace assay
