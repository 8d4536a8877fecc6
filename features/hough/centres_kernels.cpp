// features/hough/centres_kernels.cpp
#include "assay/features/hough/centres_kernels.h"

#include <algorithm>
#include <cmath>

namespace assay::hough {

void rays_of(const float* __restrict x, const float* __restrict y, const float* __restrict ux,
             const float* __restrict uy, size_t n, float way, const RaySpace& space, Ray* __restrict rays) {
  const double right = space.columns - 1, bottom = space.rows - 1, r1 = space.r1, one = 1 << space.fraction;
  const int half = 1 << (space.fraction - 1), r0 = space.r0;
#pragma omp simd
  for (size_t i = 0; i < n; ++i) {
    const auto fixed = [&](double v) { return static_cast<int>(std::floor(v * one + 0.5)); };
    const auto within = [](double v, double most) { return v < 0 ? 0 : v > most ? most : v; };
    // Steps until from + r by leaves 0 .. most: all of them, where it does not turn that way.
    const auto steps = [&](double from, double by, double most) {
      const double way_out = by > 0 ? most - from : from, speed = by > 0 ? by : -by;
      return speed > 1e-9 ? way_out / (speed > 1e-9 ? speed : 1.0) : 1e9;
    };
    const double px = within(x[i], right), py = within(y[i], bottom), u = way * ux[i], v = way * uy[i];
    const double sx = steps(px, u, right), sy = steps(py, v, bottom), s = sx < sy ? sx : sy;
    const int last = static_cast<int>(s < r1 ? s : r1), first = r0 + static_cast<int>(i % kRadiusStep);
    const int dx = fixed(u), dy = fixed(v);
    rays[i].x = fixed(px) + first * dx + half, rays[i].y = fixed(py) + first * dy + half;
    rays[i].dx = kRadiusStep * dx, rays[i].dy = kRadiusStep * dy;
    rays[i].n = last < first ? 0 : (last - first) / kRadiusStep + 1;
  }
}

template <class Cell>
void vote_along(const Ray* __restrict rays, size_t n, int fraction, const int* const (&weight)[kRadiusStep],
                Cell* __restrict cells, int stride) {
  constexpr int kSome = 32;
  int place[kSome];
  for (size_t i = 0; i < n; ++i) {
    const Ray ray = rays[i];
    for (int first = 0; first < ray.n; first += kSome) {
      const int count = std::min(kSome, ray.n - first);
      // A multiple of eight: what is too much is not read. Unsigned, for that may lie far outside.
      const auto x0 = static_cast<unsigned>(ray.x), y0 = static_cast<unsigned>(ray.y);
      for (int k = 0; k < (count + 7) / 8 * 8; ++k) {
        const unsigned step = static_cast<unsigned>(first + k);
        place[k] = (static_cast<int>(y0 + step * static_cast<unsigned>(ray.dy)) >> fraction) * stride +
                   (static_cast<int>(x0 + step * static_cast<unsigned>(ray.dx)) >> fraction);
      }
      const int* w = weight[i % kRadiusStep] + first;
      for (int k = 0; k < count; ++k) {
        Cell& cell = cells[place[k]];
        cell = static_cast<Cell>(cell + w[k]);
      }
    }
  }
}

template <class Cell>
void sum_block_row(const Cell* __restrict above, const Cell* __restrict row, const Cell* __restrict below, int n,
                   int* __restrict down, int* __restrict sum) {
  for (int x = 0; x < n; ++x) down[x] = above[x] + row[x] + below[x];
  for (int x = 1; x + 1 < n; ++x) sum[x] = down[x - 1] + down[x] + down[x + 1];
  sum[0] = sum[n - 1] = 0;
}

template void vote_along(const Ray*, size_t, int, const int* const (&)[kRadiusStep], uint16_t*, int);
template void vote_along(const Ray*, size_t, int, const int* const (&)[kRadiusStep], int*, int);
template void sum_block_row(const uint16_t*, const uint16_t*, const uint16_t*, int, int*, int*);
template void sum_block_row(const int*, const int*, const int*, int, int*, int*);

template <class Cell>
void add_by_tiles(const Cell* __restrict row, int n, int64_t* __restrict sum) {
  for (int first = 0; first < n; first += kBackground) {
    int here = 0;
    for (int x = first; x < std::min(n, first + kBackground); ++x) here += row[x];
    sum[first / kBackground] += here;
  }
}

void may_be_peaks(const int* __restrict above, const int* __restrict sum, const int* __restrict below, int n, int least,
                  uint8_t* __restrict may) {
  for (int x = 1; x + 1 < n; ++x)
    may[x] =
        (sum[x] >= least) & (sum[x] > sum[x - 1]) & (sum[x] >= sum[x + 1]) & (sum[x] > above[x]) & (sum[x] >= below[x]);
}
template void add_by_tiles(const uint16_t*, int, int64_t*);
template void add_by_tiles(const int*, int, int64_t*);

}  // namespace assay::hough
