// imgproc/morphology/extremum_internal.h: the least or greatest value over a structuring element, rows at a time.
//
//   out(x, y) = pick of f(x + dx, y + dy) over (dx, dy) in B,   pick = min (Lesser) or max (Greater)                  (1)
//
// Two ways, the same values: a rectangle by columns, then along rows, at a cost a pixel that does not depend on its
// height [vanHerk1992], [Gil1993] (up to 32: eight rows at once) and grows with the logarithm of its width; any other element run by run, each run
// covered by two windows whose length is a power of two.
#pragma once
#include <array>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/morphology/element.h"
#include "assay/imgproc/morphology/extremum_kernels.h"

namespace assay::morphology_stages {

/// Rows first .. of a picture, or of a band of it.
template <class T>
struct RowSource {
  const T* base;
  ptrdiff_t stride;
  int first;
  const T* operator()(int y) const { return base + (y - first) * stride; }
};

/// What stands beyond the edge. No border: pixels outside take no part.
template <class T>
struct Outside {
  std::optional<Border> border;
  T value{};
};

template <class T, class Pick>
class Extremum {
 public:
  Extremum(RowSource<T> from, cv::Size size, int channels, const Element& element, Outside<T> outside)
      : from_(from), size_(size), channels_(channels), element_(element), outside_(outside) {}

  /// Rows [begin, end) of (1), to out + (y - begin) * stride. `from` must hold the rows that B reaches (and, beyond the
  /// edge, those that the border rule names).
  void rows(int begin, int end, T* out, ptrdiff_t stride) {
    begin_buffers();
    if (element_.rectangle())
      rectangle_rows(begin, end, out, stride);
    else
      run_rows(begin, end, out, stride);
  }

 private:
  ptrdiff_t width() const { return static_cast<ptrdiff_t>(size_.width) * channels_; }
  T outside_value() const { return outside_.border ? outside_.value : Pick::template neutral<T>(); }
  int index(int i, int n) const { return border_index(i, n, outside_.border.value_or(Border::constant)); }

  void begin_buffers() {
    blank_.assign(static_cast<size_t>(width()), outside_value());
    const size_t padded =
        static_cast<size_t>(width() + static_cast<ptrdiff_t>(element_.left() + element_.right()) * channels_);
    padded_ = static_cast<ptrdiff_t>(padded);
    line_.resize(padded + kPickSlack);
    scratch_.resize(padded + kPickSlack);
  }
  const T* row(int y) const {
    const int inside = index(y, size_.height);
    return inside < 0 ? blank_.data() : from_(inside);
  }
  /// The values left and right of a row that begins at `first`.
  void pad(T* first) const {
    const auto fill = [&](int x) {
      const int inside = index(x, size_.width);
      T* to = first + static_cast<ptrdiff_t>(x) * channels_;
      for (int c = 0; c < channels_; ++c)
        to[c] = inside < 0 ? outside_value() : first[static_cast<ptrdiff_t>(inside) * channels_ + c];
    };
    for (int x = -element_.left(); x < 0; ++x) fill(x);
    for (int x = 0; x < element_.right(); ++x) fill(size_.width + x);
  }

  // --- rectangle: the columns first. Beyond the left and right edge stand columns of the picture (or one value), so
  // padding may follow.
  void rectangle_rows(int begin, int end, T* out, ptrdiff_t stride) {
    const int tall = element_.up() + element_.down() + 1;
    constexpr int kDirect = 5;  // rows up to which the pick is taken row by row
    if (tall <= kDirect) {
      for (int y = begin; y < end; ++y) {
        const T* window[kDirect];
        for (int k = 0; k < tall; ++k) window[k] = row(y - element_.up() + k);
        T* column = column_target(out + (y - begin) * stride);
        pick_rows<Pick, T>(window, tall, column, width());
        along_row(out + (y - begin) * stride);
      }
      return;
    }
    constexpr int kFewRows = 32;  // up to which eight windows at once cost less than those made of two parts
    if (tall >= kTogether && tall <= kFewRows) {
      for (int y = begin; y < end; y += kTogether)
        rows_together(y, std::min(end, y + kTogether), tall, out + (y - begin) * stride, stride);
      return;
    }
    for (int y = begin; y < end; y += tall)
      column_block(y, std::min(end, y + tall), tall, out + (y - begin) * stride, stride);
  }
  // Eight windows: the rows that all of them hold are picked once.
  void rows_together(int begin, int end, int tall, T* out, ptrdiff_t stride) {
    const ptrdiff_t line = (padded_ + kPickSlack + 63) / 64 * 64,
                    left = static_cast<ptrdiff_t>(element_.left()) * channels_;
    lines_.resize(static_cast<size_t>(line * (kTogether + 1)));
    const T* from[2 * kTogether + 32];
    for (int i = 0; i < tall + kTogether - 1; ++i)  // beyond those that are asked for any row will do
      from[i] = row(begin - element_.up() + std::min(i, tall - 1 + end - begin - 1));
    T* to[kTogether];
    for (int j = 0; j < kTogether; ++j) to[j] = lines_.data() + j * line + left;
    T* common = lines_.data() + kTogether * line;
    pick_rows<Pick, T>(from + kTogether - 1, tall - kTogether + 1, common, width());
    if (element_.left() + element_.right() == 0)
      for (int j = 0; j < end - begin; ++j) to[j] = out + j * stride;
    pick_together<Pick, T>(common, from, from + tall, to, width());
    if (element_.left() + element_.right() == 0) return;
    for (int j = 0; j < end - begin; ++j) {
      pad(to[j]);
      pick_window<Pick, T>(to[j] - left, scratch_.data(), element_.left() + element_.right() + 1, channels_,
                           out + j * stride, width());
    }
  }
  // Windows that begin at rows s, s + 1, .. (s = y - up): each is a suffix of rows s .. s + tall - 1 and a prefix of the
  // next `tall` rows, and both are made by one pick a row.
  void column_block(int begin, int end, int tall, T* out, ptrdiff_t stride) {
    const int s = begin - element_.up();
    suffix_.resize(static_cast<size_t>(tall) * static_cast<size_t>(width()));
    prefix_.resize(2 * static_cast<size_t>(width()));
    const auto suffix = [&](int j) { return suffix_.data() + j * width(); };
    const T* last = row(s + tall - 1);
    for (int j = tall - 2; j >= 0; --j) {
      const T* two[2] = {row(s + j), last};
      pick_rows<Pick, T>(two, 2, suffix(j), width());
      last = suffix(j);
    }
    const T* prefix = nullptr;
    for (int y = begin; y < end; ++y) {
      const int j = y - begin;
      T* to = out + j * stride;
      T* column = column_target(to);
      const T* part[2] = {j == tall - 1 ? row(s + j) : suffix(j), prefix};
      if (j > 0) {
        const T* next = row(s + tall + j - 1);
        if (prefix) {
          const T* two[2] = {prefix, next};
          T* longer = prefix_.data() + (j % 2) * width();
          pick_rows<Pick, T>(two, 2, longer, width());
          prefix = longer;
        } else {
          prefix = next;
        }
        part[1] = prefix;
      }
      pick_rows<Pick, T>(part, j > 0 ? 2 : 1, column, width());
      along_row(to);
    }
  }
  T* column_target(T* out) {
    return element_.left() + element_.right() == 0 ? out
                                                   : line_.data() + static_cast<ptrdiff_t>(element_.left()) * channels_;
  }
  void along_row(T* out) {
    if (element_.left() + element_.right() == 0) return;
    pad(line_.data() + static_cast<ptrdiff_t>(element_.left()) * channels_);
    pick_window<Pick, T>(line_.data(), scratch_.data(), element_.left() + element_.right() + 1, channels_, out,
                         width());
  }

  // --- any element. tables_[k] holds, for each row of a ring, the picks over 2^k pixels.
  void run_rows(int begin, int end, T* out, ptrdiff_t stride) {
    const int tall = element_.up() + element_.down() + 1;
    int levels = 1;
    for (const ElementRun& run : element_.runs()) levels = std::max(levels, level_of(run.length) + 1);
    tables_.assign(static_cast<size_t>(levels), cv::Mat_<T>(tall, static_cast<int>(padded_)));
    for (cv::Mat_<T>& table : tables_) table = cv::Mat_<T>(tall, static_cast<int>(padded_));
    for (int y = begin - element_.up(); y < begin + element_.down(); ++y) fill_tables(y, tall);
    std::vector<const T*> parts;
    for (int y = begin; y < end; ++y) {
      fill_tables(y + element_.down(), tall);
      parts.clear();
      for (const ElementRun& run : element_.runs()) {
        const int level = level_of(run.length);
        const T* window = tables_[static_cast<size_t>(level)][slot(y + run.dy, tall)] +
                          static_cast<ptrdiff_t>(element_.left() + run.begin) * channels_;
        parts.push_back(window);
        if (run.length > (1 << level))
          parts.push_back(window + static_cast<ptrdiff_t>(run.length - (1 << level)) * channels_);
      }
      pick_rows<Pick, T>(parts.data(), static_cast<int>(parts.size()), out + (y - begin) * stride, width());
    }
  }
  static int level_of(int length) {
    int level = 0;
    while (length >= 2 << level) ++level;
    return level;
  }
  static int slot(int y, int tall) { return ((y % tall) + tall) % tall; }
  void fill_tables(int y, int tall) {
    const ptrdiff_t length = padded_;
    T* values = tables_[0][slot(y, tall)];
    std::copy_n(row(y), width(), values + static_cast<ptrdiff_t>(element_.left()) * channels_);
    pad(values + static_cast<ptrdiff_t>(element_.left()) * channels_);
    for (size_t k = 1; k < tables_.size(); ++k) {
      const ptrdiff_t half = (ptrdiff_t{1} << (k - 1)) * channels_;
      const T* shorter = tables_[k - 1][slot(y, tall)];
      const T* two[2] = {shorter, shorter + half};
      pick_rows<Pick, T>(two, 2, tables_[k][slot(y, tall)], length - (2 * half - channels_));
    }
  }

  RowSource<T> from_;
  cv::Size size_;
  int channels_;
  const Element& element_;
  Outside<T> outside_;
  ptrdiff_t padded_ = 0;  // values of a row and of what is beside it
  std::vector<T> blank_, line_, lines_, scratch_, suffix_, prefix_;
  std::vector<cv::Mat_<T>> tables_;
};

}  // namespace assay::morphology_stages
