#include "assay/features/corner/corner_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "assay/core/simd.h"

namespace assay {

template <class Real>
void gradient_products(const Real* above, const Real* centre, const Real* below, Real* __restrict xx,
                       Real* __restrict yy, Real* __restrict xy, ptrdiff_t n) {
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) {
    const Real left = (above[i] + below[i]) + 2 * centre[i];
    const Real right = (above[i + 2] + below[i + 2]) + 2 * centre[i + 2];
    const Real upper = (above[i] + above[i + 2]) + 2 * above[i + 1];
    const Real lower = (below[i] + below[i + 2]) + 2 * below[i + 1];
    const Real gx = right - left, gy = lower - upper;
    xx[i] = gx * gx;
    yy[i] = gy * gy;
    xy[i] = gx * gy;
  }
}

namespace {

template <int N, class Real>
void sum_of(const Real* const* rows, Real* __restrict out, ptrdiff_t n) {
  const Real* row[N];
  for (int k = 0; k < N; ++k) row[k] = rows[k];
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) {
    Real sum = row[0][i];
    for (int k = 1; k < N; ++k) sum += row[k][i];
    out[i] = sum;
  }
}

}  // namespace

template <class Real>
void sum_rows(const Real* const* rows, int count, Real* __restrict out, ptrdiff_t n) {
  switch (count) {
    case 1:
      return sum_of<1>(rows, out, n);
    case 2:
      return sum_of<2>(rows, out, n);
    case 3:
      return sum_of<3>(rows, out, n);
    case 5:
      return sum_of<5>(rows, out, n);
    case 7:
      return sum_of<7>(rows, out, n);
    default:
      sum_of<4>(rows, out, n);
      for (int k = 4; k < count; ++k)
        for (ptrdiff_t i = 0; i < n; ++i) out[i] += rows[k][i];
  }
}

template <class Real>
void average_with(const Real* other, Real* __restrict out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) out[i] = (out[i] + other[i]) * Real(0.5);
}

namespace {

template <class Real>
struct Harris {
  Real k, scale;
  Real operator()(Real A, Real B, Real C) const {
    // One product each is rounded, whatever is fused: A and B change places when the picture is transposed.
    const Real trace = A + B, rest = C * C + k * (trace * trace);
    return (A * B - rest) * scale;
  }
};

template <class Real>
struct SmallerEigenvalue {
  Real half;
  Real operator()(Real A, Real B, Real C) const {
    const Real difference = A - B, twice = 2 * C;
    return ((A + B) - std::sqrt(difference * difference + twice * twice)) * half;
  }
};

template <int N, class Real>
[[gnu::always_inline]] inline Real sum_along(const Real* p) {
  Real sum = p[0];
  for (int k = 1; k < N; ++k) sum += p[k];
  return sum;
}

template <int N, class Measure, class Real>
Real measure_sums(const Measure& measure, const Real* A, const Real* B, const Real* C, Real* __restrict R, ptrdiff_t n,
                  Real largest) {
#pragma omp simd reduction(max : largest)
  for (ptrdiff_t i = 0; i < n; ++i) {
    R[i] = measure(sum_along<N>(A + i), sum_along<N>(B + i), sum_along<N>(C + i));
    largest = R[i] > largest ? R[i] : largest;
  }
  return largest;
}

template <class Measure, class Real>
Real measure_row(const Measure& measure, const Real* A, const Real* B, const Real* C, int window, Real* R, ptrdiff_t n,
                 Real largest) {
  switch (window) {
    case 1:
      return measure_sums<1>(measure, A, B, C, R, n, largest);
    case 2:
      return measure_sums<2>(measure, A, B, C, R, n, largest);
    case 3:
      return measure_sums<3>(measure, A, B, C, R, n, largest);
    case 5:
      return measure_sums<5>(measure, A, B, C, R, n, largest);
    case 7:
      return measure_sums<7>(measure, A, B, C, R, n, largest);
    default:
      break;
  }
  constexpr ptrdiff_t kTile = 64;
  for (ptrdiff_t begin = 0; begin < n; begin += kTile) {
    const ptrdiff_t m = std::min(kTile, n - begin);
    Real sums[3][kTile];
    const Real* from[] = {A + begin, B + begin, C + begin};
    for (int c = 0; c < 3; ++c) {
      std::copy_n(from[c], m, sums[c]);
      for (int k = 1; k < window; ++k)
        for (ptrdiff_t i = 0; i < m; ++i) sums[c][i] += from[c][i + k];
    }
    largest = measure_sums<1>(measure, sums[0], sums[1], sums[2], R + begin, m, largest);
  }
  return largest;
}

}  // namespace

template <class Real>
Real harris_row(const Real* A, const Real* B, const Real* C, int window, Real k, Real scale, Real* R, ptrdiff_t n,
                Real largest) {
  return measure_row(Harris<Real>{k, scale}, A, B, C, window, R, n, largest);
}

template <class Real>
Real eigenvalue_row(const Real* A, const Real* B, const Real* C, int window, Real scale, Real* R, ptrdiff_t n,
                    Real largest) {
  return measure_row(SmallerEigenvalue<Real>{scale / 2}, A, B, C, window, R, n, largest);
}

template <class Real>
bool any_reaches(const Real* row, Real threshold, ptrdiff_t n) {
  int any = 0;
#pragma omp simd reduction(| : any)
  for (ptrdiff_t i = 0; i < n; ++i) any |= row[i] >= threshold;
  return any != 0;
}

template <class Real>
int maxima_of_row(const Real* above, const Real* centre, const Real* below, Real threshold, int* x, ptrdiff_t n) {
  int count = 0;
  constexpr ptrdiff_t kTile = 64;
  for (ptrdiff_t begin = 0; begin < n; begin += kTile) {
    const ptrdiff_t m = std::min(kTile, n - begin);
    const Real *a = above + begin, *c = centre + begin, *b = below + begin;
    if (!any_reaches(c, threshold, m)) continue;
    unsigned char is[kTile] = {};
#pragma omp simd
    for (ptrdiff_t i = 0; i < m; ++i) {
      const Real before = std::max(std::max(a[i - 1], a[i]), std::max(a[i + 1], c[i - 1]));
      const Real after = std::max(std::max(b[i - 1], b[i]), std::max(b[i + 1], c[i + 1]));
      is[i] = (c[i] > before) & (c[i] >= after) & (c[i] >= threshold);
    }
    for (ptrdiff_t first = 0; first < m; first += 8) {
      uint64_t eight = 0;
      std::memcpy(&eight, is + first, sizeof eight);
      for (; eight != 0; eight &= eight - 1) x[count++] = static_cast<int>(begin + first + std::countr_zero(eight) / 8);
    }
  }
  return count;
}

namespace {

template <class T>
void lesser(const T* a, const T* b, T* __restrict out) {
#pragma omp simd
  for (ptrdiff_t i = 0; i < fast_tile; ++i) out[i] = a[i] < b[i] ? a[i] : b[i];
}

// The largest of the 16 minima over nine neighbouring entries of a ring: minima of 2, 4, 8 and one more.
template <class T>
void best_arc(const T (&d)[16][fast_tile], T* __restrict score) {
  T pairs[16][fast_tile], fours[16][fast_tile], nine[fast_tile];
  for (int k = 0; k < 16; ++k) lesser(d[k], d[(k + 1) % 16], pairs[k]);
  for (int k = 0; k < 16; ++k) lesser(pairs[k], pairs[(k + 2) % 16], fours[k]);
  for (int k = 0; k < 16; ++k) {
    lesser(fours[k], fours[(k + 4) % 16], pairs[0]);
    lesser(pairs[0], d[(k + 8) % 16], nine);
#pragma omp simd
    for (ptrdiff_t i = 0; i < fast_tile; ++i) score[i] = score[i] > nine[i] ? score[i] : nine[i];
  }
}

// By how much p is above q, if at all.
template <class T>
void excess(const T* p, const T* q, T* __restrict difference, ptrdiff_t n) {
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) difference[i] = static_cast<T>((p[i] > q[i] ? p[i] : q[i]) - q[i]);
}

}  // namespace

template <class T>
void fast_scores(const T* centre, const T* const (&ring)[16], FastSides sides, T* __restrict score, ptrdiff_t n) {
  T difference[16][fast_tile], best[fast_tile] = {};
  for (int k = 0; k < 16; ++k)
    for (ptrdiff_t i = n; i < fast_tile; ++i) difference[k][i] = 0;
  if (sides.brighter) {
    for (int k = 0; k < 16; ++k) excess(ring[k], centre, difference[k], n);
    best_arc(difference, best);
  }
  if (sides.darker) {
    for (int k = 0; k < 16; ++k) excess(centre, ring[k], difference[k], n);
    best_arc(difference, best);
  }
  for (ptrdiff_t i = 0; i < n; ++i) score[i] = best[i];
}

template <class T>
FastSides fast_sides(const T* centre, const T* const (&ring)[16], T least) {
  using V = Simd<T>;
  constexpr ptrdiff_t kLanes = kSimdBytes / sizeof(T);
  static_assert(fast_tile % kLanes == 0);
  const auto at = [](const T* p) { return V(simd_at(p)); };
  const auto lesser = [](V a, V b) { return a < b ? a : b; };
  const auto greater = [](V a, V b) { return a > b ? a : b; };
  Simd<uint64_t> brighter{}, darker{};
  for (ptrdiff_t i = 0; i < fast_tile; i += kLanes) {
    V bright = greater(at(ring[0] + i), at(ring[8] + i)), dark = lesser(at(ring[0] + i), at(ring[8] + i));
    for (const int k : {4, 2, 6, 1, 3, 5, 7}) {
      const V p = at(ring[k] + i), q = at(ring[k + 8] + i);
      bright = lesser(bright, greater(p, q)), dark = greater(dark, lesser(p, q));
    }
    const V c = at(centre + i);
    brighter |= reinterpret_cast<Simd<uint64_t>>(greater(bright, c) - c > least);
    darker |= reinterpret_cast<Simd<uint64_t>>(c - lesser(dark, c) > least);
  }
  const auto any = [](const Simd<uint64_t>& words) {
    uint64_t all = 0;
    for (size_t k = 0; k < kSimdBytes / sizeof all; ++k) all |= words[k];
    return all != 0;
  };
  return {any(brighter), any(darker)};
}

#define ASSAY_CORNER_KERNELS(Real)                                                                          \
  template void gradient_products(const Real*, const Real*, const Real*, Real*, Real*, Real*, ptrdiff_t);   \
  template void sum_rows(const Real* const*, int, Real*, ptrdiff_t);                                        \
  template void average_with(const Real*, Real*, ptrdiff_t);                                                \
  template Real harris_row(const Real*, const Real*, const Real*, int, Real, Real, Real*, ptrdiff_t, Real); \
  template Real eigenvalue_row(const Real*, const Real*, const Real*, int, Real, Real*, ptrdiff_t, Real);   \
  template bool any_reaches(const Real*, Real, ptrdiff_t);                                                  \
  template int maxima_of_row(const Real*, const Real*, const Real*, Real, int*, ptrdiff_t)
ASSAY_CORNER_KERNELS(float);
ASSAY_CORNER_KERNELS(double);
#undef ASSAY_CORNER_KERNELS
template FastSides fast_sides(const uint8_t*, const uint8_t* const (&)[16], uint8_t);
template FastSides fast_sides(const uint16_t*, const uint16_t* const (&)[16], uint16_t);
template FastSides fast_sides(const float*, const float* const (&)[16], float);
template void fast_scores(const uint8_t*, const uint8_t* const (&)[16], FastSides, uint8_t*, ptrdiff_t);
template void fast_scores(const uint16_t*, const uint16_t* const (&)[16], FastSides, uint16_t*, ptrdiff_t);
template void fast_scores(const float*, const float* const (&)[16], FastSides, float*, ptrdiff_t);

}  // namespace assay
