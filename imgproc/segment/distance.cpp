// imgproc/segment/distance.cpp
// Notation   g(x, y): distance to the nearest black pixel of the same column, or kNone;  F(x, i) = (x - i)^2 + g(i)^2
// Method     1 g, down the columns and up again, a row at a time   2 along each row the least of the parabolas F(., i): their
//            lower envelope, as a stack of vertices s and of the places t from which each is the least   3 read it off
// Departures from the paper: [Meijster2000] adds width + height for "none"; columns without black take no part here. A row is cut
//            at its black pixels: no parabola reaches across one. Where the distances of a block are short, it is faster to try
//            all columns up to the largest distance (nearest_columns) than to build the envelope; the numbers are the same

#include "assay/imgproc/segment/distance.h"

#include <algorithm>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/segment/distance_kernels.h"

namespace assay {

namespace {

constexpr int kNone = std::numeric_limits<int>::max() / 2;

template <class T>
void count_from_above(const T* f, const int* above, int* __restrict g, int n) {
  for (int x = 0; x < n; ++x) g[x] = f[x] > 0 ? (above ? std::min(above[x] + 1, kNone) : kNone) : 0;
}

void count_from_below(const int* below, int* __restrict g, int n) {
  for (int x = 0; x < n; ++x) g[x] = std::min(g[x], below[x] + 1);
}

// The lower envelope of a row's parabolas: how many there are, their vertices s and the places t from which each is the least.
int lower_envelope(const int* g, int n, int* s, int* t) {
  const auto square = [](int64_t v) { return v * v; };
  int top = -1;
  for (int u = 0; u < n; ++u) {  // 2
    if (g[u] >= kNone) continue;
    const int64_t height = square(g[u]);
    int from = 0;
    while (top >= 0) {
      const int i = s[top];
      if (square(t[top] - i) + square(g[i]) > square(t[top] - u) + height) {
        --top;
        continue;
      }
      // from here on u is lower than i
      // (in f64: the quotient is at least 1 / (2 n) from the next whole number, if it is none; it is not negative)
      const double meets = static_cast<double>(square(u) - square(i) + height - square(g[i])) / (2.0 * (u - i));
      from = static_cast<int>(std::min(meets + 1, static_cast<double>(n)));
      break;
    }
    if (from >= n) continue;
    ++top;
    s[top] = u;
    t[top] = from;
  }
  return top + 1;
}

class RowOfDistances {
 public:
  explicit RowOfDistances(int n)
      : n_(n), s_(size(n)), t_(size(n)), square_(size(n) + 2 * kDistanceReach + kDistanceBlock, kFarSquare) {}

  void distances(const int* g, bool squared, float* to) {
    uint16_t *f = square_.data() + kDistanceReach, best[kDistanceBlock];
    for (int x = 0; x < n_; ++x) {
      const int near = std::min(g[x], 256);  // 256^2 is above kFarSquare
      f[x] = static_cast<uint16_t>(std::min(near * near, kFarSquare));
    }
    int done = 0;  // places before `done` have an envelope's distance
    for (int x = 0; x < n_; x += kDistanceBlock) {
      const int end = std::min(n_, x + kDistanceBlock);
      if (end <= done) continue;
      if (nearest_columns(f + x, best))
        read_squares(best, end - x, squared, to + x);  // those of an envelope are written again, and are the same
      else
        done = read_envelope(g, x, end, squared, to);
    }
  }

 private:
  static size_t size(int n) { return static_cast<size_t>(n); }

  // Of the pieces that reach into [x, end): white pixels and, where there are, the black one before and after. Where the last
  // ends.
  int read_envelope(const int* g, int x, int end, bool squared, float* to) {
    while (x > 0 && g[x] > 0) --x;
    while (x < end) {
      int last = x + 1;
      while (last < n_ && g[last] > 0) ++last;
      last = std::min(n_, last + 1);
      const int n = last - x, count = lower_envelope(g + x, n, s_.data(), t_.data());
      if (count == 0) std::fill(to + x, to + last, std::numeric_limits<float>::infinity());
      for (int k = 0; k < count; ++k) {
        const int v = s_[size(k)];
        read_parabola(t_[size(k)], k + 1 < count ? t_[size(k) + 1] : n, v, g[x + v], squared, to + x);
      }
      x = last == n_ ? n_ : last - 1;
    }
    return x;
  }

  int n_;
  std::vector<int> s_, t_;
  std::vector<uint16_t> square_;
};

}  // namespace

void Distance::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  cv::Mat_<int> g(image.size());
  for (int y = 0; y < image.rows; ++y) {  // 1
    const int* above = y > 0 ? g[y - 1] : nullptr;
    if (image.depth() == CV_8U)
      count_from_above(image.ptr<uint8_t>(y), above, g[y], image.cols);
    else if (image.depth() == CV_16U)
      count_from_above(image.ptr<uint16_t>(y), above, g[y], image.cols);
    else
      count_from_above(image.ptr<float>(y), above, g[y], image.cols);
  }
  for (int y = image.rows - 2; y >= 0; --y) count_from_below(g[y + 1], g[y], image.cols);

  out.create(image.size(), CV_32F);
  parallel_for(ctx.threads, image.rows, 32, [&](Index begin, Index end) {
    ctx.check_cancelled();
    RowOfDistances row(image.cols);
    for (int y = static_cast<int>(begin); y < end; ++y) row.distances(g[y], p.squared, out.ptr<float>(y));  // 2, 3
  });
  ctx.trace.image([&] {
    return TraceImage{"distance",
                      "Distance (1)",
                      "The brighter, the farther from black.",
                      view_of(out),
                      true,
                      {},
                      "imgproc/segment/distance.cpp:lower_envelope"};
  });
}

}  // namespace assay
