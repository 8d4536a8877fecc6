// features/hog/hog.h: histograms of oriented gradients, the descriptor of Dalal and Triggs.
//
//   g(x, y) = (f(x+1, y) - f(x-1, y), f(x, y+1) - f(x, y-1))     m = |g|, theta = its direction, in [0, 180) or [0, 360)
//   h(block, cell, bin) = sum over the block's pixels of  m w(pixel in block) a(pixel, cell) b(theta, bin)
//   v = h / (|h| + e),   v = min(v, 0.2),   v = v / |v|                               (L2-Hys), all cells of a block together
//
// w: a Gaussian around the block's middle;  a, b: linear interpolation between the nearest cells and bins. Blocks overlap:
// a cell is part of several, normalised with each of them. The descriptor of a window is the row of all its blocks.
//
// Takes      u8, u16, f32; 1 or 3 channels (of 3, each pixel takes the channel with the largest m)
// Gives      one row h0, h1, ... over the whole picture (what is left of it at the right and below by whole strides does
//            not count); `sliding`: one row a window, x, y of its first pixel before them
// Units      block, stride and window in pixels
// Guarantees every value in [0, 1]; a block has length 1, or less where the picture is nearly flat (0 where it is flat)
// Cost       O(pixels bins) where stride = cell and a block has at most 2 x 2 cells; O(pixels (block/stride)^2) else
// Errors     ParameterError (sizes that do not fit one another), DataError (a picture smaller than one block)
// See        [DalalTriggs2005] sec. 6; trace pictures "input", "magnitude", "orientation", "cells", "blocks"
//
// Presets
//   dalal    the paper's default detector: no gamma, sigma of w = half a block, exact angles
//   opencv   cv::HOGDescriptor: square roots of grey levels, sigma = a quarter of a block around its pixel (8, 8), angles by
//            a polynomial (up to 0.011 degrees off), blocks and cells column by column
//   skimage  skimage.feature.hog: cells of 3 x 3 blocks, each pixel votes for one bin of one cell, no w; row by row, f64
//            (votes of a cell summed in f32, as there)
#pragma once
#include <optional>

#include "assay/features/feature.h"

namespace assay {

enum class HogPreset { dalal, opencv, skimage };
inline constexpr EnumNames<HogPreset, 3> hog_preset_names{
    {{"dalal", HogPreset::dalal}, {"opencv", HogPreset::opencv}, {"skimage", HogPreset::skimage}}};
enum class HogGamma { automatic, none, sqrt };
inline constexpr EnumNames<HogGamma, 3> hog_gamma_names{
    {{"auto", HogGamma::automatic}, {"none", HogGamma::none}, {"sqrt", HogGamma::sqrt}}};
enum class HogAngle { automatic, exact, opencv };
inline constexpr EnumNames<HogAngle, 3> hog_angle_names{
    {{"auto", HogAngle::automatic}, {"exact", HogAngle::exact}, {"opencv", HogAngle::opencv}}};

struct HogParams {
  HogPreset preset = HogPreset::dalal;
  std::string window;
  int cell = 8;
  std::optional<int> block, stride;
  int bins = 9;
  bool full_circle = false;
  HogGamma gamma = HogGamma::automatic;
  HogAngle angle = HogAngle::automatic;
  bool sliding = false;
  std::optional<int> window_stride;
  static void fields(auto& p, auto&& field) {
    window_fields(p, field);
    field("sliding", p.sliding, "one row a window, all over the picture");
  }
  /// All but `sliding`: what a window's row is made of, and how far windows lie apart.
  static void window_fields(auto& p, auto&& field) {
    field("preset", p.preset, hog_preset_names, "whose weights, borders, order and defaults");
    field("window", p.window, "WIDTHxHEIGHT in pixels; without it 64x128 for sliding windows, else the whole picture");
    field("cell", p.cell, between(1, 1000), "side of a cell in pixels", {"cell-size", "pixels-per-cell"});
    field("block", p.block, between(1, 10000), "side of a block in pixels; none: 2 cells (skimage: 3)", {"block-size"});
    field("stride", p.stride, between(1, 10000), "from block to block, in pixels; none: one cell", {"block-stride"});
    field("bins", p.bins, between(2, 360), "directions told apart", {"nbins", "orientations"});
    field("full-circle", p.full_circle, "directions from 0 to 360 degrees: dark to bright is not bright to dark",
          {"signed-gradient"});
    field("gamma", p.gamma, hog_gamma_names,
          "sqrt: square roots of the values first; auto: sqrt for opencv, else none");
    field("angle", p.angle, hog_angle_names, "auto: OpenCV's polynomial for opencv, else exact");
    field("window-stride", p.window_stride, between(1, 10000), "from window to window, in pixels; none: stride",
          {"win-stride"});
  }
  static std::optional<std::string> check(const HogParams& p);
};

struct Hog {
  using Params = HogParams;
  static constexpr FeatureInfo info{"hog",
                                    "histograms of oriented gradients, one row a picture or window",
                                    "DalalTriggs2005, sec. 6",
                                    {"hog-descriptor"},
                                    {kAnyDepth, kGrey | kColour, Law::none, Law::none}};
  static FeatureTable detect(const Params&, const cv::Mat& image, const Context&);
  /// The cells as stars: a ray along each edge, as bright as its votes; of the picture brought to the window's size.
  static cv::Mat draw(const Params&, const cv::Mat& image, const FeatureTable&);
};

inline FeatureTable hog(const cv::Mat& image, const HogParams& params = {}, const Context& ctx = {}) {
  return detect<Hog>(params, image, ctx);
}

/// The same rows without names and places: f32, of the preset skimage and where blocks are made as the textbook says f64.
/// `rows` is reused where it has the size and type.
void hog_rows(const cv::Mat& image, const HogParams& params, cv::Mat& rows, const Context& ctx = {});

/// A window, in blocks.
struct HogWindow {
  int width = 0, height = 0;  ///< pixels
  int across = 0, down = 0;   ///< blocks
  size_t length = 0;          ///< entries of its row
};
/// The window of the parameters (64x128 where they name none).
HogWindow hog_window(const HogParams& params);
/// Blocks from window to window.
int hog_window_step(const HogParams& params);

/// Every block of a picture, normalised. values: row (by * length + f), column bx: entry f of block (bx, by); f32 or f64.
struct HogBlocks {
  int across = 0, down = 0;  ///< blocks
  int length = 0;            ///< entries of a block
  int stride = 0;            ///< pixels from block to block
  cv::Mat values;
};

/// As fast as we can where stride = cell, a block has at most 2 x 2 cells and the preset interpolates; else as the textbook.
HogBlocks hog_blocks(const cv::Mat& image, const HogParams& params = {}, const Context& ctx = {});
/// Block by block, pixel by pixel, in f64, as the formula says.
HogBlocks hog_blocks_textbook(const cv::Mat& image, const HogParams& params = {}, const Context& ctx = {});

}  // namespace assay
