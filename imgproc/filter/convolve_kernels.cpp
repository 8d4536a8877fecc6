#include "assay/imgproc/filter/convolve_kernels.h"

#include <algorithm>

#include "assay/core/simd.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace assay {

namespace {

// Adds K pairs, the outermost first; K is known to the compiler, so that the loop over i becomes vectors whose sum
// stays in a register.
template <int K, bool begins, bool ends, class Real>
void add_pairs(const Real* centre, const Real* const* before, const Real* const* after, const Real* w,
               Real* __restrict out, ptrdiff_t n) {
  const Real *b[K + 1], *a[K + 1];
  Real v[K + 1];
  for (int k = 1; k <= K; ++k) b[k] = before[k], a[k] = after[k], v[k] = w[k];
  const Real v0 = ends ? w[0] : Real(0);
  for (ptrdiff_t i = 0; i < n; ++i) {
    Real sum = begins ? Real(0) : out[i];
    for (int k = K; k >= 1; --k) sum += v[k] * (b[k][i] + a[k][i]);
    if (ends) sum += v0 * centre[i];
    out[i] = sum;
  }
}

// The K innermost pairs and the centre.
template <bool begins, class Real>
void finish(int K, const Real* centre, const Real* const* before, const Real* const* after, const Real* w, Real* out,
            ptrdiff_t n) {
  switch (K) {
    case 0:
      return add_pairs<0, begins, true>(centre, before, after, w, out, n);
    case 1:
      return add_pairs<1, begins, true>(centre, before, after, w, out, n);
    case 2:
      return add_pairs<2, begins, true>(centre, before, after, w, out, n);
    case 3:
      return add_pairs<3, begins, true>(centre, before, after, w, out, n);
    case 4:
      return add_pairs<4, begins, true>(centre, before, after, w, out, n);
    case 5:
      return add_pairs<5, begins, true>(centre, before, after, w, out, n);
    case 6:
      return add_pairs<6, begins, true>(centre, before, after, w, out, n);
    case 7:
      return add_pairs<7, begins, true>(centre, before, after, w, out, n);
    default:
      return add_pairs<8, begins, true>(centre, before, after, w, out, n);
  }
}

}  // namespace

template <class Real>
void symmetric_sum(const Real* centre, const Real* const* before, const Real* const* after, const Real* w, int radius,
                   Real* out, ptrdiff_t n) {
  constexpr int kGroup = 8;
  if (radius <= kGroup) return finish<true>(radius, centre, before, after, w, out, n);
  int left = radius - kGroup;  // pairs still to add before the innermost group
  add_pairs<kGroup, true, false>(centre, before + left, after + left, w + left, out, n);
  while (left > kGroup) {
    left -= kGroup;
    add_pairs<kGroup, false, false>(centre, before + left, after + left, w + left, out, n);
  }
  finish<false>(left, centre, before, after, w, out, n);
}

template void symmetric_sum(const float*, const float* const*, const float* const*, const float*, int, float*,
                            ptrdiff_t);
template void symmetric_sum(const double*, const double* const*, const double* const*, const double*, int, double*,
                            ptrdiff_t);

namespace {

// K terms (K is known to the compiler) on top of what stands in `out`, or (`begins`) of the offset.
template <int K, bool begins, class Real>
[[gnu::noinline]] void add_terms(const Real* const* from, const Real* w, Real offset, Real* __restrict out,
                                 ptrdiff_t n) {
  const Real* f[K + 1];
  Real v[K + 1];
  for (int k = 0; k < K; ++k) f[k] = from[k], v[k] = w[k];
  for (ptrdiff_t i = 0; i < n; ++i) {
    Real sum = begins ? offset : out[i];
    for (int k = 0; k < K; ++k) sum = static_cast<Real>(sum + v[k] * f[k][i]);
    out[i] = sum;
  }
}

}  // namespace

template <class Real>
void weighted_sum(const Real* const* from, const Real* w, int count, Real offset, Real* out, ptrdiff_t n) {
  constexpr int kGroup = 8;
  int done = count % kGroup;
  switch (done) {
    case 0:
      add_terms<0, true>(from, w, offset, out, n);
      break;
    case 1:
      done = std::min(count, kGroup + 1);  // one term more is no pass of its own
      done == 1 ? add_terms<1, true>(from, w, offset, out, n) : add_terms<kGroup + 1, true>(from, w, offset, out, n);
      break;
    case 2:
      add_terms<2, true>(from, w, offset, out, n);
      break;
    case 3:
      add_terms<3, true>(from, w, offset, out, n);
      break;
    case 4:
      add_terms<4, true>(from, w, offset, out, n);
      break;
    case 5:
      add_terms<5, true>(from, w, offset, out, n);
      break;
    case 6:
      add_terms<6, true>(from, w, offset, out, n);
      break;
    default:
      add_terms<7, true>(from, w, offset, out, n);
  }
  for (; done < count; done += kGroup) add_terms<kGroup, false>(from + done, w + done, offset, out, n);
}

template void weighted_sum(const float* const*, const float*, int, float, float*, ptrdiff_t);
template void weighted_sum(const double* const*, const double*, int, double, double*, ptrdiff_t);
template void weighted_sum(const uint16_t* const*, const uint16_t*, int, uint16_t, uint16_t*, ptrdiff_t);

void keep_bytes(const uint16_t* sums, ptrdiff_t n, uint8_t* to) {
  for (ptrdiff_t i = 0; i < n; ++i)
    to[i] = static_cast<uint8_t>(std::clamp<int>(static_cast<int16_t>(sums[i]), 0, 255));
}

namespace {

// U vectors of each of kDenseRows rows, whose sums stay in registers.
template <int U, class Real>
void dense_block(const Real* const* rows, const Real* w, int tall, int wide, ptrdiff_t step, Real offset,
                 Real* const* out, ptrdiff_t begin) {
  using Vector = SimdAnywhere<Real>;
  constexpr ptrdiff_t kLanes = kSimdBytes / sizeof(Real);
  constexpr int R = kDenseRows;
  Vector sum[R][U];
  for (int j = 0; j < R; ++j)
    for (int u = 0; u < U; ++u) sum[j][u] = Vector{} + offset;
  for (int x = 0; x < wide; ++x, w += tall) {
    const ptrdiff_t place = begin + x * step;
    // Row y of the picture in the rows first .. last of the result.
    const auto add = [&](int y, int first, int last) __attribute__((always_inline)) {
      Vector v[U];
      for (int u = 0; u < U; ++u) v[u] = *reinterpret_cast<const Vector*>(rows[y] + place + u * kLanes);
#pragma GCC unroll 4
      for (int j = 0; j < R; ++j)
        if (j >= first && j <= last)
          for (int u = 0; u < U; ++u) sum[j][u] += w[y - j] * v[u];
    };
    int y = 0;
    for (; y < std::min(R - 1, tall); ++y) add(y, 0, y);
    for (; y < tall; ++y) add(y, 0, R - 1);
    for (; y < R - 1; ++y) add(y, y - tall + 1, y);
    for (; y < tall + R - 1; ++y) add(y, y - tall + 1, R - 1);
  }
  for (int j = 0; j < R; ++j)
    for (int u = 0; u < U; ++u) *reinterpret_cast<Vector*>(out[j] + begin + u * kLanes) = sum[j][u];
}

}  // namespace

template <class Real>
void dense_sums(const Real* const* rows, const Real* w, int tall, int wide, ptrdiff_t step, Real offset,
                Real* const* out, ptrdiff_t n) {
  constexpr int kVectors = 4;
  constexpr ptrdiff_t kBlock = kVectors * kSimdBytes / sizeof(Real);
  static_assert(kBlock <= kDenseBlock);
  for (ptrdiff_t begin = 0; begin < n; begin += kBlock)  // the last block overlaps the one before
    dense_block<kVectors>(rows, w, tall, wide, step, offset, out, n < kBlock ? begin : std::min(begin, n - kBlock));
}

template void dense_sums(const float* const*, const float*, int, int, ptrdiff_t, float, float* const*, ptrdiff_t);
template void dense_sums(const double* const*, const double*, int, int, ptrdiff_t, double, double* const*, ptrdiff_t);

void join_rows(const uint8_t* first, const uint8_t* second, int32_t* __restrict pairs, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) pairs[i] = first[i] | second[i] << 16;
}

namespace {

using Pairs = Simd<int32_t>;

// sums + low . low + high . high
[[gnu::always_inline]] inline Pairs add_products(Pairs sums, Pairs a, Pairs b) {
#if defined(__AVX512VNNI__)
  return reinterpret_cast<Pairs>(
      _mm512_dpwssd_epi32(reinterpret_cast<__m512i>(sums), reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX512BW__)
  return sums + reinterpret_cast<Pairs>(_mm512_madd_epi16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__) && !defined(__AVX512F__)
  return sums + reinterpret_cast<Pairs>(_mm256_madd_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#else
  return sums + ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
#endif
}

// U vectors of each row of results.
template <int U>
[[gnu::noinline]] void dense_pair_block(const int32_t* const* pairs, const int32_t* weights, int count, int wide,
                                        ptrdiff_t step, int32_t start, int32_t* const* out, ptrdiff_t begin) {
  constexpr ptrdiff_t kLanes = kSimdBytes / sizeof(int32_t);
  constexpr int R = kDenseRows, last = R / 2 - 1;
  Pairs sum[R][U];
  for (int j = 0; j < R; ++j)
    for (int u = 0; u < U; ++u) sum[j][u] = Pairs{} + start;
  for (int x = 0; x < wide; ++x, weights += 2 * count) {
    const ptrdiff_t place = begin + x * step;
    // Pair p in pairs first .. last of the rows of the result.
    const auto add = [&](int p, int from, int to) __attribute__((always_inline)) {
      Pairs v[U];
      for (int u = 0; u < U; ++u) v[u] = simd_at(pairs[p] + place + u * kLanes);
#pragma GCC unroll 4
      for (int j = 0; j < R; ++j)
        if (j / 2 >= from && j / 2 <= to) {
          const Pairs w = Pairs{} + weights[j % 2 * count + p - j / 2];
          for (int u = 0; u < U; ++u) sum[j][u] = add_products(sum[j][u], v[u], w);
        }
    };
    for (int p = 0; p < last; ++p) add(p, 0, p);  // at most one
    for (int p = last; p < count; ++p) add(p, 0, last);
    for (int p = count; p < count + last; ++p) add(p, p - count + 1, last);
  }
  for (int j = 0; j < R; ++j)
    for (int u = 0; u < U; ++u) simd_at(out[j] + begin + u * kLanes) = sum[j][u];
}

}  // namespace

void dense_pair_sums(const int32_t* const* pairs, const int32_t* weights, int count, int wide, ptrdiff_t step,
                     int32_t start, int32_t* const* out, ptrdiff_t n) {
  constexpr int kVectors = 4;
  constexpr ptrdiff_t kBlock = kVectors * kSimdBytes / sizeof(int32_t);
  static_assert(kBlock <= kDenseBlock && (kDenseRows == 2 || kDenseRows == 4));
  for (ptrdiff_t begin = 0; begin < n; begin += kBlock)  // the last block overlaps the one before
    dense_pair_block<kVectors>(pairs, weights, count, wide, step, start, out,
                               n < kBlock ? begin : std::min(begin, n - kBlock));
}

}  // namespace assay
