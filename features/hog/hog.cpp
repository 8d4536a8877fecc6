// features/hog/hog.cpp
// Notation   as in hog.h
// Method     1 all blocks of the picture, each once (hog_blocks.cpp)   2 a window's row: its blocks, one after the other
//            (hog_rows.cpp)
// Departures from the paper: the border (hog_textbook.cpp). The paper leaves e open ("results are insensitive"): one grey
//            level of 255.

#include "assay/features/hog/hog.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/parallel.h"
#include "assay/core/text.h"
#include "assay/features/hog/hog_internal.h"
#include "assay/imgproc/geometry/resize.h"

namespace assay {

namespace {

using detail::HogSetting;

std::optional<cv::Size> parse_window(const std::string& text) {
  const std::vector<std::string> sides = split(text, 'x');
  if (sides.size() != 2) return std::nullopt;
  const auto w = parse_int(sides[0]), h = parse_int(sides[1]);
  if (!w || !h || *w < 1 || *h < 1 || *w > 100000 || *h > 100000) return std::nullopt;
  return cv::Size(static_cast<int>(*w), static_cast<int>(*h));
}

bool names_window(const HogParams& p) { return !p.window.empty() && p.window != "none"; }
int block_of(const HogParams& p) { return p.block.value_or((p.preset == HogPreset::skimage ? 3 : 2) * p.cell); }
int stride_of(const HogParams& p) { return p.stride.value_or(p.cell); }

std::string sides(int width, int height) { return std::to_string(width) + " x " + std::to_string(height); }

// A picture that is not looked at window by window is brought to the window's size, where one is named.
cv::Mat brought_to_window(const cv::Mat& image, const HogParams& p, const Context& ctx) {
  if (!names_window(p) || p.sliding) return image;
  const HogWindow w = hog_window(p);
  if (image.cols == w.width && image.rows == w.height) return image;
  ResizeParams to;
  to.width = w.width, to.height = w.height, to.antialias = true;
  return resize(image, to, ctx);
}

HogWindow rows_window(const HogParams& p, const cv::Mat& picture, const HogBlocks& blocks) {
  if (p.sliding) return hog_window(p);
  return {picture.cols, picture.rows, blocks.across, blocks.down, blocks.values.total()};
}

FeatureTable named_rows(const HogBlocks& blocks, const HogParams& p, const HogWindow& w, const Context& ctx) {
  const detail::WindowRows windows(blocks, w, p);
  FeatureTable table;
  if (p.sliding) table.columns = {"x", "y"};
  table.columns.reserve(w.length + 2);
  for (size_t i = 0; i < w.length; ++i) {
    char name[24] = "h";
    table.columns.emplace_back(name, static_cast<size_t>(std::to_chars(name + 1, name + 24, i).ptr - name));
  }
  const size_t places = p.sliding ? 2 : 0, width = table.columns.size();
  table.values.resize(width * static_cast<size_t>(windows.across()) * static_cast<size_t>(windows.down()));
  parallel_for(ctx.threads, windows.down(), 8, [&](Index begin, Index end) {
    ctx.check_cancelled();
    double* row = table.values.data() + static_cast<size_t>(begin * windows.across()) * width;
    windows.copy_lines(begin, end, row + places, width);
    if (p.sliding)
      for (int wy = static_cast<int>(begin); wy < end; ++wy)
        for (int wx = 0; wx < windows.across(); ++wx, row += width) {
          const cv::Point first = windows.first_pixel(wx, wy);
          row[0] = first.x, row[1] = first.y;
        }
  });
  return table;
}

}  // namespace

namespace detail {

HogSetting hog_setting(const HogParams& p, const cv::Mat& image) {
  HogSetting s{};
  s.cell = p.cell, s.block = block_of(p), s.cells = s.block / s.cell, s.stride = stride_of(p), s.bins = p.bins;
  s.full_circle = p.full_circle;
  const bool opencv = p.preset == HogPreset::opencv, skimage = p.preset == HogPreset::skimage;
  s.gamma = p.gamma == HogGamma::sqrt || (p.gamma == HogGamma::automatic && opencv);
  s.opencv_angle = p.angle == HogAngle::opencv || (p.angle == HogAngle::automatic && opencv);
  s.interpolate = !skimage, s.rows_first = skimage;
  s.sigma = s.block / (opencv ? 4.0 : 2.0);
  s.middle = s.block / 2.0 - (opencv ? 0 : 0.5);
  s.scale = skimage ? 1 : 255 / full_scale(image);
  if (opencv)
    s.plus1 = 0.1 * s.length(), s.plus2 = 1e-3;
  else if (skimage)
    s.add1 = s.add2 = 1e-10;
  else
    s.add1 = 1, s.add2 = 1e-10;
  return s;
}

HogBlocks empty_blocks(const HogSetting& s, const cv::Mat& image) {
  if (image.cols < s.block || image.rows < s.block)
    throw DataError(
        "hog: the picture has " + sides(image.cols, image.rows) + " pixels, a block " + sides(s.block, s.block),
        "a larger picture, or a smaller --cell and --block");
  return {(image.cols - s.block) / s.stride + 1, (image.rows - s.block) / s.stride + 1, s.length(), s.stride, {}};
}

double cell_share(const HogSetting& s, int i, int c) {
  return std::max(0.0, 1 - std::abs((i + 0.5) / s.cell - 0.5 - c));
}

double block_weight(const HogSetting& s, int i) {
  return std::exp(-(i - s.middle) * (i - s.middle) / (2 * s.sigma * s.sigma));
}

}  // namespace detail

std::optional<std::string> HogParams::check(const HogParams& p) {
  const int block = block_of(p), stride = stride_of(p);
  if (block % p.cell != 0)
    return "hog: block = " + std::to_string(block) + " pixels must be whole cells of " + std::to_string(p.cell) +
           " (2 x 2 cells: block = " + std::to_string(2 * p.cell) + ")";
  if (block / p.cell > 64) return "hog: a block has at most 64 x 64 cells";
  if (p.window_stride && *p.window_stride % stride != 0)
    return "hog: window-stride = " + std::to_string(*p.window_stride) + " must be whole strides of " +
           std::to_string(stride);
  if (!names_window(p)) return std::nullopt;
  const auto window = parse_window(p.window);
  if (!window) return "hog: window = " + quoted(p.window) + " must be WIDTHxHEIGHT in pixels, as 64x128";
  if (window->width < block || window->height < block || (window->width - block) % stride != 0 ||
      (window->height - block) % stride != 0)
    return "hog: window = " + p.window + " must hold a block of " + std::to_string(block) +
           " pixels and whole strides of " + std::to_string(stride);
  return std::nullopt;
}

HogWindow hog_window(const HogParams& p) {
  const cv::Size size = names_window(p) ? parse_window(p.window).value() : cv::Size(64, 128);
  const int block = block_of(p), stride = stride_of(p), cells = block / p.cell;
  const int across = size.width < block ? 0 : (size.width - block) / stride + 1;
  const int down = size.height < block ? 0 : (size.height - block) / stride + 1;
  return {size.width, size.height, across, down, static_cast<size_t>(across) * down * cells * cells * p.bins};
}

int hog_window_step(const HogParams& p) { return p.window_stride.value_or(stride_of(p)) / stride_of(p); }

HogBlocks hog_blocks(const cv::Mat& image, const HogParams& p, const Context& ctx) {
  check_params(p);
  check_image(Hog::info.name, Hog::info.traits, image);
  const HogSetting s = detail::hog_setting(p, image);
  if (s.stride != s.cell || s.cells > 2 || !s.interpolate) return hog_blocks_textbook(image, p, ctx);
  HogBlocks blocks = detail::empty_blocks(s, image);
  detail::fill_blocks(image, s, blocks, ctx);
  return blocks;
}

FeatureTable Hog::detect(const Params& p, const cv::Mat& image, const Context& ctx) {
  const cv::Mat picture = brought_to_window(image, p, ctx);
  const HogBlocks blocks = hog_blocks(picture, p, ctx);
  if (ctx.trace) detail::trace_hog(picture, detail::hog_setting(p, picture), blocks, ctx);
  return named_rows(blocks, p, rows_window(p, picture, blocks), ctx);
}

void hog_rows(const cv::Mat& image, const HogParams& p, cv::Mat& rows, const Context& ctx) {
  const cv::Mat picture = brought_to_window(image, p, ctx);
  const HogBlocks blocks = hog_blocks(picture, p, ctx);
  const HogWindow w = rows_window(p, picture, blocks);
  const detail::WindowRows windows(blocks, w, p);
  rows.create(windows.across() * windows.down(), static_cast<int>(w.length), blocks.values.type());
  parallel_for(ctx.threads, windows.down(), 8, [&](Index begin, Index end) {
    const auto first = static_cast<int>(begin * windows.across());
    if (rows.depth() == CV_32F)
      windows.copy_lines(begin, end, rows.ptr<float>(first), rows.step1());
    else
      windows.copy_lines(begin, end, rows.ptr<double>(first), rows.step1());
  });
}

cv::Mat Hog::draw(const Params& p, const cv::Mat& image, const FeatureTable&) {
  const cv::Mat picture = brought_to_window(image, p, {});
  return detail::draw_cells(hog_blocks(picture, p), detail::hog_setting(p, picture));
}

}  // namespace assay
