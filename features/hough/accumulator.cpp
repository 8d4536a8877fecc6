// features/hough/accumulator.cpp
// Notation   rho, theta: a line (accumulator.h)
// Method     1 for each angle: each row of pixels moves by y tan theta   2 votes of all rows together (sheared_rows.cpp)
// Departures from the paper: rho is up to 1/8 pixel off before it is rounded; vote_for_lines_textbook has none. Rounding is
//            to the nearest pixel, halves away from 0.

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
#include "assay/features/hough/binning_internal.h"
#include "assay/features/hough/sheared_rows_internal.h"

namespace assay {

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
      uint64_t eight = 1;
      if (last == first + 8) std::memcpy(&eight, row + first, sizeof eight);
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
  space.offset = hough::offset_for(size);
  if ((2LL * space.offset + 1) * static_cast<int64_t>(theta.size()) > int64_t{1} << 28)
    throw DataError("votes for " + std::to_string(theta.size()) + " angles of a picture of " +
                        std::to_string(size.width) + " x " + std::to_string(size.height) +
                        " pixels need more than 2^28 cells",
                    "raise angle-step, or make the picture smaller");
  space.votes = cv::Mat_<int>(static_cast<int>(theta.size()), 2 * space.offset + 1, 0);
  return space;
}

LineSpace vote_for_lines(const cv::Mat& edges, const std::vector<double>& theta, const Context& ctx) {
  return hough::vote_by_rows(
      edges, theta, hough::ShearedRows::cheaper_form(edges.size(), static_cast<size_t>(cv::countNonZero(edges))), ctx);
}

LineSpace hough::vote_by_rows(const cv::Mat& edges, const std::vector<double>& theta, ShearedRows::Form form,
                              const Context& ctx) {
  LineSpace space = empty_line_space(edges.size(), theta);
  cv::Mat picture = edges;
  for (const bool by_columns : {false, true}) {
    std::vector<int> angles;
    for (int a = 0; a < space.angles(); ++a)
      if (Shear::by_columns(theta[static_cast<size_t>(a)]) == by_columns) angles.push_back(a);
    if (angles.empty()) continue;
    if (by_columns) cv::transpose(edges, picture = cv::Mat());
    constexpr int kStrip = 768;
    const int strips = form == ShearedRows::Form::bits ? (picture.rows + kStrip - 1) / kStrip : 1;
    for (int strip = 0; strip < strips; ++strip) {
      const auto border = [&](int k) { return static_cast<int>(int64_t{picture.rows} * k / strips); };
      const int begin = border(strip), end = border(strip + 1);
      const ShearedRows rows(picture.rowRange(begin, end), begin, form);
      parallel_for(ctx.threads, static_cast<Index>(angles.size()), 4, [&](Index from, Index to) {
        ctx.check_cancelled();
        Places places;
        for (Index i = from; i < to; ++i) {
          const int a = angles[static_cast<size_t>(i)];
          rows.vote(Shear(theta[static_cast<size_t>(a)], begin, end - begin, picture.cols), places,
                    space.votes[a] + space.offset);
        }
      });
    }
  }
  return space;
}

LineSpace vote_for_lines_textbook(const cv::Mat& edges, const std::vector<double>& theta) {
  LineSpace space = empty_line_space(edges.size(), theta);
  for (int y = 0; y < edges.rows; ++y)
    for (int x = 0; x < edges.cols; ++x) {
      if (edges.at<uint8_t>(y, x) == 0) continue;
      for (int a = 0; a < space.angles(); ++a) {
        const double angle = theta[static_cast<size_t>(a)];
        ++space.votes(a, space.offset + hough::nearest(x * std::cos(angle) + y * std::sin(angle)));
      }
    }
  return space;
}

}  // namespace assay
