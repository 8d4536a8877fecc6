#include "assay/features/hog/hog_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#ifdef __AVX__
#include <immintrin.h>
#endif

#include "assay/core/simd.h"

namespace assay {

namespace {

constexpr ptrdiff_t kLanes = hog_lanes;
using Lanes = SimdAnywhere<float, kLanes>;
using Bits = Simd<int32_t, kLanes>;

const Lanes& at(const float* p) { return *reinterpret_cast<const Lanes*>(p); }
Lanes& at(float* p) { return *reinterpret_cast<Lanes*>(p); }

// arctan(q) for 0 <= q <= 1, in degrees: q times a polynomial in q^2.
template <size_t N>
float polynomial_degrees(const double (&c)[N], float q) {
  const float u = q * q;
  float sum = static_cast<float>(c[N - 1] * 57.295779513082323);
  for (size_t k = N - 1; k-- > 0;) sum = sum * u + static_cast<float>(c[k] * 57.295779513082323);
  return sum * q;
}

// Chebyshev's interpolation of arctan(q) / q: within 1.6e-9 before rounding.
constexpr double kExact[] = {0.9999999971605454,   -0.3333327629198255,   0.19998075281148714, -0.14260016082820906,
                             0.10932341501303093,  -0.08349724968301601,  0.05708955593030619, -0.030351864785781172,
                             0.010487649254949306, -0.0017011700640685973};
// The numbers OpenCV 4.6 has (fastAtan2): within 2e-4.
constexpr double kOpenCv[] = {0.9997878412794807, -0.3258083974640975, 0.1555786518463281, -0.04432655554792128};

template <bool full_circle, size_t N>
void polar(const float* dx, const float* dy, const double (&c)[N], float bins, float* __restrict magnitude,
           float* __restrict position, ptrdiff_t n) {
  const float per_degree = bins / (full_circle ? 360.0F : 180.0F);
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) {
    const float x = dx[i], y = dy[i], ax = std::abs(x), ay = std::abs(y);
    const float large = ax > ay ? ax : ay, small = ax > ay ? ay : ax;
    float a = polynomial_degrees(c, small / (large + 1e-30F));
    a = ay > ax ? 90 - a : a;
    if (full_circle) {
      a = x < 0 ? 180 - a : a;
      a = y < 0 ? 360 - a : a;
    } else {
      a = (x < 0) != (y < 0) ? 180 - a : a;  // the direction of a line: opposite gradients are the same
    }
    magnitude[i] = std::sqrt(x * x + y * y);
    position[i] = a * per_degree - 0.5F;
  }
}

// magnitude max(0, 1 - distance of position and bin); `wraps`: the first and the last bin are neighbours of one another.
template <bool wraps>
Lanes vote(const float* magnitude, const float* position, float bin, float circle) {
  Lanes d = at(position) - bin;
  d = reinterpret_cast<Lanes>(reinterpret_cast<Bits>(d) & 0x7fffffff);
  if (wraps) d = d < circle - d ? d : circle - d;
  const Lanes v = at(magnitude) - at(magnitude) * d;
  return v > 0 ? v : Lanes{};
}

// One bin of kLanes cells, under every pair of profiles: the pixels of a row under the profiles along x, the rows of pixels
// under those along y.
template <int K, bool wraps>
void vote_bin(const float* magnitude, const float* position, int cell, ptrdiff_t groups, int b, float circle,
              const float* profiles, float* out, ptrdiff_t step) {
  Lanes sum[K][K] = {};
  for (int i = 0; i < cell; ++i) {
    Lanes row[K] = {};
    for (int j = 0; j < cell; ++j, magnitude += groups, position += groups) {
      const Lanes v = vote<wraps>(magnitude, position, static_cast<float>(b), circle);
      for (int h = 0; h < K; ++h) row[h] += profiles[h * cell + j] * v;
    }
    for (int v = 0; v < K; ++v)
      for (int h = 0; h < K; ++h) sum[v][h] += profiles[v * cell + i] * row[h];
  }
  for (int v = 0; v < K; ++v)
    for (int h = 0; h < K; ++h) at(out + (v * K + h) * step) = sum[v][h];
}

template <int K>
void vote_cells(const float* magnitude, const float* position, int cell, ptrdiff_t groups, int bins,
                const float* profiles, float* out) {
  const auto circle = static_cast<float>(bins);
  for (ptrdiff_t g = 0; g < groups; g += kLanes)
    for (int b = 0; b < bins; ++b) {
      const auto bin = b == 0 || b == bins - 1 ? vote_bin<K, true> : vote_bin<K, false>;
      bin(magnitude + g, position + g, cell, groups, b, circle, profiles, out + b * groups + g, bins * groups);
    }
}

// N * kLanes neighbouring sums. Four rows at a time have sums of their own, so that none waits for the one before.
template <int N>
void correlate(const float* rows, ptrdiff_t stride, int lines, const float* weights, int across, double* sums) {
  constexpr int kRows = 4;
  Lanes sum[kRows][N] = {};
  const auto add = [&](int f, int r) {
    const float *row = rows + (f + r) * stride, *w = weights + (f + r) * across;
    for (int j = 0; j < across; ++j)
      for (int i = 0; i < N; ++i) sum[r][i] += w[j] * at(row + j + i * kLanes);
  };
  int f = 0;
  for (; f + kRows <= lines; f += kRows)
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) add(f, r);
  for (; f < lines; ++f) add(f, 0);
  for (int i = 0; i < N; ++i) {
    const Lanes total = (sum[0][i] + sum[1][i]) + (sum[2][i] + sum[3][i]);
    for (int l = 0; l < kLanes; ++l) sums[i * kLanes + l] += static_cast<double>(total[l]);
  }
}

void add_squares(const float* v, float* __restrict sum, ptrdiff_t n) {
  for (ptrdiff_t x = 0; x < n; ++x) sum[x] += v[x] * v[x];
}

}  // namespace

void hog_gradient(const float* above, const float* centre, const float* below, int channels, float* __restrict dx,
                  float* __restrict dy, ptrdiff_t n) {
  if (channels == 1) {
    for (ptrdiff_t i = 0; i < n; ++i) {
      dx[i] = centre[i + 2] - centre[i];
      dy[i] = below[i + 1] - above[i + 1];
    }
    return;
  }
  for (ptrdiff_t i = 0; i < n; ++i) {
    float best = -1, gx = 0, gy = 0;
    for (int c = channels - 1; c >= 0; --c) {
      const float x = centre[(i + 2) * channels + c] - centre[i * channels + c];
      const float y = below[(i + 1) * channels + c] - above[(i + 1) * channels + c], norm = x * x + y * y;
      const bool larger = norm > best;
      gx = larger ? x : gx, gy = larger ? y : gy, best = larger ? norm : best;
    }
    dx[i] = gx, dy[i] = gy;
  }
}

void hog_polar(const float* dx, const float* dy, const HogAngleRule& rule, float* magnitude, float* position,
               ptrdiff_t n) {
  if (rule.opencv)
    return rule.full_circle ? polar<true>(dx, dy, kOpenCv, rule.bins, magnitude, position, n)
                            : polar<false>(dx, dy, kOpenCv, rule.bins, magnitude, position, n);
  return rule.full_circle ? polar<true>(dx, dy, kExact, rule.bins, magnitude, position, n)
                          : polar<false>(dx, dy, kExact, rule.bins, magnitude, position, n);
}

void hog_votes(const float* magnitude, const float* position, int cell, ptrdiff_t groups, int bins,
               const float* profiles, int count, float* out) {
  if (count == 1) return vote_cells<1>(magnitude, position, cell, groups, bins, profiles, out);
  vote_cells<4>(magnitude, position, cell, groups, bins, profiles, out);
}

void hog_normalize(float* values, int length, ptrdiff_t stride, ptrdiff_t n, const HysRule& rule) {
  constexpr ptrdiff_t kTile = 64;
  for (ptrdiff_t x = 0; x < n; x += kTile) {
    const ptrdiff_t m = std::min(kTile, n - x);
    float sum[kTile] = {}, factor[kTile];
    for (int f = 0; f < length; ++f) add_squares(values + f * stride + x, sum, m);
    for (ptrdiff_t i = 0; i < m; ++i) factor[i] = 1 / (std::sqrt(sum[i] + rule.add1) + rule.plus1), sum[i] = 0;
    for (int f = 0; f < length; ++f) {
      float* v = values + f * stride + x;
#pragma omp simd
      for (ptrdiff_t i = 0; i < m; ++i) {
        v[i] = std::min(v[i] * factor[i], rule.clip);
        sum[i] += v[i] * v[i];
      }
    }
    for (ptrdiff_t i = 0; i < m; ++i) factor[i] = 1 / (std::sqrt(sum[i] + rule.add2) + rule.plus2);
    for (int f = 0; f < length; ++f) {
      float* v = values + f * stride + x;
#pragma omp simd
      for (ptrdiff_t i = 0; i < m; ++i) v[i] *= factor[i];
    }
  }
}

void hog_correlate(const float* rows, ptrdiff_t stride, int lines, const float* weights, int across, double* sums,
                   ptrdiff_t n) {
  ptrdiff_t x = 0;
  for (; x + 4 * kLanes <= n; x += 4 * kLanes) correlate<4>(rows + x, stride, lines, weights, across, sums + x);
  for (; x + 2 * kLanes <= n; x += 2 * kLanes) correlate<2>(rows + x, stride, lines, weights, across, sums + x);
  for (; x + kLanes <= n; x += kLanes) correlate<1>(rows + x, stride, lines, weights, across, sums + x);
  if (x == n) return;
  // Fewer than kLanes are left: the ends of the rows, with 0 after them.
  const ptrdiff_t wide = kLanes + across - 1;
  std::vector<float> ends(static_cast<size_t>(lines * wide), 0.0F);
  for (int f = 0; f < lines; ++f) std::copy_n(rows + f * stride + x, n - x + across - 1, ends.data() + f * wide);
  double last[kLanes] = {};
  correlate<1>(ends.data(), wide, lines, weights, across, last);
  for (ptrdiff_t l = 0; l < n - x; ++l) sums[x + l] += last[l];
}

void hog_sum(const float* a, const float* b, const float* c, const float* d, float* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = a[i] + b[i] + c[i] + d[i];
}

void hog_copy_out(const float* from, ptrdiff_t n, float* to) {
#ifdef __AVX__
  // A store past the caches fills whole lines of 64 bytes, which then need not be fetched before.
  constexpr ptrdiff_t kLine = 64 / sizeof(float), kHalf = kLine / 2;
  const auto beside = static_cast<ptrdiff_t>(reinterpret_cast<uintptr_t>(to) / sizeof(float) % kLine);
  const ptrdiff_t head = std::min(n, (kLine - beside) % kLine);
  std::copy_n(from, head, to);
  ptrdiff_t i = head;
  for (; i + kLine <= n; i += kLine) {
    _mm256_stream_ps(to + i, _mm256_loadu_ps(from + i));
    _mm256_stream_ps(to + i + kHalf, _mm256_loadu_ps(from + i + kHalf));
  }
  std::copy_n(from + i, n - i, to + i);
  _mm_sfence();
#else
  std::copy_n(from, n, to);
#endif
}

}  // namespace assay
