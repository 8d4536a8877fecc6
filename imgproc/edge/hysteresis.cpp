// imgproc/edge/hysteresis.cpp
// Notation   W candidates, strong or weak;  E edges found so far, a part of W;  both 64 pixels of a row a word, the leftmost
//            in the lowest bit, with an empty word around the picture
// Method     1 W, and E = the strong ones   2 a word whose E grew, along its row too, offers its neighbours to the words
//            around it, until none grows   3 E as a picture
// Departures from the paper: link_by_hysteresis walks from pixel to pixel; the edges are the same, since each is what chains
//            of neighbours reach. A word grows 64 times at most: the work stays in proportion to the picture

#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/imgproc/edge/canny_internal.h"
#include "assay/imgproc/edge/hysteresis_kernels.h"

namespace assay::canny_stages {

namespace {

using Word = uint64_t;
constexpr int kBits = 64;

// e, and what chains of neighbours within the word reach from it through w.
Word grow_along_row(Word e, Word w) {
  Word up = w, down = w;  // runs of 1, 2, 4, .. pixels that can be crossed
  for (int step = 1; step < kBits; step *= 2) {
    e |= (up & (e << step)) | (down & (e >> step));
    up &= up << step;
    down &= down >> step;
  }
  return e;
}

class Words {
 public:
  explicit Words(cv::Size size)
      : size_(size),
        stride_((size.width + kBits - 1) / kBits + 2),
        candidates_(static_cast<size_t>(stride_ * (size.height + 2)), 0),
        edges_(candidates_) {}

  void read(const cv::Mat_<uint8_t>& classes) {
    for (int y = 0; y < size_.height; ++y)
      for (int x = 0; x < size_.width; x += kBits) {
        const ClassBits bits = bits_of_classes(classes[y + 1] + 1 + x, std::min(kBits, size_.width - x));
        candidates_[at(y, x)] = bits.weak | bits.strong;
        edges_[at(y, x)] = bits.strong;
      }
  }

  void link() {
    for (int y = 0; y < size_.height; ++y)
      for (size_t i = at(y, 0); i < at(y, 0) + static_cast<size_t>(stride_ - 2); ++i)
        if (edges_[i] != 0) {
          edges_[i] = grow_along_row(edges_[i], candidates_[i]);
          grown_.push_back(i);
        }
    while (!grown_.empty()) {
      const size_t i = grown_.back();
      grown_.pop_back();
      const Word e = edges_[i], first = e & 1, last = e >> (kBits - 1);
      offer(i - 1, first << (kBits - 1));
      offer(i + 1, last);
      for (const size_t row : {i - static_cast<size_t>(stride_), i + static_cast<size_t>(stride_)}) {
        offer(row - 1, first << (kBits - 1));
        offer(row, e | e << 1 | e >> 1);
        offer(row + 1, last);
      }
    }
  }

  void draw(cv::Mat& out) const {
    for (int y = 0; y < size_.height; ++y) {
      uint8_t* to = out.ptr<uint8_t>(y);
      for (int x = 0; x < size_.width; x += kBits)
        pixels_of_bits(edges_[at(y, x)], to + x, std::min(kBits, size_.width - x));
    }
  }

 private:
  size_t at(int y, int x) const { return static_cast<size_t>(stride_ * (y + 1) + x / kBits + 1); }

  // Pixels of word i that have a neighbour on an edge.
  void offer(size_t i, Word pixels) {
    const Word e = edges_[i] | (pixels & candidates_[i]);
    if (e == edges_[i]) return;
    edges_[i] = grow_along_row(e, candidates_[i]);
    grown_.push_back(i);
  }

  cv::Size size_;
  ptrdiff_t stride_;
  std::vector<Word> candidates_, edges_;
  std::vector<size_t> grown_;
};

}  // namespace

void link_words(const cv::Mat_<uint8_t>& candidates, cv::Mat& edges) {
  Words words(edges.size());
  words.read(candidates);  // 1
  words.link();            // 2
  words.draw(edges);       // 3
}

}  // namespace assay::canny_stages
