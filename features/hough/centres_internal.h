// features/hough/centres_internal.h: votes of edge points for the centres of circles.
//
//   votes(a, b) = sum over edge points and radii r with (a, b) = (x, y) +- r (ux, uy)  of  1 / r
//
// Units      pixels; centres at whole pixels, refined later (circles.cpp)
// Cost       O(edge points * radii + pixels) time, a cell of 16 or 32 bits a pixel
// Source     [Ballard1981], the gradient's direction in place of all angles
#pragma once
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assay/core/context.h"
#include "assay/features/hough/edge_points_internal.h"

namespace assay::hough {

struct Centre {
  int x, y, votes;
};

class CentreVotes {
 public:
  /// Radii r0 to r1.
  CentreVotes(const OrientedEdgePoints& points, cv::Size size, int r0, int r1, const Context& ctx = {});
  /// Votes that the centre of a circle gets of which `support` is edge, at least, be there noise or not.
  int least(double support) const;
  /// Blocks with as many votes more than blocks have thereabouts, and no more in the two cells around: at most kMost, most
  /// votes first.
  static constexpr size_t kMost = 1000;
  std::vector<Centre> peaks(int least) const;
  /// Over 3 x 3 cells: rounding and noise spread a centre's votes.
  cv::Mat_<int> block_sums() const;

 private:
  template <class Cell>
  void vote(const OrientedEdgePoints& points, int r0, const Context& ctx);
  void sum_row(int y, int* down, int* sum) const;
  std::vector<int> background() const;
  size_t tile(int x, int y) const;

  int r1_;
  int unit_;       // a vote for radius r counts unit_ / r
  cv::Mat votes_;  // u16 or s32
};

}  // namespace assay::hough
