#include "assay/features/sift/sift_kernels.h"

#include <algorithm>
#include <cmath>

namespace assay::sift_stages {

void mix(const float* a, const float* b, float share, float* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = (1 - share) * a[i] + share * b[i];
}

void double_samples(const float* in, float* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    out[2 * i] = in[i];
    out[2 * i + 1] = 0.5f * (in[i] + in[i + 1]);
  }
}

void half_pixel_line(const float* in, float* __restrict out, ptrdiff_t n) {
  out[0] = in[0];
  for (ptrdiff_t i = 0; i < n - 1; ++i) {
    out[2 * i + 1] = 0.75f * in[i] + 0.25f * in[i + 1];
    out[2 * i + 2] = 0.25f * in[i] + 0.75f * in[i + 1];
  }
  out[2 * n - 1] = in[n - 1];
}

void every_second(const float* in, float* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = in[2 * i];
}

void subtract(const float* a, const float* b, float* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = b[i] - a[i];
}

void column_extremes(const float* const rows[9], float* __restrict low, float* __restrict high, ptrdiff_t n) {
  const float* r[9];
  for (int k = 0; k < 9; ++k) r[k] = rows[k];
  for (ptrdiff_t i = 0; i < n; ++i) {
    float least = r[0][i], greatest = r[0][i];
    for (int k = 1; k < 9; ++k) {
      const float v = r[k][i];
      least = v < least ? v : least;
      greatest = v > greatest ? v : greatest;
    }
    low[i] = least;
    high[i] = greatest;
  }
}

bool mark_extremes(const float* value, const float* low, const float* high, float threshold,
                   unsigned char* __restrict mark, ptrdiff_t n) {
  unsigned any = 0;
  mark[0] = mark[n - 1] = 0;
  for (ptrdiff_t i = 1; i < n - 1; ++i) {
    const float v = value[i];
    float greatest = high[i - 1] > high[i + 1] ? high[i - 1] : high[i + 1];
    float least = low[i - 1] < low[i + 1] ? low[i - 1] : low[i + 1];
    greatest = greatest > high[i] ? greatest : high[i];
    least = least < low[i] ? least : low[i];
    const bool top = (v >= threshold) & (v >= greatest), bottom = (v <= -threshold) & (v <= least);
    mark[i] = static_cast<unsigned char>(top | bottom);
    any |= static_cast<unsigned>(top | bottom);
  }
  return any != 0;
}

void gradients(const float* up, const float* row, const float* down, const float* wx, float wy, float rim,
               float* __restrict gx, float* __restrict gy, float* __restrict weight, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    gx[i] = row[i + 1] - row[i - 1];
    gy[i] = down[i] - up[i];
    const float w = wy * wx[i] - rim;
    weight[i] = w > 0 ? w : 0;
  }
}

// atan(t) / t as a polynomial in t^2, interpolated at the Chebyshev nodes of [0, 1]: errs by at most 7e-8.
static inline float arc_tangent(float t) {
  constexpr float kAtan[] = {0.99999988079f,  -0.33331811428f, 0.19966961443f,  -0.14003290236f,
                             0.098688654602f, -0.05882975459f, 0.023780519143f, -0.0045597921126f};
  const float s = t * t;
  float p = kAtan[7];
  for (int j = 6; j >= 0; --j) p = p * s + kAtan[j];
  return p * t;
}

void polar(const float* gx, const float* gy, float full, float* __restrict weight_to_length, float* __restrict angle,
           ptrdiff_t n) {
  constexpr float kQuarter = 1.57079632679f, kHalf = 3.14159265359f, kTurn = 6.28318530718f;
  const float scale = full / kTurn;
  for (ptrdiff_t i = 0; i < n; ++i) {
    const float x = gx[i], y = gy[i], ax = std::fabs(x), ay = std::fabs(y);
    const float large = ax > ay ? ax : ay, small = ax > ay ? ay : ax;
    float a = arc_tangent(small / (large > 1e-30f ? large : 1e-30f));
    a = ay > ax ? kQuarter - a : a;
    a = x < 0 ? kHalf - a : a;
    a = y < 0 ? kTurn - a : a;
    angle[i] = a * scale;
    weight_to_length[i] *= std::sqrt(x * x + y * y);
  }
}

void places(float row0, float row1, float col0, float col1, float* __restrict row, float* __restrict col, ptrdiff_t n) {
  for (int i = 0; i < static_cast<int>(n); ++i) {
    row[i] = row0 + row1 * static_cast<float>(i);
    col[i] = col0 + col1 * static_cast<float>(i);
  }
}

namespace {

// The eight directions of one cell: w times `share`.
inline void add_to_cell(const float* w, float share, float* __restrict h) {
  for (int k = 0; k < 8; ++k) h[k] += share * w[k];
}

}  // namespace

void vote_trilinearly(const float* row, const float* col, const float* direction, const float* length, ptrdiff_t n,
                      const float* lanes, float* histograms) {
  constexpr int kRow = 6 * 8, kBlock = 64;
  constexpr float kLast = 4.9999995f;
  float upper_left[kBlock], upper_right[kBlock], lower_left[kBlock], lower_right[kBlock], turned[kBlock];
  int place[kBlock];
  float lane[8];
  for (int k = 0; k < 8; ++k) lane[k] = lanes[k];
  for (ptrdiff_t first = 0; first < n; first += kBlock) {
    const int count = static_cast<int>(std::min<ptrdiff_t>(kBlock, n - first));
    for (int i = 0; i < count; ++i) {
      float r = row[first + i], c = col[first + i], d = direction[first + i];
      r = r < 0 ? 0 : r;
      r = r > kLast ? kLast : r;
      c = c < 0 ? 0 : c;
      c = c > kLast ? kLast : c;
      turned[i] = d < 0 ? d + 8 : d;
      const int r0 = static_cast<int>(r), c0 = static_cast<int>(c);
      place[i] = r0 * kRow + c0 * 8 + (i % 2) * kHistogram;  // two histograms by turns: a vote waits for none before
      const float down = r - static_cast<float>(r0), right = c - static_cast<float>(c0), m = length[first + i];
      const float lower = m * down, upper = m - lower;
      upper_right[i] = upper * right, upper_left[i] = upper - upper * right;
      lower_right[i] = lower * right, lower_left[i] = lower - lower * right;
    }
    for (int i = 0; i < count; ++i) {
      float w[8];
      for (int k = 0; k < 8; ++k) {
        float t = std::fabs(turned[i] - lane[k]);
        t = t > 8 - t ? 8 - t : t;
        t = 1 - t;
        w[k] = t > 0 ? t : 0;
      }
      float* h = histograms + place[i];
      add_to_cell(w, upper_left[i], h);
      add_to_cell(w, upper_right[i], h + 8);
      add_to_cell(w, lower_left[i], h + kRow);
      add_to_cell(w, lower_right[i], h + kRow + 8);
    }
  }
}

}  // namespace assay::sift_stages
