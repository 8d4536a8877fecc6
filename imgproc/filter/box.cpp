// imgproc/filter/box.cpp
// Notation   w, h window;  s: the sums of h rows, one a column
// Method     for each row:   1 s slides: the row that enters is added, the one that leaves is taken away   2 beyond the left
//            and right edge s is mirrored like the picture   3 windows of w sums, by tripling   4 divide, round
// Departures from the textbook: the row is not slid along (a chain of dependent additions) but summed by tripling; a band
//            of rows begins with a fresh sum, so that the result does not depend on the number of threads

#include "assay/imgproc/filter/box.h"

#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/filter/box_kernels.h"

namespace assay {

namespace {

template <class T, class Sum>
class BoxBand {
 public:
  BoxBand(const BoxParams& p, const cv::Mat& image, cv::Mat& out)
      : image_(image),
        out_(out),
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

  void rows(int begin, int end) {
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
      divide_sums<T, Sum>(windows_.data(), static_cast<double>(width_) * height_, out_.ptr<T>(y), n_);  // 4
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
  cv::Mat& out_;
  Border border_;
  int width_, height_, channels_;
  ptrdiff_t n_;
  T value_;
  std::vector<T> blank_, zero_;
  std::vector<Sum> sums_, windows_, line_;
  ptrdiff_t chunk_, stride_;
  std::vector<Sum> levels_;
};

template <class T, class Sum>
void box_picture(const BoxParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const int band = std::max(128, 4 * p.height.value_or(p.size));  // its first window is summed afresh
  parallel_for(ctx.threads, image.rows, band, [&](Index begin, Index end) {
    ctx.check_cancelled();
    BoxBand<T, Sum>(p, image, out).rows(static_cast<int>(begin), static_cast<int>(end));
  });
}

}  // namespace

void Box::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  const double largest_sum = full_scale(image) * p.size * p.height.value_or(p.size);
  const bool fits = largest_sum <= std::numeric_limits<int32_t>::max();
  if (image.depth() == CV_32F)
    box_picture<float, double>(p, image, out, ctx);
  else if (image.depth() == CV_8U && largest_sum <= std::numeric_limits<uint16_t>::max())
    box_picture<uint8_t, uint16_t>(p, image, out, ctx);
  else if (image.depth() == CV_8U)
    fits ? box_picture<uint8_t, uint32_t>(p, image, out, ctx) : box_picture<uint8_t, uint64_t>(p, image, out, ctx);
  else
    fits ? box_picture<uint16_t, uint32_t>(p, image, out, ctx) : box_picture<uint16_t, uint64_t>(p, image, out, ctx);
  ctx.trace.image([&] {
    return TraceImage{
        "result", "Box: the mean of w x h pixels",       "The picture after averaging.", view_of(out), false,
        {},       "imgproc/filter/box.cpp:BoxBand::rows"};
  });
}

}  // namespace assay
