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

// Of a vote at r0, at r0 + kRadiusStep ..
std::vector<int> weights_from(int r0, int r1, int unit) {
  std::vector<int> weights;
  for (int r = r0; r <= r1; r += kRadiusStep)
    weights.push_back(
        std::max(1, static_cast<int>(std::lround(static_cast<double>(kRadiusStep * unit) / std::max(1, r)))));
  return weights;
}

}  // namespace

template <class Cell>
void CentreVotes::vote(const OrientedEdgePoints& points, int r0, const Context& ctx) {
  cv::Mat_<Cell> votes(votes_);
  const auto longest = static_cast<unsigned>(std::max(votes.cols, votes.rows));
  const RaySpace space{votes.cols, votes.rows, r0, r1_, 29 - static_cast<int>(std::bit_width(longest))};
  const std::vector<int> even = weights_from(r0, r1_, unit_), odd = weights_from(r0 + 1, r1_, unit_);
  const int* const weights[kRadiusStep] = {even.data(), odd.data()};
  constexpr size_t kSome = 256;
  static_assert(kSome % kRadiusStep == 0);
  Ray rays[kSome];
  for (size_t first = 0; first < points.x.size(); first += kSome) {
    ctx.check_cancelled();
    const size_t n = std::min(kSome, points.x.size() - first);
    for (const float way : {1.0F, -1.0F}) {
      rays_of(&points.x[first], &points.y[first], &points.ux[first], &points.uy[first], n, way, space, rays);
      vote_along(rays, n, space.fraction, weights, votes[0], static_cast<int>(votes.step1()));
    }
  }
}

// Cells of 16 bits, half as much to fetch, where they could hold two of three radii each a whole ring of 2 pi units around one
// centre: Canny leaves no more than every second.
CentreVotes::CentreVotes(const OrientedEdgePoints& points, cv::Size size, int r0, int r1, const Context& ctx)
    : r1_(r1) {
  constexpr int kShort = 256, kLong = 1024;
  const bool fits = 2 * std::numbers::pi * kShort * (r1 - r0 + 1) < 1.5 * 65535;
  unit_ = fits ? kShort : kLong;
  // Rows an odd number of cache lines apart: a ray down the picture would find but few sets of the cache otherwise.
  const int per_line = fits ? 32 : 16, lines = (size.width + per_line - 1) / per_line | 1;
  votes_ = cv::Mat(size.height, lines * per_line, fits ? CV_16U : CV_32S, cv::Scalar(0)).colRange(0, size.width);
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
