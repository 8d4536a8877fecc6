// features/hough/edge_bits_internal.h: an edge map of one bit a pixel, and what lies near a line in it.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assay/features/hough/line_fit.h"

namespace assay::hough {

class EdgeBits {
 public:
  explicit EdgeBits(const cv::Mat& edges);
  /// Edge pixels within `half` pixels of the line: how many; which, row by row; none any more.
  int count_near(const Line& line, double half) const;
  std::vector<EdgePoint> points_near(const Line& line, double half) const;
  void clear_near(const Line& line, double half);
  /// Whether more than `most` of them have been cleared.
  bool more_cleared_near(const Line& line, double half, int most) const;

 private:
  static constexpr unsigned kSome = 56;  // bits that can be had from a word that begins with any byte

  // Calls visit(at, first, mask, y) for up to kSome pixels of a row at a time: they are bits of the word at `at` that are set in
  // `mask`; bit 0 is pixel `first`.
  template <class Visit, class Done>
  void for_words_of(const Strip& strip, Visit&& visit, Done&& done) const {
    const auto words_of = [&](int y, int x0, int x1) {
      const size_t row = static_cast<size_t>(y) * stride_;
      for (auto x = static_cast<unsigned>(x0), end = static_cast<unsigned>(x1); x < end; x += kSome) {
        const uint64_t mask = (uint64_t{1} << std::min(kSome, end - x)) - 1;
        visit(row + x / 8, static_cast<int>(x & ~7U), mask << (x & 7), y);
      }
    };
    for_runs_of(strip, words_of, done);
  }
  template <class Visit>
  void for_words_near(const Line& line, double half, Visit&& visit) const {
    for_words_of(Strip(line, half, width_, height_), visit, [] { return false; });
  }
  // Bits set near the line: all, or more than `most`.
  int count_near(const std::vector<uint8_t>& bits, const Line& line, double half, int most) const;
  static uint64_t word(const std::vector<uint8_t>& bits, size_t at) {
    uint64_t word = 0;
    std::memcpy(&word, &bits[at], sizeof word);
    return word;
  }

  int width_, height_;
  size_t stride_;                        // bytes of a row
  std::vector<uint8_t> bits_, cleared_;  // and a word more
};

}  // namespace assay::hough
