// imgproc/segment/distance.cpp
// Notation   g(x, y): distance to the nearest black pixel of the same column, or kNone;  F(x, i) = (x - i)^2 + g(i)^2
// Method     1 g, down the columns and up again, a row at a time   2 along each row the least of the parabolas F(., i): their
//            lower envelope, as a stack of vertices s and of the places t from which each is the least   3 read it off
// Departures from the paper: [Meijster2000] adds width + height for "none"; columns without black take no part here. A row is cut
//            at its black pixels: no parabola reaches across one. Where the distances of a piece are short, it is faster to try
//            all columns up to the largest distance (nearest_columns) than to build the envelope; the numbers are the same

#include "assay/imgproc/segment/distance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"

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

// Squared distances along a row; -1: nothing is black. s, t: stacks of n.
void lower_envelope(const int* g, int n, int* s, int* t, int64_t* out) {
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
  for (int x = n - 1; x >= 0; --x) {  // 3
    out[x] = top < 0 ? -1 : square(x - s[top]) + square(g[s[top]]);
    if (top > 0 && x == t[top]) --top;
  }
}

// A piece of a row: white pixels and, where there are, the black one before and after.
class RowOfDistances {
 public:
  explicit RowOfDistances(int n)
      : n_(n), s_(size(n)), t_(size(n)), square_(size(n) + 2 * kReach), least_(size(n)), wide_(size(n)) {}

  void distances(const int* g, bool squared, float* to) {
    for (int x = 0; x < n_;) {
      int end = x;
      if (g[x] == 0) {
        while (end < n_ && g[end] == 0) to[end++] = 0;
        x = end;
        continue;
      }
      while (end < n_ && g[end] > 0) ++end;
      const int first = std::max(0, x - 1), last = std::min(n_, end + 1);
      if (!nearest_columns(g + first, last - first, squared, to + first)) {
        lower_envelope(g + first, last - first, s_.data(), t_.data(), wide_.data());
        for (int i = x; i < end; ++i) {
          const auto d2 = static_cast<double>(wide_[size(i - first)]);
          to[i] = d2 < 0    ? std::numeric_limits<float>::infinity()
                  : squared ? static_cast<float>(d2)
                            : static_cast<float>(std::sqrt(d2));
        }
      }
      x = end;
    }
  }

 private:
  static size_t size(int n) { return static_cast<size_t>(n); }
  static constexpr int kReach = 48, kFar = 1 << 14;  // columns tried to each side; kFar^2 + kReach^2 < 2^31

  // The least of F(x, i) over |x - i| <= k, k rising until k^2 exceeds all of them; false where kReach is not enough.
  bool nearest_columns(const int* __restrict g, int n, bool squared, float* __restrict to) {
    int* __restrict f = square_.data() + kReach;
    int* __restrict best = least_.data();
    std::fill(f - kReach, f, kFar * kFar);
    std::fill(f + n, f + n + kReach, kFar * kFar);
    for (int x = 0; x < n; ++x) best[x] = f[x] = std::min(g[x], kFar) * std::min(g[x], kFar);
    for (int k = 1; k <= kReach; ++k) {
      const int away = k * k;
      for (int x = 0; x < n; ++x) best[x] = std::min(best[x], std::min(f[x - k], f[x + k]) + away);
      if (k % 4 == 0 || k < 4) {
        int largest = 0;
        for (int x = 0; x < n; ++x) largest = std::max(largest, best[x]);
        if (largest > (k + 1) * (k + 1)) {
          if (k == kReach) return false;
          continue;
        }
        for (int x = 0; x < n; ++x) {  // whole numbers below 2^24: the root is rounded once
          const auto d2 = static_cast<float>(best[x]);
          to[x] = squared ? d2 : std::sqrt(d2);
        }
        return true;
      }
    }
    return false;
  }

  int n_;
  std::vector<int> s_, t_, square_, least_;
  std::vector<int64_t> wide_;
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
