// features/hough/accumulator.h: the space of lines, and votes for them.
//
//   rho = x cos theta + y sin theta                                            [DudaHart1972, eq. 1]
//
// Every edge pixel votes once for each angle: for the line of that angle through it, rho rounded to whole pixels.
//
// Shapes     votes: angles x bins, int32, one row an angle; bin b holds rho = b - offset, offset = ceil(diagonal)
// Guarantees the sum of all votes is edge pixels x angles; the same for any number of threads; vote_for_lines_textbook's,
//            transposed, are skimage.transform.hough_line's accumulator, bit for bit
// Cost       an angle takes some rows x (rows + columns) / 512 steps, or one for each edge pixel where these are few
// Departures from the paper: vote_for_lines moves each row (or column) of pixels by a multiple of 1/4 pixel
// Errors     DataError where the space would have more than 2^28 cells
#pragma once
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assay/core/context.h"

namespace assay {

/// Edge pixels (those that are not 0) of a u8 picture, row by row.
struct EdgePixels {
  std::vector<int> x, y;
  size_t size() const { return x.size(); }
};
EdgePixels edge_pixels(const cv::Mat& edges);

struct LineSpace {
  std::vector<double> theta;  ///< radians, one a row
  int offset = 0;             ///< bin of rho = 0
  cv::Mat_<int> votes;
  int angles() const { return votes.rows; }
  int bins() const { return votes.cols; }
};

/// `count` angles from 0 to below pi.
std::vector<double> even_angles(int count);

/// No votes yet. DataError where the space would be too large.
LineSpace empty_line_space(cv::Size size, const std::vector<double>& theta);

/// All votes of the edge map. Angle by angle, rows of pixels together; of each pixel, rho is up to 1/8 pixel off before it is
/// rounded.
LineSpace vote_for_lines(const cv::Mat& edges, const std::vector<double>& theta, const Context& ctx = {});

/// The same as the paper says it: pixel by pixel, every angle. For reading and for the tests.
LineSpace vote_for_lines_textbook(const cv::Mat& edges, const std::vector<double>& theta);

}  // namespace assay
