#include "assay/features/corner/corner_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

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

template <class Real>
Real harris_row(const Real* A, const Real* B, const Real* C, Real k, Real scale, Real* __restrict R, ptrdiff_t n,
                Real largest) {
#pragma omp simd reduction(max : largest)
  for (ptrdiff_t i = 0; i < n; ++i) {
    // One product each is rounded, whatever is fused: A and B change places when the picture is transposed.
    const Real trace = A[i] + B[i], rest = C[i] * C[i] + k * (trace * trace);
    R[i] = (A[i] * B[i] - rest) * scale;
    largest = R[i] > largest ? R[i] : largest;
  }
  return largest;
}

template <class Real>
Real eigenvalue_row(const Real* A, const Real* B, const Real* C, Real scale, Real* __restrict R, ptrdiff_t n,
                    Real largest) {
  const Real half = scale / 2;
#pragma omp simd reduction(max : largest)
  for (ptrdiff_t i = 0; i < n; ++i) {
    const Real difference = A[i] - B[i], twice = 2 * C[i];
    R[i] = ((A[i] + B[i]) - std::sqrt(difference * difference + twice * twice)) * half;
    largest = R[i] > largest ? R[i] : largest;
  }
  return largest;
}

template <class Real>
int maxima_of_row(const Real* above, const Real* centre, const Real* below, Real threshold, int* x, ptrdiff_t n) {
  int count = 0;
  constexpr ptrdiff_t kTile = 64;
  for (ptrdiff_t begin = 0; begin < n; begin += kTile) {
    const ptrdiff_t m = std::min(kTile, n - begin);
    const Real *a = above + begin, *c = centre + begin, *b = below + begin;
    int any = 0;
#pragma omp simd reduction(| : any)
    for (ptrdiff_t i = 0; i < m; ++i) any |= c[i] >= threshold;
    if (any == 0) continue;
    unsigned char is[kTile];
#pragma omp simd
    for (ptrdiff_t i = 0; i < m; ++i) {
      const Real before = std::max(std::max(a[i - 1], a[i]), std::max(a[i + 1], c[i - 1]));
      const Real after = std::max(std::max(b[i - 1], b[i]), std::max(b[i + 1], c[i + 1]));
      is[i] = (c[i] > before) & (c[i] >= after) & (c[i] >= threshold);
    }
    for (ptrdiff_t i = 0; i < m; ++i)
      if (is[i]) x[count++] = static_cast<int>(begin + i);
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

template <class T>
void differences(const T* p, const T* centre, T* __restrict brighter, T* __restrict darker, ptrdiff_t n) {
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) {
    const T q = p[i], c = centre[i];
    brighter[i] = static_cast<T>((q > c ? q : c) - c);
    darker[i] = static_cast<T>(c - (q < c ? q : c));
  }
}

}  // namespace

template <class T>
void fast_scores(const T* centre, const T* const (&ring)[16], T* __restrict score, ptrdiff_t n) {
  T brighter[16][fast_tile], darker[16][fast_tile], best[fast_tile] = {};
  for (int k = 0; k < 16 && n < fast_tile; ++k)
    for (ptrdiff_t i = n; i < fast_tile; ++i) brighter[k][i] = darker[k][i] = 0;
  for (int k = 0; k < 16; ++k) differences(ring[k], centre, brighter[k], darker[k], n);
  best_arc(brighter, best);
  best_arc(darker, best);
  for (ptrdiff_t i = 0; i < n; ++i) score[i] = best[i];
}

#define ASSAY_CORNER_KERNELS(Real)                                                                        \
  template void gradient_products(const Real*, const Real*, const Real*, Real*, Real*, Real*, ptrdiff_t); \
  template void sum_rows(const Real* const*, int, Real*, ptrdiff_t);                                      \
  template void average_with(const Real*, Real*, ptrdiff_t);                                              \
  template Real harris_row(const Real*, const Real*, const Real*, Real, Real, Real*, ptrdiff_t, Real);    \
  template Real eigenvalue_row(const Real*, const Real*, const Real*, Real, Real*, ptrdiff_t, Real);      \
  template int maxima_of_row(const Real*, const Real*, const Real*, Real, int*, ptrdiff_t)
ASSAY_CORNER_KERNELS(float);
ASSAY_CORNER_KERNELS(double);
#undef ASSAY_CORNER_KERNELS
template void fast_scores(const uint8_t*, const uint8_t* const (&)[16], uint8_t*, ptrdiff_t);
template void fast_scores(const uint16_t*, const uint16_t* const (&)[16], uint16_t*, ptrdiff_t);
template void fast_scores(const float*, const float* const (&)[16], float*, ptrdiff_t);

}  // namespace assay
