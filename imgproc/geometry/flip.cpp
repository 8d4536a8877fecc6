// imgproc/geometry/flip.cpp
// Notation   W, H: width and height of the input
// Method     flip: each row is copied, backwards for left-right, into its place
//            quarter turn: tiles of few columns and 128 rows; the rows of a tile become columns
// Departures from the textbook: none.

#include "assay/imgproc/geometry/flip.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "assay/core/parallel.h"
#include "assay/imgproc/geometry/reverse_kernels.h"
#include "assay/imgproc/geometry/transpose_kernels.h"

namespace assay {

namespace {

constexpr int kTileRows = 128;  // written in pieces so long
constexpr int kBand = 128;      // rows a thread takes at once

// Column x becomes row W-1-x and is read downwards, or clockwise row x, read upwards.
void turn(const cv::Mat& image, bool counter_clockwise, cv::Mat& out, const Context& ctx) {
  out.create(image.cols, image.rows, image.type());
  const auto bytes = static_cast<int>(image.elemSize());
  const auto in_step = static_cast<ptrdiff_t>(image.step[0]), out_step = static_cast<ptrdiff_t>(out.step[0]);
  parallel_for(ctx.threads, image.cols, kBand, [&](Index begin, Index end) {  // columns of the input, rows of `out`
    const int tile = bytes == 1 ? 16 : 8;  // columns: what a block of registers holds
    for (int y = 0; y < image.rows; y += kTileRows) {
      const int rows = std::min(kTileRows, image.rows - y), last = y + rows - 1;
      for (int x = static_cast<int>(begin); x < end; x += tile) {
        const int cols = std::min(tile, static_cast<int>(end) - x);
        const auto left = static_cast<ptrdiff_t>(x) * bytes;
        if (counter_clockwise)
          transpose_pixels(image.ptr(y) + left, in_step,
                           out.ptr(image.cols - 1 - x) + static_cast<ptrdiff_t>(y) * bytes, -out_step, rows, cols,
                           bytes);
        else
          transpose_pixels(image.ptr(last) + left, -in_step,
                           out.ptr(x) + static_cast<ptrdiff_t>(image.rows - 1 - last) * bytes, out_step, rows, cols,
                           bytes);
      }
    }
  });
}

}  // namespace

void Flip::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  const bool upside_down = p.direction != FlipDirection::horizontal, backwards = p.direction != FlipDirection::vertical;
  const size_t bytes = image.elemSize();
  parallel_for(ctx.threads, image.rows, kBand, [&](Index begin, Index end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const uchar* from = image.ptr(upside_down ? image.rows - 1 - y : y);
      if (backwards)
        reverse_pixels(from, out.ptr(y), image.cols, bytes);
      else
        copy_bytes(from, out.ptr(y), image.cols * static_cast<ptrdiff_t>(bytes),
                   y + 1 < image.rows ? from - image.step[0] : nullptr, y + 1 < image.rows ? out.ptr(y + 1) : nullptr);
    }
  });
}

void quarter_turns(const cv::Mat& image, int turns, cv::Mat& out, const Context& ctx) {
  switch (((turns % 4) + 4) % 4) {
    case 0:
      out.create(image.size(), image.type());
      for (int y = 0; y < image.rows; ++y)
        std::memcpy(out.ptr(y), image.ptr(y), static_cast<size_t>(image.cols) * image.elemSize());
      return;
    case 1:
      return turn(image, true, out, ctx);
    case 2:
      return Flip::apply({FlipDirection::both}, image, out, ctx);
    default:
      return turn(image, false, out, ctx);
  }
}

}  // namespace assay
