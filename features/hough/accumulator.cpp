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

using namespace hough;

namespace hough {

Binning::Binning(cv::Size size, double theta, int zero) : c_(std::cos(theta)), s_(std::sin(theta)), zero_(zero) {
  // Of |x c| + |y s| <= diagonal and of zero: c, s, start, the products and the sums, each rounded to 24 bits.
  const bool exact = std::max(size.width, size.height) < 1 << 20;  // the coordinates are
  slack_ =
      exact ? std::ldexp(4.0F * static_cast<float>(offset_for(size)) + 3.0F * static_cast<float>(zero) + 4, -24) : 1;
}

void Binning::operator()(const int* x, const int* y, size_t n, int* bin) const {
  uint32_t near =
      bins_of(x, y, n, static_cast<float>(c_), static_cast<float>(s_), static_cast<float>(zero_ + 0.5), slack_, bin);
  for (size_t first = 0; near != 0; first += kGroup, near >>= 1)
    if (near & 1)
      for (size_t i = first; i < std::min(n, first + kGroup); ++i) bin[i] = zero_ + nearest(x[i] * c_ + y[i] * s_);
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
    alignas(64) int bin[kBlock];
    for (Index a = begin; a < end; ++a) {
      const Binning bins(edges.size(), theta[static_cast<size_t>(a)], space.offset);
      for (size_t first = 0; first < pixels.size(); first += kBlock) {
        const size_t n = std::min(kBlock, pixels.size() - first);
        bins(pixels.x.data() + first, pixels.y.data() + first, n, bin);
        count_votes(bin, n, 1, space.votes[static_cast<int>(a)]);
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
