// imgproc/segment/bit_picture_internal.h: white or black, a bit a pixel, and the runs of white.
//
// Every row ends in black; there are two rows of black above the first and one below the last. So all 8 neighbours of every pixel
// are there. A pixel is known by its place, at(x, y); its neighbour by its place + step(dx, dy).
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/imgproc/segment/runs_internal.h"
#include "assay/imgproc/segment/white_bits_kernels.h"

namespace assay {

class BitPicture {
 public:
  struct Run {
    ptrdiff_t first, last;  // places of its ends
  };

  /// White is what is above 0; u8, u16, f32, 1 channel.
  explicit BitPicture(const cv::Mat& image)
      : rows_(image.rows),
        words_(image.cols / 64 + 1),
        bits_(static_cast<size_t>(words_ * (rows_ + kAbove + 1)) + 1, 0),
        ends_(bits_.size()) {
    for (int y = 0; y < rows_; ++y) {
      uint64_t* to = bits_.data() + words_ * (y + kAbove);
      if (image.depth() == CV_8U)
        white_bits(image.ptr<uint8_t>(y), image.cols, to);
      else if (image.depth() == CV_16U)
        white_bits(image.ptr<uint16_t>(y), image.cols, to);
      else
        white_bits(image.ptr<float>(y), image.cols, to);
    }
    if constexpr (std::endian::native == std::endian::big)  // three() reads bytes
      for (uint64_t& word : bits_) word = __builtin_bswap64(word);
    find_runs();
  }

  ptrdiff_t at(int x, int y) const { return 64 * words_ * (y + kAbove) + x; }
  ptrdiff_t step(int dx, int dy) const { return 64 * words_ * dy + dx; }
  cv::Point point(ptrdiff_t place) const {
    return {static_cast<int>(place % (64 * words_)), static_cast<int>(place / (64 * words_)) - kAbove};
  }

  /// Of the pixels around `place`, row by row: bits 0, 1, 2 of the row above, 3, 4, 5 of its own, 6, 7, 8 of the one below.
  unsigned nine(ptrdiff_t place) const {
    return static_cast<unsigned>(three(place - 64 * words_) | three(place) << 3 | three(place + 64 * words_) << 6);
  }

  /// From left to right and from top to bottom.
  const std::vector<Run>& runs() const { return runs_; }
  /// Which of them holds a white pixel [Jacobson1989: counts before each word, and of bits in it].
  size_t run_of(ptrdiff_t place) const {
    const auto bit = static_cast<size_t>(place);
    const Ends& ends = ends_[bit / 64];
    return ends.before + static_cast<size_t>(std::popcount(ends.bits & ((uint64_t{1} << bit % 64) - 1)));
  }

 private:
  struct Ends {
    uint64_t bits;  // of a word: where runs end
    size_t before;  // how many end in the words before it
  };
  uint64_t three(ptrdiff_t middle) const {
    const auto left = static_cast<size_t>(middle) - 1;
    return runs::eight_bytes(reinterpret_cast<const uint8_t*>(bits_.data()) + left / 8) >> left % 8 & 7;
  }
  uint64_t word(size_t i) const { return runs::eight_bytes(reinterpret_cast<const uint8_t*>(bits_.data() + i)); }
  void find_runs() {
    size_t ended = 0;
    uint64_t white = 0;  // whether the last pixel of the word before is
    for (size_t i = 0; i + 1 < bits_.size(); ++i) {
      const uint64_t here = word(i), next = word(i + 1);
      uint64_t starts = here & ~(here << 1 | white);
      ends_[i] = {here & ~(here >> 1 | next << 63), ended};
      white = here >> 63;
      for (const auto base = static_cast<ptrdiff_t>(64 * i); starts; starts &= starts - 1)
        runs_.push_back({base + std::countr_zero(starts), 0});
      for (uint64_t ends = ends_[i].bits; ends; ends &= ends - 1)
        runs_[ended++].last = static_cast<ptrdiff_t>(64 * i) + std::countr_zero(ends);
    }
  }

  static constexpr int kAbove = 2;
  int rows_;
  ptrdiff_t words_;  // a row
  std::vector<uint64_t> bits_;
  std::vector<Ends> ends_;
  std::vector<Run> runs_;
};

}  // namespace assay
