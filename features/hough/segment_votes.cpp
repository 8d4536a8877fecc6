// features/hough/segment_votes.cpp
// Method     1 a block of pixels votes, angle by angle   2 the cells full at its end, with their voters of the block   3 in the
//            order of pixels, which of them were full, and when   4 votes of claimed pixels are taken back
// Departures from the paper: [Matas2000, sec. 3] votes pixel by pixel, as vote_one does; the block gives the same cells in the
//            same order.
#include "assay/features/hough/segment_votes_internal.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "assay/features/hough/accumulator.h"

namespace assay::hough {

SegmentVotes::SegmentVotes(cv::Size size, int angles, int needed)
    : theta_(even_angles(angles)),
      needed_(needed),
      width_(static_cast<size_t>(offset_for(size)) + 3),  // no angle reaches more bins than the diagonal is long
      votes_(static_cast<size_t>(angles) * width_, 0),
      has_full_(static_cast<size_t>(angles), 0) {
  for (const double theta : theta_)
    binning_.emplace_back(size, theta,
                          1 + static_cast<int>(std::ceil(std::max(0.0, (1 - size.width) * std::cos(theta)))));
}

void SegmentVotes::vote(const int* x, const int* y, const uint8_t* const* edge, size_t n) {
  edge_ = edge;
  cells_.clear(), voters_.clear(), turns_.clear();
  next_ = 0;
  int bins[2][kBlock];  // of an angle and of the one before: what was just counted cannot be read fast
  for (size_t a = 0; a <= theta_.size(); ++a) {
    if (a < theta_.size()) {
      if (!has_full_[a]) take_back(a, late_x_, late_y_);
      has_full_[a] = 0;
      binning_[a](x, y, n, bins[a % 2]);
      count_votes(bins[a % 2], n, 1, &votes_[a * width_]);
    }
    if (a == 0) continue;
    const uint16_t* row = &votes_[(a - 1) * width_];
    if (most_votes(row, width_) < needed_) continue;
    has_full_[a - 1] = 1;
    list_full(static_cast<int>(a) - 1, row, bins[(a - 1) % 2], n);
  }
  late_x_.clear(), late_y_.clear();
  for (size_t c = 0; c < cells_.size(); ++c)
    if (const std::optional<Full> full = first_full(cells_[c])) push_turn(full->pixel, c);
}

void SegmentVotes::list_full(int angle, const uint16_t* row, const int* bin, size_t n) {
  std::vector<std::pair<int, int>> full;  // bin, pixel
  for (size_t i = 0; i < n; ++i)
    if (row[bin[i]] >= needed_) full.emplace_back(bin[i], static_cast<int>(i));
  std::sort(full.begin(), full.end());
  for (size_t i = 0; i < full.size(); ++i) {
    voters_.push_back(full[i].second);
    if (i == 0 || full[i].first != full[i - 1].first)
      cells_.push_back({angle, row + full[i].first, voters_.size() - 1, voters_.size()});
    cells_.back().end = voters_.size();
  }
}

// The first living voter, of those whose turn is still to come, with no more living ones behind it than the cell can spare.
std::optional<SegmentVotes::Full> SegmentVotes::first_full(const Cell& cell) const {
  std::optional<Full> first;
  int votes = *cell.votes;  // after voter k
  for (size_t k = cell.end; k-- > cell.begin && votes >= needed_;) {
    const auto pixel = static_cast<size_t>(voters_[k]);
    if (pixel < next_) break;
    if (*edge_[pixel] == 0) continue;
    first = {pixel, votes--};
  }
  return first;
}

void SegmentVotes::push_turn(size_t pixel, size_t cell) {
  turns_.push_back({pixel, cell});
  std::push_heap(turns_.begin(), turns_.end(), std::greater<>());
}

std::optional<FullCell> SegmentVotes::next_full() {
  std::optional<FullCell> best;
  int most = 0;
  std::vector<size_t> same;  // cells that are full at the same pixel
  while (!turns_.empty() && (!best || turns_.front().pixel <= best->pixel)) {
    std::pop_heap(turns_.begin(), turns_.end(), std::greater<>());
    const Turn turn = turns_.back();
    turns_.pop_back();
    const std::optional<Full> full = first_full(cells_[turn.cell]);
    if (!full) continue;
    if (full->pixel > turn.pixel) {
      push_turn(full->pixel, turn.cell);
      continue;
    }
    same.push_back(turn.cell);
    const int angle = cells_[turn.cell].angle;
    if (!best || full->votes > most || (full->votes == most && angle < best->angle))
      most = full->votes, best = FullCell{full->pixel, angle};
  }
  if (!best) return std::nullopt;
  next_ = best->pixel + 1;
  for (const size_t cell : same) push_turn(next_, cell);
  return best;
}

void SegmentVotes::take_back(size_t angle, const std::vector<int>& x, const std::vector<int>& y) {
  int bin[kBlock];
  for (size_t first = 0; first < x.size(); first += kBlock) {
    const size_t n = std::min(kBlock, x.size() - first);
    binning_[angle](&x[first], &y[first], n, bin);
    count_votes(bin, n, -1, &votes_[angle * width_]);
  }
}

void SegmentVotes::take_back(const std::vector<int>& x, const std::vector<int>& y) {
  late_x_.insert(late_x_.end(), x.begin(), x.end());
  late_y_.insert(late_y_.end(), y.begin(), y.end());
  for (size_t a = 0; a < theta_.size(); ++a)
    if (has_full_[a]) take_back(a, x, y);
}

std::optional<FullCell> SegmentVotes::vote_one(int x, int y) {
  has_full_.assign(theta_.size(), 1);
  FullCell fullest{0, 0};
  int most = 0;
  for (size_t a = 0; a < theta_.size(); ++a) {
    int bin = 0;
    binning_[a](&x, &y, 1, &bin);
    if (const int votes = ++votes_[a * width_ + static_cast<size_t>(bin)]; votes > most)
      most = votes, fullest.angle = static_cast<int>(a);
  }
  return most >= needed_ ? std::optional(fullest) : std::nullopt;
}

}  // namespace assay::hough
