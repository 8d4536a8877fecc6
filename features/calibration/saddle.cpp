// features/calibration/saddle.cpp
// Notation   I the smoothed picture;  D = Ixy^2 - Ixx Iyy;  v_n the 16 samples of the ring, u_n = (v_n + v_{n+8}) / 2
// Method     1 smooth   2 respond (D)   3 local maxima   4 sub-pixel place: the stationary point of the quadratic
//            5 ring: alike on opposite sides, two changes of sign a half turn   6 the directions of the two edges
// Departures from the paper: [ChenZhang2005] fit a quadratic to a window; here second differences give it. The ring of
//            [BennettLasenby2014] has radius 5 and a sum of three responses; here radius 3 (FAST's circle), samples
//            between the pixels, and its measures are divided by the ring's own contrast.

#include "assay/features/calibration/saddle.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>

#include "assay/features/calibration/saddle_kernels.h"
#include "assay/imgproc/filter/convolve_kernels.h"

namespace assay {

namespace {

constexpr int kRing = 16, kHalf = kRing / 2;
constexpr float kRadius = 3;
constexpr int kMargin = 4;  // the ring and a pixel
constexpr float kLeastContrast = 0.02F;
constexpr float kLeastResponse = 2e-6F;  // about that of a crossing of contrast 0.01

// --- 1 smooth --------------------------------------------------------------------------------------------------------

constexpr int kWidest = 3;  // radius of the widest weights

// Row y of the result; `column` has room for kWidest pixels on both sides.
void smooth_row(const cv::Mat_<float>& in, int y, std::span<const float> weights, float* column, float* out) {
  const float *before[kWidest + 1], *after[kWidest + 1];
  const int radius = static_cast<int>(weights.size()) - 1;
  for (int k = 1; k <= radius; ++k) before[k] = in[std::max(0, y - k)], after[k] = in[std::min(in.rows - 1, y + k)];
  float* middle = column + kWidest;
  symmetric_sum(in[y], before, after, weights.data(), radius, middle, in.cols);
  for (int k = 1; k <= radius; ++k) middle[-k] = middle[0], middle[in.cols - 1 + k] = middle[in.cols - 1];
  for (int k = 1; k <= radius; ++k) before[k] = middle - k, after[k] = middle + k;
  symmetric_sum(static_cast<const float*>(middle), before, after, weights.data(), radius, out, in.cols);
}

// --- 2 respond, 3 local maxima ---------------------------------------------------------------------------------------

struct Maximum {
  int x, y;
  float response;
};

void collect(const uint8_t* peak, const float* D, int y, int begin, int end, std::vector<Maximum>& maxima) {
  int x = begin;
  for (; x + 8 <= end; x += 8) {
    uint64_t eight;
    std::copy_n(peak + x, 8, reinterpret_cast<uint8_t*>(&eight));
    if (eight == 0) continue;
    for (int i = x; i < x + 8; ++i)
      if (peak[i]) maxima.push_back({i, y, D[i]});
  }
  for (; x < end; ++x)
    if (peak[x]) maxima.push_back({x, y, D[x]});
}

// One walk down the picture: smooth a row, then D of the row before, then the maxima of the row before that.
std::vector<Maximum> find_maxima(const cv::Mat_<float>& level, cv::Mat_<float>& smooth_level) {
  const int rows = level.rows, cols = level.cols;
  smooth_level.create(level.size());
  std::vector<Maximum> maxima;
  if (rows <= 2 * kMargin || cols <= 2 * kMargin) return maxima;
  std::vector<float> column(static_cast<size_t>(cols) + 2 * kWidest);
  cv::Mat_<float> D(3, cols, 0.F);
  std::vector<uint8_t> peak(static_cast<size_t>(cols), 0);
  for (int y = 0; y < rows; ++y) {
    smooth_row(level, y, kSmooth, column.data(), smooth_level[y]);
    if (y < 2) continue;
    saddle_response(smooth_level[y - 2] + 1, smooth_level[y - 1] + 1, smooth_level[y] + 1, D[(y - 1) % 3] + 1,
                    cols - 2);
    if (y < 4) continue;
    const float* row = D[(y - 2) % 3];
    mark_peaks(D[(y - 3) % 3] + 1, row + 1, D[(y - 1) % 3] + 1, kLeastResponse, peak.data() + 1, cols - 2);
    if (y - 2 >= kMargin && y - 2 < rows - kMargin) collect(peak.data(), row, y - 2, kMargin, cols - kMargin, maxima);
  }
  return maxima;
}

// --- 4 sub-pixel place -----------------------------------------------------------------------------------------------

// grad I + H delta = 0; at most a pixel away, else the pixel itself.
cv::Point2f stationary_point(const cv::Mat_<float>& I, int x, int y) {
  const float *a = I[y - 1] + x, *r = I[y] + x, *b = I[y + 1] + x;
  const float gx = (r[1] - r[-1]) / 2, gy = (b[0] - a[0]) / 2;
  const float xx = r[1] + r[-1] - 2 * r[0], yy = a[0] + b[0] - 2 * r[0], xy = (a[-1] + b[1] - a[1] - b[-1]) / 4;
  const float det = xx * yy - xy * xy;
  const float dx = -(yy * gx - xy * gy) / det, dy = -(xx * gy - xy * gx) / det;
  const cv::Point2f at(static_cast<float>(x), static_cast<float>(y));
  return std::abs(dx) <= 1 && std::abs(dy) <= 1 ? at + cv::Point2f(dx, dy) : at;
}

// --- 5 ring, 6 edges -------------------------------------------------------------------------------------------------

struct Ring {
  std::array<float, kRing> x, y;
};

const Ring& ring() {
  static const Ring r = [] {
    Ring made{};
    for (int n = 0; n < kRing; ++n) {
      made.x[static_cast<size_t>(n)] = kRadius * std::cos(static_cast<float>(2 * M_PI * n / kRing));
      made.y[static_cast<size_t>(n)] = kRadius * std::sin(static_cast<float>(2 * M_PI * n / kRing));
    }
    return made;
  }();
  return r;
}

// A first look at the ring's nearest pixels, without their values in between: false for most of what texture gives.
bool may_be_saddle(const float* centre, const std::array<ptrdiff_t, kRing>& offset) {
  float odd = 0, least = std::numeric_limits<float>::max(), most = -least;
  for (size_t n = 0; n < kHalf; ++n) {
    const float a = centre[offset[n]], b = centre[offset[n + kHalf]], sum = a + b;
    odd += std::abs(a - b);
    least = std::min(least, sum), most = std::max(most, sum);
  }
  const float contrast = (most - least) / 2;
  return contrast > 0.7F * kLeastContrast && odd / 2 <= 0.35F * kHalf * contrast;
}

}  // namespace

bool measure_saddle(const cv::Mat_<float>& smooth, const cv::Point2f& place, const RingTolerance& allowed,
                    Saddle& saddle) {
  constexpr float kInside = kMargin;
  if (!(place.x >= kInside && place.y >= kInside && place.x < static_cast<float>(smooth.cols) - kInside - 1 &&
        place.y < static_cast<float>(smooth.rows) - kInside - 1))
    return false;
  const Ring& at = ring();
  std::array<float, kRing> v;
  for (size_t n = 0; n < kRing; ++n) v[n] = value_between(smooth, place.x + at.x[n], place.y + at.y[n]);
  std::array<float, kHalf + 1> u;
  float odd = 0;
  for (size_t n = 0; n < kHalf; ++n) {
    u[n] = (v[n] + v[n + kHalf]) / 2;
    odd += std::abs(v[n] - v[n + kHalf]) / 2;
  }
  const auto [darkest, brightest] = std::minmax_element(u.begin(), u.begin() + kHalf);
  const float contrast = *brightest - *darkest, middle = (*brightest + *darkest) / 2;
  if (!(contrast > kLeastContrast)) return false;
  if (odd > allowed.odd * kHalf * contrast) return false;  // opposite sides differ: an edge, the corner of one square
  const float centre = value_between(smooth, place.x, place.y);
  if (std::abs(centre - middle) > allowed.centre * contrast) return false;  // a line, a dot
  for (size_t n = 0; n < kHalf; ++n) u[n] -= middle;
  u[kHalf] = u[0];
  int changes = 0;
  for (size_t n = 0; n < kHalf; ++n) {
    if ((u[n] > 0) == (u[n + 1] > 0)) continue;
    if (++changes > 2) return false;
    const float turn = static_cast<float>(M_PI) / kHalf * (static_cast<float>(n) + u[n] / (u[n] - u[n + 1]));
    saddle.edge[u[n] > 0 ? 1 : 0] = {std::cos(turn), std::sin(turn)};
  }
  saddle.place = place;
  saddle.contrast = contrast;
  return changes == 2;
}

void smooth(const cv::Mat_<float>& level, std::span<const float> weights, cv::Mat_<float>& out) {
  out.create(level.size());
  std::vector<float> column(static_cast<size_t>(level.cols) + 2 * kWidest);
  for (int y = 0; y < level.rows; ++y) smooth_row(level, y, weights, column.data(), out[y]);
}

SaddleMap find_saddles(const cv::Mat_<float>& level, size_t most) {
  SaddleMap map;
  std::vector<Maximum> maxima = find_maxima(level, map.smooth);
  if (maxima.size() > most) {
    const auto stronger = [](const Maximum& a, const Maximum& b) {
      return a.response != b.response ? a.response > b.response : a.y != b.y ? a.y < b.y : a.x < b.x;
    };
    std::nth_element(maxima.begin(), maxima.begin() + static_cast<ptrdiff_t>(most), maxima.end(), stronger);
    maxima.resize(most);
    std::sort(maxima.begin(), maxima.end(),
              [](const Maximum& a, const Maximum& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; });
  }
  std::array<ptrdiff_t, kRing> offset;
  for (size_t n = 0; n < kRing; ++n)
    offset[n] = std::lround(ring().y[n]) * static_cast<ptrdiff_t>(map.smooth.step1()) + std::lround(ring().x[n]);
  for (const Maximum& m : maxima) {
    const cv::Point2f pixel(static_cast<float>(m.x), static_cast<float>(m.y));
    if (!may_be_saddle(map.smooth[m.y] + m.x, offset)) {
      map.refused.push_back(pixel);
      continue;
    }
    Saddle saddle{};
    const cv::Point2f place = stationary_point(map.smooth, m.x, m.y);
    if (measure_saddle(map.smooth, place, kStrictRing, saddle))
      map.saddles.push_back(saddle);
    else
      map.refused.push_back(place);
  }
  return map;
}

}  // namespace assay
