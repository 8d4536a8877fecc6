// features/hough/centres.cpp
// Notation   (x, y), (ux, uy): an edge point and its gradient's direction;  r0, r1: radii
// Method     1 each point votes along its gradient, both ways   2 sums over blocks of 3 x 3 cells   3 their peaks that stand out of
//            the votes around
// Departures from the paper: a vote weighs 1 / r, so that small and large circles give equal peaks. A point votes at every
//            second radius, odd or even by turns. [Ballard1981] takes every peak above a threshold; here as many votes as chance
//            gives thereabouts are added to it.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/features/hough/centres_internal.h"
#include "assay/features/hough/centres_kernels.h"

namespace assay::hough {

namespace {

// --- 1 votes ---------------------------------------------------------------------------------------------------------

// Of votes at every `step`-th radius. Places are whole numbers with some bits behind the point.
template <class Cell>
class Rays {
 public:
  Rays(cv::Mat_<Cell> votes, int r0, int r1, int step, int unit)
      : votes_(votes),
        r0_(r0),
        r1_(r1),
        step_(step),
        fraction_(29 - static_cast<int>(std::bit_width(static_cast<unsigned>(std::max(votes.cols, votes.rows))))),
        weights_(static_cast<size_t>(step)) {
    for (int r = r0; r <= r1; ++r) {
      const int weight = static_cast<int>(std::lround(static_cast<double>(step * unit) / std::max(1, r)));
      weights_[static_cast<size_t>((r - r0) % step)].push_back(std::max(1, weight));
    }
  }
  /// At radii r0 + later, and every `step` further on, as long as the ray stays within the picture.
  void vote(double x, double y, double ux, double uy, int later) {
    x = std::clamp(x, 0.0, votes_.cols - 1.0), y = std::clamp(y, 0.0, votes_.rows - 1.0);
    const int first = r0_ + later, last = last_radius(x, y, ux, uy);
    if (last < first) return;
    const int dx = fixed(ux), dy = fixed(uy), half = 1 << (fraction_ - 1);
    vote_along(votes_[0], static_cast<int>(votes_.step1()), fixed(x) + first * dx + half, fixed(y) + first * dy + half,
               step_ * dx, step_ * dy, fraction_, weights_[static_cast<size_t>(later)].data(),
               (last - first) / step_ + 1);
  }

 private:
  int fixed(double v) const { return static_cast<int>(std::floor(v * (1 << fraction_) + 0.5)); }
  int last_radius(double x, double y, double ux, double uy) const {
    if (std::min({x, y, votes_.cols - 1 - x, votes_.rows - 1 - y}) >= r1_) return r1_;
    const auto steps = [](double from, double by, int n) {  // until from + r by leaves 0 .. n-1
      return by > 1e-9 ? (n - 1 - from) / by : by < -1e-9 ? -from / by : 1e9;
    };
    return static_cast<int>(std::min({double(r1_), steps(x, ux, votes_.cols), steps(y, uy, votes_.rows)}));
  }
  cv::Mat_<Cell> votes_;
  int r0_, r1_, step_, fraction_;
  std::vector<std::vector<int>> weights_;  // of radii r0, r0 + step ..; of r0 + 1, ..
};

}  // namespace

template <class Cell>
void CentreVotes::vote(const OrientedEdgePoints& points, int r0, const Context& ctx) {
  Rays<Cell> rays(votes_, r0, r1_, kStep, unit_);
  for (size_t i = 0; i < points.x.size(); ++i) {
    if (i % 1024 == 0) ctx.check_cancelled();
    for (const float way : {1.0F, -1.0F})
      rays.vote(points.x[i], points.y[i], way * points.ux[i], way * points.uy[i], static_cast<int>(i % kStep));
  }
}

// Cells of 16 bits, half as much to fetch, where they could hold two of three radii each a whole ring of 2 pi units around one
// centre: Canny leaves no more than every second.
CentreVotes::CentreVotes(const OrientedEdgePoints& points, cv::Size size, int r0, int r1, const Context& ctx)
    : r1_(r1) {
  constexpr int kShort = 256, kLong = 1024;
  const bool fits = 2 * std::numbers::pi * kShort * (r1 - r0 + 1) < 1.5 * 65535;
  unit_ = fits ? kShort : kLong;
  votes_ = cv::Mat(size, fits ? CV_16U : CV_32S, cv::Scalar(0));
  fits ? vote<uint16_t>(points, r0, ctx) : vote<int>(points, r0, ctx);
}

// --- 2, 3 peaks ------------------------------------------------------------------------------------------------------

void CentreVotes::sum_row(int y, int* down, int* sum) const {
  const auto add_up = [&]<class Cell>(Cell) {
    sum_block_row(votes_.ptr<Cell>(y - 1), votes_.ptr<Cell>(y), votes_.ptr<Cell>(y + 1), votes_.cols, down, sum);
  };
  if (y == 0 || y == votes_.rows - 1)
    std::fill_n(sum, votes_.cols, 0);
  else
    votes_.depth() == CV_16U ? add_up(uint16_t{}) : add_up(int{});
}

cv::Mat_<int> CentreVotes::block_sums() const {
  cv::Mat_<int> sums(votes_.size());
  std::vector<int> down(static_cast<size_t>(votes_.cols));
  for (int y = 0; y < votes_.rows; ++y) sum_row(y, down.data(), sums[y]);
  return sums;
}

namespace {

constexpr int kAround = 2;  // a peak has no more votes within so many cells

// The last rows of sums.
class SumRows {
 public:
  SumRows(int rows, int columns) : rows_(rows), columns_(columns), ring_(kRing, columns) {}
  int* row(int y) { return ring_[y % kRing]; }
  // No more votes around; of equal ones the first.
  bool is_peak(int x, int y) {
    const int v = row(y)[x];
    for (int j = std::max(0, y - kAround); j <= std::min(rows_ - 1, y + kAround); ++j)
      for (int i = std::max(0, x - kAround); i <= std::min(columns_ - 1, x + kAround); ++i)
        if (j < y || (j == y && i < x) ? row(j)[i] >= v : row(j)[i] > v) return false;
    return true;
  }

 private:
  static constexpr int kRing = 8;
  static_assert(kRing > 2 * kAround);
  int rows_, columns_;
  cv::Mat_<int> ring_;
};

}  // namespace

size_t CentreVotes::tile(int x, int y) const {
  const int columns = (votes_.cols + kBackground - 1) / kBackground;
  return static_cast<size_t>(y / kBackground * columns + x / kBackground);
}

// What a block of 3 x 3 cells holds on average, tile by tile.
std::vector<int> CentreVotes::background() const {
  std::vector<int64_t> sum(tile(votes_.cols - 1, votes_.rows - 1) + 1, 0);
  for (int y = 0; y < votes_.rows; ++y) {
    int64_t* to = &sum[tile(0, y)];
    votes_.depth() == CV_16U ? add_by_tiles(votes_.ptr<uint16_t>(y), votes_.cols, to)
                             : add_by_tiles(votes_.ptr<int>(y), votes_.cols, to);
  }
  std::vector<int> mean(sum.size());
  for (int y = 0; y < votes_.rows; y += kBackground)
    for (int x = 0; x < votes_.cols; x += kBackground) {
      const int cells = std::min(kBackground, votes_.cols - x) * std::min(kBackground, votes_.rows - y);
      mean[tile(x, y)] = static_cast<int>(9 * sum[tile(x, y)] / cells);
    }
  return mean;
}

// A whole circle gives 2 pi units up to three times, for a ray crosses three cells of a block. With noise rays miss the
// block, the more so the larger the circle: of 50 pixels at 12 grey levels a third is left.
int CentreVotes::least(double support) const {
  const double left = std::clamp(40.0 / r1_, 0.4, 0.8);
  return static_cast<int>(left * support * 2 * std::numbers::pi * unit_);
}

std::vector<Centre> CentreVotes::peaks(int least) const {
  const int rows = votes_.rows, columns = votes_.cols;
  const std::vector<int> around = background();
  std::vector<Centre> found;
  std::vector<int> down(static_cast<size_t>(columns));
  std::vector<uint8_t> may(static_cast<size_t>(columns) + 7, 0);
  SumRows sums(rows, columns);
  for (int next = 0; next < rows + kAround; ++next) {
    if (next < rows) sum_row(next, down.data(), sums.row(next));
    const int y = next - kAround;
    if (y < 1 || y + 1 >= rows) continue;
    const int* sum = sums.row(y);
    may_be_peaks(sums.row(y - 1), sum, sums.row(y + 1), columns, least, may.data());
    for (int first = 0; first < columns; first += 8) {
      uint64_t eight = 0;
      std::memcpy(&eight, &may[static_cast<size_t>(first)], sizeof eight);
      for (; eight != 0; eight &= eight - 1) {
        const int x = first + std::countr_zero(eight) / 8;
        if (sum[x] >= least + around[tile(x, y)] && sums.is_peak(x, y)) found.push_back({x, y, sum[x]});
      }
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Centre& a, const Centre& b) { return a.votes > b.votes; });
  if (found.size() > kMost) found.resize(kMost);
  return found;
}

}  // namespace assay::hough
