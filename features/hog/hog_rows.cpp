// features/hog/hog_rows.cpp: windows cut out of a picture's blocks.
// Notation   (bx, by) block;  f entry of a block
// Method     1 all blocks, one after the other in the preset's order: column by column, or row by row   2 a line of windows:
//            whole runs of blocks
// Departures from the paper: none; the paper says nothing of the order.

#include <algorithm>
#include <type_traits>

#include "assay/features/hog/hog_internal.h"
#include "assay/features/hog/hog_kernels.h"
#include "assay/imgproc/geometry/transpose_kernels.h"

namespace assay::detail {

namespace {

// Blocks are held entry by entry: each row of blocks is a matrix, whose columns become rows.
template <class Real>
cv::Mat put_together(const HogBlocks& blocks, bool rows_first) {
  constexpr ptrdiff_t kReal = sizeof(Real);
  cv::Mat all(1, static_cast<int>(blocks.values.total()), blocks.values.type());
  const ptrdiff_t length = blocks.length, next = (rows_first ? 1 : blocks.down) * length;
  for (int by = 0; by < blocks.down; ++by)
    transpose_pixels(blocks.values.ptr(by * blocks.length), static_cast<ptrdiff_t>(blocks.values.step[0]),
                     all.ptr() + (rows_first ? by * blocks.across : by) * length * kReal, next * kReal, blocks.length,
                     blocks.across, kReal);
  return all;
}

// Many rows displace one another in the caches before anyone can read them.
constexpr ptrdiff_t kManyBytes = ptrdiff_t{8} << 20;

template <class Real, class Out>
void copy_window(const Real* from, ptrdiff_t n, Out* to, bool past_caches) {
  if constexpr (std::is_same_v<Real, float> && std::is_same_v<Out, float>)
    if (past_caches) return hog_copy_out(from, n, to);
  std::copy_n(from, n, to);
}

int windows_along(int blocks, int window, int step) { return blocks < window ? 0 : (blocks - window) / step + 1; }

}  // namespace

WindowRows::WindowRows(const HogBlocks& blocks, const HogWindow& w, const HogParams& p)
    : rows_first_(p.preset == HogPreset::skimage),
      step_(hog_window_step(p)),
      stride_(blocks.stride),
      across_(windows_along(blocks.across, w.across, step_)),
      down_(windows_along(blocks.down, w.down, step_)),
      window_(w),
      blocks_across_(blocks.across),
      blocks_down_(blocks.down),
      length_(blocks.length),
      all_(blocks.values.depth() == CV_64F ? put_together<double>(blocks, rows_first_)
                                           : put_together<float>(blocks, rows_first_)) {}

template <class Real, class Out>
void WindowRows::copy(ptrdiff_t begin, ptrdiff_t end, Out* out, size_t next) const {
  const Real* all = all_.ptr<Real>();
  if (rows_first_) {
    const ptrdiff_t run = static_cast<ptrdiff_t>(window_.across) * length_;
    for (ptrdiff_t by = begin * step_; by < end * step_; by += step_)
      for (int wx = 0; wx < across_; ++wx, out += next)
        for (int i = 0; i < window_.down; ++i)
          std::copy_n(all + ((by + i) * blocks_across_ + wx * step_) * length_, run, out + i * run);
    return;
  }
  // Column by column: of each column the part that the line's windows see. Then every window is one run.
  const ptrdiff_t run = static_cast<ptrdiff_t>(window_.down) * length_;
  const bool whole = window_.down == blocks_down_;
  const bool past_caches = static_cast<ptrdiff_t>(sizeof(Out)) * down_ * across_ * window_.length > kManyBytes;
  cv::Mat line(1, whole ? 0 : static_cast<int>(blocks_across_ * run), all_.type());
  for (ptrdiff_t by = begin * step_; by < end * step_; by += step_) {
    for (ptrdiff_t bx = 0; bx < blocks_across_ && !whole; ++bx)
      std::copy_n(all + (bx * blocks_down_ + by) * length_, run, line.ptr<Real>() + bx * run);
    const Real* seen = whole ? all : line.ptr<Real>();
    for (ptrdiff_t wx = 0; wx < across_; ++wx, out += next)
      copy_window(seen + wx * step_ * run, window_.length, out, past_caches);
  }
}

void WindowRows::copy_lines(ptrdiff_t begin, ptrdiff_t end, float* out, size_t next) const {
  all_.depth() == CV_64F ? copy<double>(begin, end, out, next) : copy<float>(begin, end, out, next);
}
void WindowRows::copy_lines(ptrdiff_t begin, ptrdiff_t end, double* out, size_t next) const {
  all_.depth() == CV_64F ? copy<double>(begin, end, out, next) : copy<float>(begin, end, out, next);
}

}  // namespace assay::detail
