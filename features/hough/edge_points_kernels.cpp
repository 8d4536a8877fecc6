// features/hough/edge_points_kernels.cpp
#include "assay/features/hough/edge_points_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace assay::hough {

void aligned_distances(const float* __restrict x, const float* __restrict y, const float* __restrict ux,
                       const float* __restrict uy, size_t n, float a, float b, float least, float most, float aligned,
                       float* __restrict distance) {
  const float least2 = least * least, most2 = most * most, aligned2 = aligned * aligned;
#pragma omp simd
  for (size_t i = 0; i < n; ++i) {
    const float dx = x[i] - a, dy = y[i] - b, d2 = dx * dx + dy * dy, radial = dx * ux[i] + dy * uy[i];
    const bool fits = (d2 >= least2) & (d2 <= most2) & (radial * radial >= aligned2 * d2);
    distance[i] = fits ? std::sqrt(d2) : -1.0F;
  }
}

namespace {

// Those of n numbers that are not negative, in their order; how many. `to`: room for n and a register more.
size_t pack_non_negative(const int* from, size_t n, int* to) {
  size_t count = 0, i = 0;
#ifdef __AVX512F__
  for (; i + 16 <= n; i += 16) {
    const __m512i v = _mm512_loadu_si512(from + i);
    const __mmask16 is = _mm512_cmpge_epi32_mask(v, _mm512_setzero_si512());
    _mm512_storeu_si512(to + count, _mm512_maskz_compress_epi32(is, v));
    count += static_cast<size_t>(std::popcount(static_cast<unsigned>(is)));
  }
#endif
  for (; i < n; ++i) {
    to[count] = from[i];
    count += from[i] >= 0;
  }
  return count;
}

}  // namespace

void count_rings(const float* __restrict x, const float* __restrict y, const float* __restrict ux,
                 const float* __restrict uy, size_t n, float a, float b, float least, float most, float aligned,
                 int* __restrict tables, size_t size) {
  const float least2 = least * least, most2 = most * most, aligned2 = aligned * aligned;
  constexpr size_t kSome = 256;
  int ring[kSome], packed[kSome + 16];
  for (size_t first = 0; first < n; first += kSome) {
    const size_t some = std::min(kSome, n - first);
#pragma omp simd
    for (size_t k = 0; k < some; ++k) {
      const size_t i = first + k;
      const float dx = x[i] - a, dy = y[i] - b, d2 = dx * dx + dy * dy, radial = dx * ux[i] + dy * uy[i];
      const bool fits = (d2 >= least2) & (d2 <= most2) & (radial * radial >= aligned2 * d2);
      ring[k] = fits ? static_cast<int>(std::sqrt(d2) + 0.5F) : -1;
    }
    const size_t count = pack_non_negative(ring, some, packed);
    size_t k = 0;
    for (; k + kRingTables <= count; k += kRingTables)
      for (size_t t = 0; t < kRingTables; ++t) ++tables[t * size + static_cast<size_t>(packed[k + t])];
    for (; k < count; ++k) ++tables[packed[k]];
  }
}

CircleMoments circle_moments(const float* __restrict x, const float* __restrict y, const float* __restrict ux,
                             const float* __restrict uy, size_t n, float a, float b, float r, float band,
                             float aligned) {
  float xx = 0, xy = 0, x1 = 0, yy = 0, y1 = 0, w1 = 0, xe = 0, ye = 0, we = 0;
  const float per_band = 1 / band, aligned2 = aligned * aligned;
#pragma omp simd reduction(+ : xx, xy, x1, yy, y1, w1, xe, ye, we)
  for (size_t i = 0; i < n; ++i) {
    const float dx = x[i] - a, dy = y[i] - b, d = std::sqrt(dx * dx + dy * dy), per_d = 1 / (d > 1 ? d : 1);
    const float cx = dx * per_d, cy = dy * per_d, cosine = cx * ux[i] + cy * uy[i];
    const float e = d - r, part = e * per_band, u = 1 - part * part;
    const bool counts = (u > 0) & (d >= 1) & (cosine * cosine >= aligned2);
    const float w = counts ? u * u : 0;
    xx += w * cx * cx, xy += w * cx * cy, x1 += w * cx, yy += w * cy * cy, y1 += w * cy, w1 += w;
    xe += w * cx * e, ye += w * cy * e, we += w * e;
  }
  return {{xx, xy, x1, yy, y1, w1}, {xe, ye, we}};
}

int count_near_circle(const float* __restrict x, const float* __restrict y, const float* __restrict ux,
                      const float* __restrict uy, size_t n, float a, float b, float r, float band, float aligned) {
  int count = 0;
#pragma omp simd reduction(+ : count)
  for (size_t i = 0; i < n; ++i) {
    const float dx = x[i] - a, dy = y[i] - b, d = std::sqrt(dx * dx + dy * dy), radial = dx * ux[i] + dy * uy[i];
    count += (std::abs(d - r) < band) & (d >= 1) & (std::abs(radial) >= aligned * d);
  }
  return count;
}

void steepest_places(const float* __restrict gx, const float* __restrict gy, ptrdiff_t stride,
                     const float* __restrict m, ptrdiff_t m_stride, const int* __restrict column,
                     const int* __restrict row, size_t n, float* __restrict dx, float* __restrict dy,
                     float* __restrict ux, float* __restrict uy) {
  const auto s = static_cast<int>(stride), t = static_cast<int>(m_stride);
#pragma omp simd
  for (size_t k = 0; k < n; ++k) {
    const int at = row[k] * s + column[k], here = row[k] * t + column[k];
    const float length = m[here], per_length = length > 0 ? 1 / length : 0;
    const float u = gx[at] * per_length, v = gy[at] * per_length;
    const auto interpolated = [&](float qx, float qy) {  // from the pixel; its four neighbours begin at -1 or 0
      const float left = qx < 0 ? -1.0F : 0.0F, above = qy < 0 ? -1.0F : 0.0F, fx = qx - left, fy = qy - above;
      const int corner = here + static_cast<int>(above) * t + static_cast<int>(left);
      return (1 - fy) * ((1 - fx) * m[corner] + fx * m[corner + 1]) +
             fy * ((1 - fx) * m[corner + t] + fx * m[corner + t + 1]);
    };
    const float before = interpolated(-u, -v), after = interpolated(u, v), bend = before - 2 * length + after;
    const float top = 0.5F * (before - after) / (bend < 0 ? bend : -1.0F);
    const float shift = bend < 0 ? (top > 0.7F ? 0.7F : top < -0.7F ? -0.7F : top) : 0;
    dx[k] = shift * u, dy[k] = shift * v;
    ux[k] = u, uy[k] = v;
  }
}

}  // namespace assay::hough
