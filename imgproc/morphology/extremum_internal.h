// imgproc/morphology/extremum_internal.h: the least or greatest value over a structuring element, rows at a time.
//
//   out(x, y) = pick of f(x + dx, y + dy) over (dx, dy) in B,   pick = min (Lesser) or max (Greater)                  (1)
//
// Three ways, the same values: a rectangle by columns, then along rows, at a cost a pixel that does not depend on its height
// [vanHerk1992], [Gil1993] (up to 32: eight rows at once) and grows with the logarithm of its width; an element whose rows lie
// one within the other, as an ellipse's do, from the widest to the narrowest; any other run by run, each run covered by two
// windows whose length is a power of two.
#pragma once
#include <array>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "assay/core/simd.h"
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

/// Rows of an element that are alike: pixels begin .. begin + length - 1 of each.
struct Nest {
  int begin, length;
  std::vector<int> dy;
};
/// Its rows from the widest to the narrowest, each within the one before; nothing where they do not lie so.
inline std::vector<Nest> nested_runs(const Element& element) {
  std::vector<ElementRun> runs = element.runs();
  std::stable_sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.length > b.length; });
  std::vector<Nest> nests;
  std::vector<bool> seen(static_cast<size_t>(element.up() + element.down() + 1), false);
  for (const ElementRun& run : runs) {
    const auto row = static_cast<size_t>(element.up() + run.dy);
    if (seen[row]) return {};
    seen[row] = true;
    if (nests.empty() || run.length < nests.back().length) nests.push_back({run.begin, run.length, {}});
    const Nest& last = nests.back();
    if (nests.size() > 1) {
      const Nest& wider = nests[nests.size() - 2];
      if (last.begin < wider.begin || last.begin + last.length > wider.begin + wider.length) return {};
    }
    if (run.begin != last.begin) return {};
    nests.back().dy.push_back(run.dy);
  }
  return nests;
}

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
    else if (const std::vector<Nest> nests = nested_runs(element_); !nests.empty())
      nested_rows(nests, begin, end, out, stride);
    else
      run_rows(begin, end, out, stride);
  }

 private:
  ptrdiff_t width() const { return static_cast<ptrdiff_t>(size_.width) * channels_; }
  T outside_value() const { return outside_.border ? outside_.value : Pick::template neutral<T>(); }
  int index(int i, int n) const {
    return i >= 0 && i < n ? i : border_index(i, n, outside_.border.value_or(Border::constant));
  }

  // Lines of values with room on both sides, whose pixel 0 stands where a register begins. What stands in the room may be read
  // where it does not matter.
  class Lines {
   public:
    void make(int count, ptrdiff_t before, ptrdiff_t after) {
      before_ = before;
      values_.create(count, static_cast<int>(before + (after + kPickSlack + kRegister - 1) / kRegister * kRegister));
    }
    T* operator[](int k) { return values_[k] + before_; }

   private:
    ptrdiff_t before_ = 0;
    cv::Mat_<T> values_;
  };
  static constexpr ptrdiff_t kRegister = 64;
  void make(Lines& lines, int count) const {
    lines.make(count, 2 * left_up(), width() + 2 * static_cast<ptrdiff_t>(element_.right()) * channels_);
  }
  ptrdiff_t left() const { return static_cast<ptrdiff_t>(element_.left()) * channels_; }
  ptrdiff_t left_up() const { return (left() + kRegister - 1) / kRegister * kRegister; }

  void begin_buffers() {
    blank_.assign(static_cast<size_t>(width()), outside_value());
    make(line_, 1);
    make(scratch_, 1);
  }
  const T* row(int y) const {
    const int inside = index(y, size_.height);
    return inside < 0 ? blank_.data() : from_(inside);
  }
  /// The values left and right of a row that begins at `first`.
  void pad(T* first) const {
    if (outside_.border.value_or(Border::constant) == Border::constant) {
      const Simd<T> many = Simd<T>{} + outside_value();  // whole registers: there is room
      constexpr ptrdiff_t kLanes = sizeof many / sizeof(T);
      for (ptrdiff_t x = -left_up(); x < 0; x += kLanes) simd_at(first + x) = many;
      for (ptrdiff_t x = 0; x < element_.right() * channels_; x += kLanes) simd_at(first + width() + x) = many;
      return;
    }
    const auto copy = [&](int x) {
      for (int c = 0; c < channels_; ++c) first[x * channels_ + c] = first[index(x, size_.width) * channels_ + c];
    };
    for (int x = -element_.left(); x < 0; ++x) copy(x);
    for (int x = 0; x < element_.right(); ++x) copy(size_.width + x);
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
      make(lines_, kTogether + 1);
      for (int y = begin; y < end; y += kTogether)
        rows_together(y, std::min(end, y + kTogether), tall, out + (y - begin) * stride, stride);
      return;
    }
    make(suffix_, tall);
    make(prefix_, 2);
    for (int y = begin; y < end; y += tall)
      column_block(y, std::min(end, y + tall), tall, out + (y - begin) * stride, stride);
  }
  // Eight windows: the rows that all of them hold are picked once.
  void rows_together(int begin, int end, int tall, T* out, ptrdiff_t stride) {
    const T* from[2 * kTogether + 32];
    for (int i = 0; i < tall + kTogether - 1; ++i)  // beyond those that are asked for any row will do
      from[i] = row(begin - element_.up() + std::min(i, tall - 1 + end - begin - 1));
    T* to[kTogether];
    for (int j = 0; j < kTogether; ++j) to[j] = lines_[j];
    T* common = lines_[kTogether];
    pick_rows<Pick, T>(from + kTogether - 1, tall - kTogether + 1, common, width());
    if (element_.left() + element_.right() == 0)
      for (int j = 0; j < end - begin; ++j) to[j] = out + j * stride;
    pick_together<Pick, T>(common, from, from + tall, to, width());
    if (element_.left() + element_.right() == 0) return;
    for (int j = 0; j < end - begin; ++j) {
      pad(to[j]);
      pick_window<Pick, T>(to[j] - left(), scratch_[0] - left(), element_.left() + element_.right() + 1, channels_,
                           out + j * stride, width());
    }
  }
  // Windows that begin at rows s, s + 1, .. (s = y - up): each is a suffix of rows s .. s + tall - 1 and a prefix of the
  // next `tall` rows, and both are made by one pick a row.
  void column_block(int begin, int end, int tall, T* out, ptrdiff_t stride) {
    const int s = begin - element_.up();
    const T* last = row(s + tall - 1);
    for (int j = tall - 2; j >= 0; --j) {
      const T* two[2] = {row(s + j), last};
      pick_rows<Pick, T>(two, 2, suffix_[j], width());
      last = suffix_[j];
    }
    const T* prefix = nullptr;
    for (int y = begin; y < end; ++y) {
      const int j = y - begin;
      T* to = out + j * stride;
      T* column = column_target(to);
      const T* part[2] = {j == tall - 1 ? row(s + j) : suffix_[j], prefix};
      if (j > 0) {
        const T* next = row(s + tall + j - 1);
        if (prefix) {
          const T* two[2] = {prefix, next};
          T* longer = prefix_[j % 2];
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
  T* column_target(T* out) { return element_.left() + element_.right() == 0 ? out : line_[0]; }
  void along_row(T* out) {
    if (element_.left() + element_.right() == 0) return;
    pad(line_[0]);
    pick_window<Pick, T>(line_[0] - left(), scratch_[0] - left(), element_.left() + element_.right() + 1, channels_,
                         out, width());
  }

  // --- rows one within the other. With V the picks of the widest ones, down the columns: a window as long as the next ones are
  // shorter makes of it what those have in common, and these rows join; in the end a window as long as the narrowest.
  void nested_rows(const std::vector<Nest>& nests, int begin, int end, T* out, ptrdiff_t stride) {
    const int tall = element_.up() + element_.down() + 1;
    const ptrdiff_t start = -left_up(), length = width() + static_cast<ptrdiff_t>(element_.right()) * channels_ - start;
    make_tables(1, tall);
    make(lines_, 1);
    for (int y = begin - element_.up(); y < begin + element_.down(); ++y) fill_tables(y, tall);
    std::vector<const T*> parts;
    for (int y = begin; y < end; ++y) {
      fill_tables(y + element_.down(), tall);
      T* const to = out + (y - begin) * stride;
      parts.clear();
      for (size_t k = 0; k < nests.size(); ++k) {
        const Nest& nest = nests[k];
        for (int dy : nest.dy) parts.push_back(tables_[0][slot(y + dy, tall)] + start);
        pick_rows<Pick, T>(parts.data(), static_cast<int>(parts.size()), line_[0] + start, length);
        if (k + 1 == nests.size()) {
          pick_window<Pick, T>(line_[0] + nest.begin * channels_, scratch_[0], nest.length, channels_, to, width());
          break;
        }
        // from the begin of this run, seen from that of the next
        const int from = nest.begin - nests[k + 1].begin, window = nest.length - nests[k + 1].length + 1;
        pick_window<Pick, T>(line_[0] + start + from * channels_, scratch_[0] + start, window, channels_,
                             lines_[0] + start, length);
        parts.assign(1, lines_[0] + start);
      }
    }
  }

  // --- any element. tables_[k] holds, for each row of a ring, the picks over 2^k pixels.
  void run_rows(int begin, int end, T* out, ptrdiff_t stride) {
    const int tall = element_.up() + element_.down() + 1;
    int levels = 1;
    for (const ElementRun& run : element_.runs()) levels = std::max(levels, level_of(run.length) + 1);
    make_tables(levels, tall);
    for (int y = begin - element_.up(); y < begin + element_.down(); ++y) fill_tables(y, tall);
    std::vector<const T*> parts;
    for (int y = begin; y < end; ++y) {
      fill_tables(y + element_.down(), tall);
      parts.clear();
      for (const ElementRun& run : element_.runs()) {
        const int level = level_of(run.length);
        const T* window = tables_[static_cast<size_t>(level)][slot(y + run.dy, tall)] + run.begin * channels_;
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
  void make_tables(int levels, int tall) {
    tables_.resize(static_cast<size_t>(levels));
    for (Lines& table : tables_) make(table, tall);
  }
  void fill_tables(int y, int tall) {
    T* values = tables_[0][slot(y, tall)];
    std::copy_n(row(y), width(), values);
    pad(values);
    const ptrdiff_t length = left() + width() + static_cast<ptrdiff_t>(element_.right()) * channels_;
    for (size_t k = 1; k < tables_.size(); ++k) {
      const ptrdiff_t half = (ptrdiff_t{1} << (k - 1)) * channels_;
      const T* shorter = tables_[k - 1][slot(y, tall)] - left();
      const T* two[2] = {shorter, shorter + half};
      pick_rows<Pick, T>(two, 2, tables_[k][slot(y, tall)] - left(), length - (2 * half - channels_));
    }
  }

  RowSource<T> from_;
  cv::Size size_;
  int channels_;
  const Element& element_;
  Outside<T> outside_;
  std::vector<T> blank_;
  Lines line_, lines_, scratch_, suffix_, prefix_;
  std::vector<Lines> tables_;
};

}  // namespace assay::morphology_stages
