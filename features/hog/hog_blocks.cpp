// features/hog/hog_blocks.cpp: all blocks of a picture at once.
// Notation   cell (gx, gy) of the picture;  position p = 0, 1 of a cell in a block (left or right, above or below);
//            profile q = (p, c): weights along one axis of the pixels at position p, voting for cell c of the block
// Method     1 gradient, magnitude and place among the bins, a row of pixels at a time   2 a row of picture cells: votes of
//            its pixels under each pair of profiles, for each bin   3 a block's cell: the sum over the picture cells it
//            covers   4 L2-Hys
// Departures from the paper: those of hog_textbook.cpp. The Gaussian and both interpolations are products of a factor
//            along x and one along y, and every picture cell meets the same weights in every block: so its votes are
//            counted once for each pair of profiles, not once for each block. Each bin asks each pixel for its share
//            (mostly 0), so that sixteen cells are sixteen lanes, without a table in memory or a branch.

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/features/hog/hog_internal.h"
#include "assay/features/hog/hog_kernels.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/geometry/transpose_kernels.h"

namespace assay::detail {

namespace {

class CellRows {
 public:
  CellRows(const cv::Mat& image, const HogSetting& s)
      : image_(image),
        s_(s),
        width_(image.cols / s.cell * s.cell),
        groups_((image.cols / s.cell + hog_lanes - 1) / hog_lanes * hog_lanes),
        count_(s.cells == 1 ? 1 : 4),
        profiles_(count_, s.cell),
        rows_(3, (image.cols + 2) * image.channels()),
        line_(4, image.cols),
        magnitude_(s.cell * s.cell, static_cast<int>(groups_), 0.0F),
        position_(s.cell * s.cell, static_cast<int>(groups_), 0.0F),
        votes_(2, static_cast<int>(count_ * count_ * s.bins * groups_)) {
    for (int q = 0; q < count_; ++q)
      for (int i = 0; i < s.cell; ++i) {
        const int pixel = (q / 2) * s.cell + i;
        profiles_(q, i) = static_cast<float>(block_weight(s, pixel) * cell_share(s, pixel, q % 2));
      }
  }

  /// 1, 2
  void enter(int gy) {
    const int first = gy * s_.cell;
    read(first - 1);
    read(first);
    for (int i = 0; i < s_.cell; ++i) {
      read(first + i + 1);
      polar_row(first + i, i);
    }
    hog_votes(magnitude_[0], position_[0], s_.cell, groups_, s_.bins, profiles_[0], count_, votes_[gy % 2]);
  }

  /// 3: cell (cx, cy) of the blocks of row by, bin b.
  void sum_cell(int by, int cx, int cy, int b, float* out, int across) const {
    const auto votes = [&](int py, int px) {
      return votes_[(by + py) % 2] + (((2 * py + cy) * count_ + 2 * px + cx) * s_.bins + b) * groups_ + px;
    };
    if (s_.cells == 1)
      std::copy_n(votes(0, 0), across, out);
    else
      hog_sum(votes(0, 0), votes(0, 1), votes(1, 0), votes(1, 1), out, across);
  }

 private:
  void read(int y) {
    float* f = rows_[(y + 3) % 3];
    padded_row<float>(image_, y, 0, image_.cols, 1, Border::reflect101, 0, f);
    const float scale = static_cast<float>(s_.scale);
    if (s_.gamma)
      for (int i = 0; i < rows_.cols; ++i) f[i] = std::sqrt(std::max(0.0F, f[i] * scale));
    else if (s_.scale != 1)
      for (int i = 0; i < rows_.cols; ++i) f[i] *= scale;
  }

  // Pixels of a row go to row (i cell + j) of the two tables: column j of each cell, all cells beside one another.
  void polar_row(int y, int i) {
    hog_gradient(rows_[(y + 2) % 3], rows_[y % 3], rows_[(y + 1) % 3], image_.channels(), line_[0], line_[1], width_);
    hog_polar(line_[0], line_[1], {static_cast<float>(s_.bins), s_.full_circle, s_.opencv_angle}, line_[2], line_[3],
              width_);
    by_column(line_[2], magnitude_[i * s_.cell]);
    by_column(line_[3], position_[i * s_.cell]);
  }

  void by_column(const float* row, float* table) const {
    constexpr ptrdiff_t kReal = sizeof(float);
    transpose_pixels(reinterpret_cast<const uint8_t*>(row), s_.cell * kReal, reinterpret_cast<uint8_t*>(table),
                     groups_ * kReal, width_ / s_.cell, s_.cell, kReal);
  }

  const cv::Mat& image_;
  const HogSetting& s_;
  int width_;
  ptrdiff_t groups_;
  int count_;
  cv::Mat_<float> profiles_, rows_, line_, magnitude_, position_, votes_;
};

}  // namespace

void fill_blocks(const cv::Mat& image, const HogSetting& s, HogBlocks& blocks, const Context& ctx) {
  blocks.values.create(blocks.down * blocks.length, blocks.across, CV_32F);
  const HysRule rule{static_cast<float>(s.add1), static_cast<float>(s.plus1), static_cast<float>(s.add2),
                     static_cast<float>(s.plus2), 0.2F};
  parallel_for(ctx.threads, blocks.down, 16, [&](Index begin, Index end) {
    ctx.check_cancelled();
    CellRows cells(image, s);
    int entered = static_cast<int>(begin);
    for (int by = static_cast<int>(begin); by < end; ++by) {
      while (entered < by + s.cells) cells.enter(entered++);
      float* out = blocks.values.ptr<float>(by * blocks.length);
      const auto stride = static_cast<ptrdiff_t>(blocks.values.step1());
      for (int cx = 0; cx < s.cells; ++cx)
        for (int cy = 0; cy < s.cells; ++cy)
          for (int b = 0; b < s.bins; ++b)
            cells.sum_cell(by, cx, cy, b, out + s.entry(cx, cy, b) * stride, blocks.across);
      hog_normalize(out, blocks.length, stride, blocks.across, rule);
    }
  });
}

}  // namespace assay::detail
