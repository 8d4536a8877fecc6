// features/hog/hog_internal.h: what the presets mean, in numbers; and the two ways to the blocks.
#pragma once
#include <opencv2/core.hpp>

#include "assay/features/hog/hog.h"

namespace assay::detail {

struct HogSetting {
  int cell, cells, block, stride, bins;  ///< cells: along a side of a block
  bool full_circle, gamma, opencv_angle;
  bool interpolate;                 ///< between cells and bins, under a Gaussian; else (skimage) neither
  bool rows_first;                  ///< order of blocks and of cells in a block
  double sigma, middle;             ///< of the Gaussian, pixels from the block's first pixel
  double scale;                     ///< values are multiplied by this
  double add1, plus1, add2, plus2;  ///< v / (sqrt(|v|^2 + add) + plus), before and after clipping at 0.2
  bool normalized = true;           ///< step L2-Hys is done (textbook only)

  /// Entry of a block where cell (cx, cy) and bin b stand.
  int entry(int cx, int cy, int b) const { return (rows_first ? cy * cells + cx : cx * cells + cy) * bins + b; }
  int length() const { return cells * cells * bins; }
  double degrees() const { return full_circle ? 360 : 180; }
};

HogSetting hog_setting(const HogParams& p, const cv::Mat& image);
/// Blocks that fit, their values not yet there.
HogBlocks empty_blocks(const HogSetting& s, const cv::Mat& image);
/// Any setting, f64.
HogBlocks blocks_textbook(const cv::Mat& image, const HogSetting& s, const Context& ctx);
/// Stride = cell, at most 2 x 2 cells, interpolated: f32.
void fill_blocks(const cv::Mat& image, const HogSetting& s, HogBlocks& blocks, const Context& ctx);
/// The rows of a picture's windows, `hog_window_step` blocks apart, line by line of the picture.
class WindowRows {
 public:
  WindowRows(const HogBlocks& blocks, const HogWindow& window, const HogParams& params);
  int across() const { return across_; }
  int down() const { return down_; }
  /// The first pixel of window (wx, wy).
  cv::Point first_pixel(int wx, int wy) const { return cv::Point(wx, wy) * step_ * stride_; }
  /// The windows of lines begin..end-1: the first at `out`, each `next` values after the one before.
  void copy_lines(ptrdiff_t begin, ptrdiff_t end, float* out, size_t next) const;
  void copy_lines(ptrdiff_t begin, ptrdiff_t end, double* out, size_t next) const;

 private:
  template <class Real, class Out>
  void copy(ptrdiff_t begin, ptrdiff_t end, Out* out, size_t next) const;
  bool rows_first_;
  int step_, stride_, across_, down_;  ///< across_, down_: windows
  HogWindow window_;
  int blocks_across_, blocks_down_, length_;
  cv::Mat all_;  ///< all blocks, one after the other in the preset's order; f32 or f64
};

/// 1 - distance between pixel i of a block and the middle of cell c, in cells: the share of its vote; 0 beyond.
double cell_share(const HogSetting& s, int i, int c);
/// The Gaussian along one axis.
double block_weight(const HogSetting& s, int i);

/// One star a cell, a ray along each edge direction as bright as its votes; entries of a cell's blocks are averaged.
cv::Mat draw_cells(const HogBlocks& blocks, const HogSetting& s);
/// Pictures and steps of the study window.
void trace_hog(const cv::Mat& image, const HogSetting& s, const HogBlocks& blocks, const Context& ctx);

}  // namespace assay::detail
