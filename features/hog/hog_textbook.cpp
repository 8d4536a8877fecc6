// features/hog/hog_textbook.cpp: blocks as the formula says, in f64.
// Notation   f picture;  m, theta: length and direction of its gradient;  (bx, by) block;  (cx, cy) cell in it;  b bin
// Method     1 square roots, if asked   2 gradient, of the strongest channel   3 each block: each pixel votes for its cells
//            and bins   4 L2-Hys
// Departures from the paper: at the edge of the picture the derivative across it is 0 (the paper's windows have a margin)

#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/features/hog/hog_internal.h"
#include "assay/features/hog/hog_kernels.h"
#include "assay/imgproc/filter/border.h"

namespace assay {

namespace {

using detail::HogSetting;

// --- 1, 2 ------------------------------------------------------------------------------------------------------------

struct Polar {
  cv::Mat_<double> magnitude, degrees;
};

double direction_degrees(const HogSetting& s, double gx, double gy) {
  if (s.opencv_angle) {
    const float x = static_cast<float>(gx), y = static_cast<float>(gy);
    float m, position;
    hog_polar(&x, &y, {static_cast<float>(s.bins), s.full_circle, true}, &m, &position, 1);
    return (static_cast<double>(position) + 0.5) * s.degrees() / s.bins;
  }
  const double turn = s.degrees();
  double degrees = std::fmod(std::atan2(gy, gx) * (180 / std::numbers::pi), turn);
  if (degrees < 0) degrees += turn;
  return degrees;
}

Polar gradient(const cv::Mat& image, const HogSetting& s, const Context& ctx) {
  Polar g{cv::Mat_<double>(image.size()), cv::Mat_<double>(image.size())};
  const int channels = image.channels(), padded = (image.cols + 2) * channels;
  parallel_for(ctx.threads, image.rows, 64, [&](Index begin, Index end) {
    ctx.check_cancelled();
    cv::Mat_<double> rows(3, padded);
    const auto read = [&](int y, double* f) {
      padded_row<double>(image, y, 0, image.cols, 1, Border::reflect101, 0, f);
      for (int i = 0; i < padded; ++i) f[i] = s.gamma ? std::sqrt(std::max(0.0, f[i] * s.scale)) : f[i] * s.scale;
    };
    for (int y = static_cast<int>(begin); y < end; ++y) {
      for (int j = 0; j < 3; ++j) read(y + j - 1, rows[j]);
      for (int x = 0; x < image.cols; ++x) {
        double gx = 0, gy = 0, largest = -1;
        for (int c = channels - 1; c >= 0; --c) {
          const double dx = rows(1, (x + 2) * channels + c) - rows(1, x * channels + c);
          const double dy = rows(2, (x + 1) * channels + c) - rows(0, (x + 1) * channels + c);
          if (dx * dx + dy * dy > largest) gx = dx, gy = dy, largest = dx * dx + dy * dy;
        }
        g.magnitude(y, x) = std::sqrt(gx * gx + gy * gy);
        g.degrees(y, x) = direction_degrees(s, gx, gy);
      }
    }
  });
  return g;
}

// --- 3 ---------------------------------------------------------------------------------------------------------------

// Pixel (i, j) of the block votes.
void vote(const HogSetting& s, int i, int j, double magnitude, double degrees, double* h) {
  const double position = degrees * s.bins / s.degrees() - 0.5;
  if (!s.interpolate) {  // skimage: the bin it falls into, of the cell it stands in; summed in f32, as it does
    const double width = s.degrees() / s.bins;
    int b = std::min(s.bins - 1, static_cast<int>(degrees / width));
    if (degrees < width * b) --b;  // the quotient was rounded up
    double& sum = h[s.entry(j / s.cell, i / s.cell, b)];
    sum = static_cast<double>(static_cast<float>(sum + magnitude));
    return;
  }
  const int below = static_cast<int>(std::floor(position));
  const double above_share = position - below, weight = detail::block_weight(s, i) * detail::block_weight(s, j);
  for (int cy = 0; cy < s.cells; ++cy)
    for (int cx = 0; cx < s.cells; ++cx) {
      const double share = magnitude * weight * detail::cell_share(s, i, cy) * detail::cell_share(s, j, cx);
      if (share == 0) continue;
      h[s.entry(cx, cy, (below + s.bins) % s.bins)] += share * (1 - above_share);
      h[s.entry(cx, cy, (below + 1) % s.bins)] += share * above_share;
    }
}

// --- 4 ---------------------------------------------------------------------------------------------------------------

void normalize(const HogSetting& s, double* v) {
  const auto scale = [&](double add, double plus) {
    double sum = 0;
    for (int f = 0; f < s.length(); ++f) sum += v[f] * v[f];
    const double length = std::sqrt(sum + add) + plus;
    for (int f = 0; f < s.length(); ++f) v[f] /= length;
  };
  if (!s.normalized) return;
  scale(s.add1, s.plus1);
  for (int f = 0; f < s.length(); ++f) v[f] = std::min(v[f], 0.2);
  scale(s.add2, s.plus2);
}

}  // namespace

HogBlocks detail::blocks_textbook(const cv::Mat& image, const HogSetting& s, const Context& ctx) {
  HogBlocks blocks = empty_blocks(s, image);
  blocks.values.create(blocks.down * blocks.length, blocks.across, CV_64F);
  const Polar g = gradient(image, s, ctx);
  parallel_for(ctx.threads, blocks.down, 4, [&](Index begin, Index end) {
    ctx.check_cancelled();
    std::vector<double> h(static_cast<size_t>(s.length()));
    for (int by = static_cast<int>(begin); by < end; ++by)
      for (int bx = 0; bx < blocks.across; ++bx) {
        std::fill(h.begin(), h.end(), 0.0);
        for (int i = 0; i < s.block; ++i)
          for (int j = 0; j < s.block; ++j)
            vote(s, i, j, g.magnitude(by * s.stride + i, bx * s.stride + j),
                 g.degrees(by * s.stride + i, bx * s.stride + j), h.data());
        if (!s.interpolate)
          for (double& v : h) v = static_cast<double>(static_cast<float>(v) / static_cast<float>(s.cell * s.cell));
        normalize(s, h.data());
        for (int f = 0; f < s.length(); ++f)
          blocks.values.at<double>(by * s.length() + f, bx) = h[static_cast<size_t>(f)];
      }
  });
  return blocks;
}

HogBlocks hog_blocks_textbook(const cv::Mat& image, const HogParams& p, const Context& ctx) {
  check_params(p);
  check_image(Hog::info.name, Hog::info.traits, image);
  return detail::blocks_textbook(image, detail::hog_setting(p, image), ctx);
}

}  // namespace assay
