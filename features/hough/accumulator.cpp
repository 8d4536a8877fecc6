// features/hough/accumulator.cpp
// Notation   c, s: cosine and sine of theta;  offset: bin of rho = 0
// Method     1 list the edge pixels   2 for each angle: rho of every pixel, rounded; one vote more in that bin
// Departures from the paper: none. Rounding is to the nearest pixel, halves away from 0.

#include "assay/features/hough/accumulator.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <opencv2/core.hpp>
#include <string>

#include "assay/core/error.h"
#include "assay/core/parallel.h"
#include "assay/features/hough/accumulator_internal.h"

namespace assay {

using hough::Binning, hough::count_votes, hough::nearest, hough::offset_for;

namespace hough {

// Pixels far apart in turn: neighbours often vote for the same bin and would wait for each other.
void count_votes(const int* bin, size_t n, int* __restrict row) {
  constexpr size_t kParts = 8;
  const size_t part = n / kParts;
  for (size_t i = 0; i < part; ++i)
    for (size_t k = 0; k < kParts; ++k) ++row[bin[i + k * part]];
  for (size_t i = kParts * part; i < n; ++i) ++row[bin[i]];
}

Binning::Binning(cv::Size size, double theta, int zero)
    : c_(std::cos(theta)), s_(std::sin(theta)), zero_(zero), mx_(size.width / 2), my_(size.height / 2) {
  int bits = 0;
  while ((2LL * offset_for(size) + 2) >> bits) ++bits;
  k_ = 30 - bits;
  const double one = std::ldexp(1.0, k_);
  C_ = static_cast<int>(std::lround(c_ * one));
  S_ = static_cast<int>(std::lround(s_ * one));
  start_ = static_cast<int>(std::lround((zero_ + mx_ * c_ + my_ * s_ + 0.5) * one));
  slack_ = mx_ / 2 + my_ / 2 + 4;  // half a unit for each pixel of x and y, one for start, and what doubles may round
  fixed_ = k_ >= 8 && 64 * slack_ < (1 << k_);
}

void Binning::operator()(const int* x, const int* y, size_t n, int* __restrict bin) const {
  constexpr size_t kGroup = 64;
  const int mask = (1 << k_) - 1, margin = 2 * slack_;
  for (size_t first = 0; first < n; first += kGroup) {
    const size_t last = std::min(n, first + kGroup);
    int close = !fixed_;
    if (fixed_)
      for (size_t i = first; i < last; ++i) {
        const int sum = (x[i] - mx_) * C_ + (y[i] - my_) * S_ + start_;
        close |= static_cast<int>(((sum + slack_) & mask) < margin);
        bin[i] = sum >> k_;
      }
    if (close)
      for (size_t i = first; i < last; ++i) bin[i] = zero_ + nearest(x[i] * c_ + y[i] * s_);
  }
}

}  // namespace hough

EdgePixels edge_pixels(const cv::Mat& edges) {
  EdgePixels pixels;
  const auto count = static_cast<size_t>(cv::countNonZero(edges));
  pixels.x.resize(count + 1);  // one more: what is no edge is written there and overwritten
  pixels.y.resize(count + 1);
  size_t n = 0;
  for (int y = 0; y < edges.rows; ++y) {
    const uint8_t* row = edges.ptr<uint8_t>(y);
    for (int first = 0; first < edges.cols; first += 8) {
      const int last = std::min(first + 8, edges.cols);
      uint64_t eight = 0;
      std::memcpy(&eight, row + first, static_cast<size_t>(last - first));
      if (eight == 0) continue;
      for (int x = first; x < last; ++x) {
        pixels.x[n] = x;
        pixels.y[n] = y;
        n += row[x] != 0;
      }
    }
  }
  pixels.x.resize(count);
  pixels.y.resize(count);
  return pixels;
}

std::vector<double> even_angles(int count) {
  std::vector<double> theta(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) theta[static_cast<size_t>(i)] = std::numbers::pi * i / count;
  return theta;
}

LineSpace empty_line_space(cv::Size size, const std::vector<double>& theta) {
  LineSpace space;
  space.theta = theta;
  space.offset = offset_for(size);
  if ((2LL * space.offset + 1) * static_cast<int64_t>(theta.size()) > int64_t{1} << 28)
    throw DataError("votes for " + std::to_string(theta.size()) + " angles of a picture of " +
                        std::to_string(size.width) + " x " + std::to_string(size.height) +
                        " pixels need more than 2^28 cells",
                    "raise angle-step, or make the picture smaller");
  space.votes = cv::Mat_<int>(static_cast<int>(theta.size()), 2 * space.offset + 1, 0);
  return space;
}

LineSpace vote_for_lines(const cv::Mat& edges, const std::vector<double>& theta, const Context& ctx) {
  LineSpace space = empty_line_space(edges.size(), theta);
  const EdgePixels pixels = edge_pixels(edges);
  parallel_for(ctx.threads, space.angles(), 4, [&](Index begin, Index end) {
    ctx.check_cancelled();
    constexpr size_t kBlock = 1024;  // pixels whose bins are computed before they are counted
    alignas(64) int bin[kBlock];
    for (Index a = begin; a < end; ++a) {
      const Binning bins(edges.size(), theta[static_cast<size_t>(a)], space.offset);
      for (size_t first = 0; first < pixels.size(); first += kBlock) {
        const size_t n = std::min(kBlock, pixels.size() - first);
        bins(pixels.x.data() + first, pixels.y.data() + first, n, bin);
        count_votes(bin, n, space.votes[static_cast<int>(a)]);
      }
    }
  });
  return space;
}

LineSpace vote_for_lines_textbook(const cv::Mat& edges, const std::vector<double>& theta) {
  LineSpace space = empty_line_space(edges.size(), theta);
  for (int y = 0; y < edges.rows; ++y)
    for (int x = 0; x < edges.cols; ++x) {
      if (edges.at<uint8_t>(y, x) == 0) continue;
      for (int a = 0; a < space.angles(); ++a) {
        const double angle = theta[static_cast<size_t>(a)];
        ++space.votes(a, space.offset + nearest(x * std::cos(angle) + y * std::sin(angle)));
      }
    }
  return space;
}

}  // namespace assay
