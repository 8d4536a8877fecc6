// imgproc/filter/box_internal.h: sums over the window of the box filter, a row at a time; the steps are those of box.cpp.
#pragma once
#include <algorithm>
#include <limits>
#include <opencv2/core.hpp>
#include <type_traits>
#include <vector>

#include "assay/core/context.h"
#include "assay/core/parallel.h"
#include "assay/imgproc/filter/box.h"
#include "assay/imgproc/filter/box_kernels.h"

namespace assay {

/// Column: the type of the sums of h values of a column;  Sum: of the sums of w x h.
template <class T, class Column, class Sum>
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
        line_(static_cast<size_t>(n_ + reach()), Column{0}),
        chunk_(std::max<ptrdiff_t>(reach(), 4096 / static_cast<ptrdiff_t>(sizeof(Sum)))),
        sums_(static_cast<size_t>(n_)),
        levels_(fitting_columns(), chunk_ + reach()) {
    for (int x = -left(); x < 0; ++x) mirror(x);
    for (int x = image_.cols; x < image_.cols + width_ - 1 - left(); ++x) mirror(x);
  }

  /// store(y, sums): the sums of row y, one a value.
  template <class Store>
  void rows(int begin, int end, Store&& store) {
    const int up = height_ / 2;
    for (int y = begin - up; y < begin - up + height_ - 1; ++y)
      slide_sums<T, Column>(row(y), zero_.data(), columns(), n_);
    const T* leaves = zero_.data();
    for (int y = begin; y < end; ++y) {
      slide_sums<T, Column>(row(y - up + height_ - 1), leaves, columns(), n_);  // 1
      leaves = row(y - up);
      for (const Edge& e : edges_) columns()[e.to] = e.from < 0 ? outside() : columns()[e.from];  // 2
      const T* coming = y + 1 < end ? row(y - up + height_) : nullptr;
      for (ptrdiff_t i = 0; i < n_; i += chunk_) {  // 3: as much at a time as stays in cache
        if (coming)                                 // the row that enters next begins its way there
          for (ptrdiff_t k = i; k < std::min(n_, i + chunk_); k += 64 / static_cast<ptrdiff_t>(sizeof(T)))
            __builtin_prefetch(coming + k);
        window_sums<Column, Sum>(line_.data() + i, levels_, width_, channels_, sums_.data() + i,
                                 std::min(chunk_, n_ - i));
      }
      store(y, static_cast<const Sum*>(sums_.data()));
    }
  }

 private:
  struct Edge {
    ptrdiff_t to, from;  // a value beyond the edge, and the one that stands for it, or -1
  };

  int left() const { return width_ / 2; }
  ptrdiff_t reach() const { return static_cast<ptrdiff_t>(width_ - 1) * channels_; }
  Column* columns() { return line_.data() + static_cast<ptrdiff_t>(left()) * channels_; }
  Column outside() const { return static_cast<Column>(static_cast<Column>(value_) * static_cast<Column>(height_)); }
  /// So many sums of columns make a sum that fits the type Column.
  int fitting_columns() const {
    if constexpr (std::is_same_v<Column, Sum>)
      return width_;
    else
      return std::numeric_limits<Column>::max() / (std::numeric_limits<T>::max() * height_);
  }
  const T* row(int y) const {
    const int inside = border_index(y, image_.rows, border_);
    return inside < 0 ? blank_.data() : image_.ptr<T>(inside);
  }
  void mirror(int x) {
    const int inside = border_index(x, image_.cols, border_);
    for (int c = 0; c < channels_; ++c)
      edges_.push_back({static_cast<ptrdiff_t>(x) * channels_ + c,
                        inside < 0 ? -1 : static_cast<ptrdiff_t>(inside) * channels_ + c});
  }

  const cv::Mat& image_;
  Border border_;
  int width_, height_, channels_;
  ptrdiff_t n_;
  T value_;
  std::vector<T> blank_, zero_;
  std::vector<Column> line_;
  ptrdiff_t chunk_;
  std::vector<Sum> sums_;
  WindowLevels<Column, Sum> levels_;
  std::vector<Edge> edges_;
};

/// store(y, sums) for every row, each once, in no order. Sum holds the sum of a window of T exactly.
template <class T, class Sum, class Store>
void for_box_sums(const BoxParams& p, const cv::Mat& image, const Context& ctx, Store&& store) {
  const int height = p.height.value_or(p.size), band = std::max(128, 4 * height);  // its first window is summed afresh
  parallel_for(ctx.threads, image.rows, band, [&](Index from, Index to) {
    ctx.check_cancelled();
    const int begin = static_cast<int>(from), end = static_cast<int>(to);
    if constexpr (std::is_same_v<T, uint8_t> && std::is_same_v<Sum, uint32_t>)
      if (height <= 257) return BoxBand<T, uint16_t, Sum>(p, image).rows(begin, end, store);  // 257 * 255 = 2^16 - 1
    BoxBand<T, Sum, Sum>(p, image).rows(begin, end, store);
  });
}

}  // namespace assay
