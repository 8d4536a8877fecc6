#include "assay/features/sift/sift_kernels.h"

#include <algorithm>
#include <cmath>

#include "assay/core/simd.h"

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

namespace {

inline float least(float a, float b) { return a < b ? a : b; }
inline float greatest(float a, float b) { return a > b ? a : b; }

// The least and greatest value of each column from kRim before the block to kRim after it.
constexpr int kRim = 16;
template <int count>
[[gnu::noinline]] void column_extremes(const float* const* rows, ptrdiff_t first, float* __restrict low,
                                       float* __restrict high) {
  const float* r[count];
  for (int k = 0; k < count; ++k) r[k] = rows[k] + first - kRim;
  for (int i = 0; i < kMarkBlock + 2 * kRim; ++i) {
    low[i] = high[i] = r[0][i];
    for (int k = 1; k < count; ++k) low[i] = least(low[i], r[k][i]), high[i] = greatest(high[i], r[k][i]);
  }
}

}  // namespace

void mark_extremes(const float* value, const float* const* rows, int count, float threshold,
                   unsigned char* __restrict mark, ptrdiff_t n) {
  alignas(64) float lows[kMarkBlock + 2 * kRim], highs[kMarkBlock + 2 * kRim];
  for (ptrdiff_t first = 0; first < n; first += kMarkBlock) {
    const float* const v = value + first;
    unsigned char* const m = mark + first;
    float largest = 0;
#pragma omp simd reduction(max : largest)
    for (int i = 0; i < kMarkBlock; ++i) largest = greatest(largest, std::fabs(v[i]));
    if (largest < threshold) {
      std::fill_n(m, kMarkBlock, 0);
      continue;
    }
    (count == 3 ? column_extremes<3> : count == 6 ? column_extremes<6> : column_extremes<9>)(rows, first, lows, highs);
    const float *low = lows + kRim, *high = highs + kRim;
    for (int i = 0; i < kMarkBlock; ++i) {
      const float lowest = least(least(low[i - 1], low[i]), low[i + 1]);
      const float highest = greatest(greatest(high[i - 1], high[i]), high[i + 1]);
      m[i] = static_cast<unsigned char>(((v[i] >= threshold) & (v[i] >= highest)) |
                                        ((v[i] <= -threshold) & (v[i] <= lowest)));
    }
  }
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

template <bool soft>
void vote_directions(const float* angle, const float* length, ptrdiff_t n, double* h) {
  constexpr int kBins = 36, kTurns = 4;  // four histograms by turns: a vote waits for none before
  double sums[kTurns][kBins + 2] = {};   // bin -1 and bin 36 stand for 35 and 0
  const auto vote = [&](ptrdiff_t i, double* s) {
    const float a = angle[i] + (soft ? 0.5f : 1.5f), m = length[i];
    const int bin = static_cast<int>(a);  // between the centres of bins `bin` - 1 and `bin`, or in bin `bin` - 1
    const float share = soft ? m * (a - static_cast<float>(bin)) : 0;
    s[bin] += m - share;
    if (soft) s[bin + 1] += share;
  };
  ptrdiff_t i = 0;
  for (; i + kTurns <= n; i += kTurns)
    for (int turn = 0; turn < kTurns; ++turn) vote(i + turn, sums[turn]);
  for (; i < n; ++i) vote(i, sums[0]);
  for (const auto& s : sums) {
    for (int b = 0; b < kBins; ++b) h[b] += s[b + 1];
    h[kBins - 1] += s[0];
    h[0] += s[kBins + 1];
  }
}

}  // namespace

void vote_directions(const float* angle, const float* length, ptrdiff_t n, bool soft, double* h) {
  if (soft) return vote_directions<true>(angle, length, n, h);
  vote_directions<false>(angle, length, n, h);
}

namespace {

// A pair of neighbouring cells of eight directions, in one register or two.
constexpr int kParts = 64 / kSimdBytes, kPart = 16 / kParts;
using Part = SimdAnywhere<float, kPart>;

[[gnu::always_inline]] inline Part absolute(Part x) { return x > -x ? x : -x; }

template <class Value>
Part part_of(Value&& value) {
  Part part;
  for (int k = 0; k < kPart; ++k) part[k] = static_cast<float>(value(k));
  return part;
}

}  // namespace

void vote_trilinearly(const float* row, const float* col, const float* direction, const float* length, ptrdiff_t n,
                      float* histograms) {
  constexpr int kBlock = 64;
  constexpr float kLast = 4.9999995f;
  const Part direction_of = part_of([](int k) { return k % 8; });
  Part left[kParts], slope[kParts];  // of the share of a cell: 1 - right, and right
  for (int p = 0; p < kParts; ++p) {
    left[p] = part_of([p](int k) { return p * kPart + k < 8 ? 1 : 0; });
    slope[p] = 1 - 2 * left[p];
  }
  float upper[kBlock], lower[kBlock], right[kBlock], turned[kBlock];
  int place[kBlock];
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
      place[i] = (r0 * 5 + c0) * 16 + (i % 2) * kHistogram;  // two histograms by turns: a vote waits for none before
      right[i] = c - static_cast<float>(c0);
      lower[i] = length[first + i] * (r - static_cast<float>(r0));
      upper[i] = length[first + i] - lower[i];
    }
    for (int i = 0; i < count; ++i) {
      // the distance of two directions is 4 - | |difference| - 4 |, and the weight 1 - distance where that is positive
      Part w = absolute(absolute(turned[i] - direction_of) - 4) - 3;
      w = w > 0 ? w : Part{};
      Part* pair = reinterpret_cast<Part*>(histograms + place[i]);
      for (int p = 0; p < kParts; ++p) {
        const Part v = w * (left[p] + right[i] * slope[p]);
        pair[p] += upper[i] * v;
        pair[5 * kParts + p] += lower[i] * v;
      }
    }
  }
}

void collect_cells(const float* histograms, float* cells) {
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 4; ++c)
      for (int k = 0; k < 8; ++k) {
        const float *own = histograms + ((r + 1) * 5 + c + 1) * 16 + k, *before = own - 16 + 8;
        cells[(r * 4 + c) * 8 + k] = own[0] + own[kHistogram] + before[0] + before[kHistogram];
      }
}

}  // namespace assay::sift_stages
