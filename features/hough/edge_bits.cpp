#include <algorithm>
#include <limits>

#include "assay/features/hough/bit_count_kernels.h"
#include "assay/features/hough/edge_bits_internal.h"

namespace assay::hough {

EdgeBits::EdgeBits(const cv::Mat& edges)
    : width_(edges.cols),
      height_(edges.rows),
      stride_((static_cast<size_t>(edges.cols) + 7) / 8),
      bits_(stride_ * static_cast<size_t>(edges.rows) + sizeof(uint64_t), 0),
      cleared_(bits_.size(), 0) {
  const int whole = width_ / 8;
  for (int y = 0; y < height_; ++y) {
    const uint8_t* edge = edges.ptr<uint8_t>(y);
    uint8_t* bits = &bits_[static_cast<size_t>(y) * stride_];
    pack_eights(edge, static_cast<size_t>(whole), bits);
    uint8_t last[8] = {};
    std::copy(edge + 8 * whole, edge + width_, last);
    if (8 * whole < width_) pack_eights(last, 1, bits + whole);
  }
}

int EdgeBits::count_near(const std::vector<uint8_t>& bits, const Line& line, double half, int most) const {
  const Strip strip(line, half, width_, height_);
  int count = 0;
  const auto done = [&] { return count > most; };
  if (strip.longest() <= kLongestRun)
    for_rows_of(
        strip,
        [&](int y, int n, const int* x0, const int* x1) {
          count += count_runs(&bits[static_cast<size_t>(y) * stride_], stride_, x0, x1, static_cast<size_t>(n));
        },
        done);
  else
    for_words_of(
        strip, [&](size_t at, int, uint64_t mask, int) { count += std::popcount(word(bits, at) & mask); }, done);
  return count;
}

int EdgeBits::count_near(const Line& line, double half) const {
  return count_near(bits_, line, half, std::numeric_limits<int>::max());
}

std::vector<EdgePoint> EdgeBits::points_near(const Line& line, double half) const {
  std::vector<EdgePoint> points;
  for_words_near(line, half, [&](size_t at, int first, uint64_t mask, int y) {
    for (uint64_t left = word(bits_, at) & mask; left != 0; left &= left - 1)
      points.push_back({first + std::countr_zero(left), y});
  });
  return points;
}

void EdgeBits::clear_near(const Line& line, double half) {
  for_words_near(line, half, [&](size_t at, int, uint64_t mask, int) {
    const uint64_t bits = word(bits_, at), left = bits & ~mask, cleared = word(cleared_, at) | (bits & mask);
    std::memcpy(&bits_[at], &left, sizeof left);
    std::memcpy(&cleared_[at], &cleared, sizeof cleared);
  });
}

bool EdgeBits::more_cleared_near(const Line& line, double half, int most) const {
  return count_near(cleared_, line, half, most) > most;
}

}  // namespace assay::hough
