// features/hough/segment_votes_internal.h: votes of pixels that come in a given order, and the cells that reach T.
//
// Pixels vote by blocks, angle by angle, so that one row of bins stays in the cache. What would have happened pixel by pixel
// is told afterwards, for the few cells that have T votes at the block's end: such a cell had T at its i-th voter of the
// block if its votes, less those of its living voters after the i-th, are T at least.
#pragma once
#include <opencv2/core/types.hpp>
#include <optional>
#include <vector>

#include "assay/features/hough/binning_internal.h"

namespace assay::hough {

/// A cell with T votes, and the pixel that was the last of them.
struct FullCell {
  size_t pixel;  // its place in the block
  int angle;
};

class SegmentVotes {
 public:
  SegmentVotes(cv::Size size, int angles, int needed);
  const std::vector<double>& theta() const { return theta_; }

  /// A block of n <= kBlock pixels votes. *edge[i] will be 0 as soon as pixel i is no edge any more.
  void vote(const int* x, const int* y, const uint8_t* const* edge, size_t n);
  /// The first pixel of the block, after that of the last call, with a full cell: the fullest, of equal ones the first angle's.
  std::optional<FullCell> next_full();
  /// Votes taken back: at once for the angles that have full cells, for the others when the next block votes.
  void take_back(const std::vector<int>& x, const std::vector<int>& y);

  /// One pixel votes, as the paper says it: its full cell.
  std::optional<FullCell> vote_one(int x, int y);

 private:
  // A cell that is full at the block's end, and which pixels of the block voted for it.
  struct Cell {
    int angle;
    const uint16_t* votes;
    size_t begin, end;  // in voters_
  };
  struct Turn {
    size_t pixel, cell;
    bool operator>(const Turn& other) const { return pixel > other.pixel; }
  };
  void take_back(size_t angle, const std::vector<int>& x, const std::vector<int>& y);
  void list_full(int angle, const uint16_t* row, const int* bin, size_t n);
  struct Full {
    size_t pixel;
    int votes;
  };
  std::optional<Full> first_full(const Cell& cell) const;
  void push_turn(size_t pixel, size_t cell);

  std::vector<double> theta_;
  int needed_;
  size_t width_;  // bins of an angle
  // A row an angle, only the bins that pixels can reach. None holds more than two diagonals of 32767 pixels, the longest side.
  std::vector<uint16_t> votes_;
  std::vector<Binning> binning_;
  std::vector<uint8_t> has_full_;         // of an angle, in this block
  std::vector<int> late_x_, late_y_;      // to be taken back for the angles without full cells
  const uint8_t* const* edge_ = nullptr;  // of the block
  std::vector<Cell> cells_;
  std::vector<int> voters_;
  std::vector<Turn> turns_;  // a heap: the earliest pixel at which a cell may be full. It can only become later
  size_t next_ = 0;          // pixels before have had their turn
};

}  // namespace assay::hough
