// features/hog/hog_rows.cpp: windows cut out of a picture's blocks.
// Notation   (bx, by) block;  f entry of a block
// Method     1 all blocks, one after the other in the preset's order: column by column, or row by row   2 a window: whole
//            runs of them
// Departures from the paper: none; the paper says nothing of the order.

#include <algorithm>

#include "assay/features/hog/hog_internal.h"

namespace assay::detail {

namespace {

// Blocks are held entry by entry, so they are read in that order.
template <class Real>
void put_together(const HogBlocks& blocks, bool rows_first, cv::Mat& all) {
  all.create(1, static_cast<int>(blocks.values.total()), blocks.values.type());
  const ptrdiff_t step = static_cast<ptrdiff_t>(rows_first ? 1 : blocks.down) * blocks.length;
  for (int by = 0; by < blocks.down; ++by)
    for (int f = 0; f < blocks.length; ++f) {
      const Real* from = blocks.values.ptr<Real>(by * blocks.length + f);
      Real* to = all.ptr<Real>() + static_cast<ptrdiff_t>(rows_first ? by * blocks.across : by) * blocks.length + f;
      for (int bx = 0; bx < blocks.across; ++bx) to[bx * step] = from[bx];
    }
}

int windows_along(int blocks, int window, int step) { return blocks < window ? 0 : (blocks - window) / step + 1; }

}  // namespace

WindowRows::WindowRows(const HogBlocks& blocks, const HogWindow& w, const HogParams& p)
    : rows_first_(p.preset == HogPreset::skimage),
      step_(hog_window_step(p)),
      stride_(blocks.stride),
      across_(windows_along(blocks.across, w.across, step_)),
      down_(windows_along(blocks.down, w.down, step_)),
      lines_(rows_first_ ? w.down : w.across),
      run_((rows_first_ ? w.across : w.down) * blocks.length),
      blocks_across_(blocks.across),
      blocks_down_(blocks.down),
      length_(blocks.length) {
  blocks.values.depth() == CV_64F ? put_together<double>(blocks, rows_first_, all_)
                                  : put_together<float>(blocks, rows_first_, all_);
}

template <class Out>
void WindowRows::copy_row(ptrdiff_t i, Out* row) const {
  const cv::Point first = first_block(i);
  for (int line = 0; line < lines_; ++line, row += run_) {
    const ptrdiff_t block = rows_first_ ? static_cast<ptrdiff_t>(first.y + line) * blocks_across_ + first.x
                                        : static_cast<ptrdiff_t>(first.x + line) * blocks_down_ + first.y;
    if (all_.depth() == CV_64F)
      std::copy_n(all_.ptr<double>() + block * length_, run_, row);
    else
      std::copy_n(all_.ptr<float>() + block * length_, run_, row);
  }
}

template void WindowRows::copy_row(ptrdiff_t, float*) const;
template void WindowRows::copy_row(ptrdiff_t, double*) const;

}  // namespace assay::detail
