// imgproc/morphology/fill_holes.cpp
// Notation   f picture;  level: how high the water stands;  front: pixels that the water has reached, by their height
// Method     water comes in over the edge.   1 every pixel of the edge joins the front   2 the lowest pixel of the front is
//            wetted   3 each dry neighbour is raised to the level at least, and joins the front
// Departures from the paper: [Barnes2014, alg. 2] keeps neighbours at or below the level in a plain queue beside the
//            heap; so do we for f32, as a stack. Whole numbers have one bucket a level instead of the heap

#include "assay/imgproc/morphology/fill_holes.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <queue>
#include <vector>

namespace assay {

namespace {

// The front of whole numbers: a list of pixels for each level.
template <class T>
class BucketFront {
 public:
  BucketFront(double full, size_t pixels) : head_(static_cast<size_t>(full) + 1, -1), next_(pixels) {}
  void push(T height, int pixel) {  // height is at least the level
    next_[static_cast<size_t>(pixel)] = head_[height];
    head_[height] = pixel;
  }
  bool pop(T& level, int& pixel) {
    while (head_[level_] < 0)
      if (++level_ == head_.size()) return false;
    level = static_cast<T>(level_);
    pixel = head_[level_];
    head_[level_] = next_[static_cast<size_t>(pixel)];
    return true;
  }

 private:
  size_t level_ = 0;
  std::vector<int> head_, next_;
};

// The front of real numbers.
class HeapFront {
 public:
  HeapFront(double, size_t) {}
  void push(float height, int pixel) {
    if (begun_ && height == level_)
      at_level_.push_back(pixel);
    else
      heap_.emplace(height, pixel);
  }
  bool pop(float& level, int& pixel) {
    if (at_level_.empty()) {
      if (heap_.empty()) return false;
      level_ = heap_.top().first;
      begun_ = true;
      at_level_.push_back(heap_.top().second);
      heap_.pop();
    }
    level = level_;
    pixel = at_level_.back();
    at_level_.pop_back();
    return true;
  }

 private:
  bool begun_ = false;
  float level_ = 0;
  std::vector<int> at_level_;
  std::priority_queue<std::pair<float, int>, std::vector<std::pair<float, int>>, std::greater<>> heap_;
};

template <class T, class Front>
void flood(const cv::Mat& image, int channel, PathNeighbours neighbours, cv::Mat& out, const Context& ctx) {
  const int w = image.cols, h = image.rows, channels = image.channels();
  const auto f = [&](int x, int y) { return image.ptr<T>(y)[static_cast<ptrdiff_t>(x) * channels + channel]; };
  cv::Mat_<uint8_t> reached(h, w, uint8_t{0});
  Front front(full_scale(image), image.total());
  const auto join = [&](int x, int y, T height) {
    reached(y, x) = 1;
    out.ptr<T>(y)[static_cast<ptrdiff_t>(x) * channels + channel] = height;
    front.push(height, y * w + x);
  };
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; x += (y == 0 || y == h - 1) ? 1 : std::max(1, w - 1)) join(x, y, f(x, y));  // 1
  constexpr int dx[8] = {0, -1, 1, 0, -1, 1, -1, 1}, dy[8] = {-1, 0, 0, 1, -1, -1, 1, 1};
  const int directions = neighbours == PathNeighbours::four ? 4 : 8;
  T level{};
  int count = 0;
  for (int pixel = 0; front.pop(level, pixel);) {  // 2
    if ((++count & 0xffff) == 0) ctx.check_cancelled();
    const int x = pixel % w, y = pixel / w;
    for (int k = 0; k < directions; ++k) {
      const int i = x + dx[k], j = y + dy[k];
      if (i < 0 || j < 0 || i >= w || j >= h || reached(j, i)) continue;
      join(i, j, std::max(f(i, j), level));  // 3
    }
  }
}

}  // namespace

void FillHoles::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  for (int c = 0; c < image.channels(); ++c) {
    if (image.depth() == CV_8U)
      flood<uint8_t, BucketFront<uint8_t>>(image, c, p.connectivity, out, ctx);
    else if (image.depth() == CV_16U)
      flood<uint16_t, BucketFront<uint16_t>>(image, c, p.connectivity, out, ctx);
    else
      flood<float, HeapFront>(image, c, p.connectivity, out, ctx);
  }
  ctx.trace.image([&] {
    return TraceImage{"result",
                      "Fill holes: the level at which each pixel overflows (1)",
                      "The picture without enclosed dark regions.",
                      view_of(out),
                      false,
                      {},
                      "imgproc/morphology/fill_holes.cpp:flood"};
  });
}

}  // namespace assay
