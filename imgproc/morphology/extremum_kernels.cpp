#include "assay/imgproc/morphology/extremum_kernels.h"

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "assay/core/simd.h"

#ifdef __AVX512VBMI__
#include <immintrin.h>
#endif

namespace assay {

namespace {

// K rows at once (K is known to the compiler); `continues`: the value in `out` takes part. Not inlined: g++ then forgets
// that `out` overlaps nothing.
template <class Pick, int K, bool continues, class T>
[[gnu::noinline]] void pick_group(const T* const* rows, T* __restrict out, ptrdiff_t n) {
  const T* r[K];
  for (int k = 0; k < K; ++k) r[k] = rows[k];
  if constexpr (K == 2 && !continues) {  // as a loop over k, g++ 12 makes branches of it
    const T *a = rows[0], *b = rows[1];
    for (ptrdiff_t i = 0; i < n; ++i) out[i] = Pick::of(a[i], b[i]);
    return;
  }
  for (ptrdiff_t i = 0; i < n; ++i) {
    T best = r[0][i];
    for (int k = 1; k < K; ++k) best = Pick::of(best, r[k][i]);
    if constexpr (continues) best = Pick::of(best, out[i]);
    out[i] = best;
  }
}

template <class Pick, bool continues, class T>
void pick_some(const T* const* rows, int count, T* out, ptrdiff_t n) {
  switch (count) {
    case 1:
      return pick_group<Pick, 1, continues>(rows, out, n);
    case 2:
      return pick_group<Pick, 2, continues>(rows, out, n);
    case 3:
      return pick_group<Pick, 3, continues>(rows, out, n);
    case 4:
      return pick_group<Pick, 4, continues>(rows, out, n);
    case 5:
      return pick_group<Pick, 5, continues>(rows, out, n);
    case 6:
      return pick_group<Pick, 6, continues>(rows, out, n);
    case 7:
      return pick_group<Pick, 7, continues>(rows, out, n);
    default:
      return pick_group<Pick, 8, continues>(rows, out, n);
  }
}

#ifdef __AVX512VBMI__
// Windows of 2, 4, 8 .. values, each made of two half as long that overlap in nothing, and the last of two that may overlap, in
// registers: the later part is taken out of two neighbouring vectors. A level needs the next vector of the level before it, so
// it lags one behind. False: the parts lie more than a vector apart.
constexpr int kBytes = 64, kMostLevels = 7;
using Bytes = Simd<uint8_t, kBytes>;

template <class Pick, int levels, class T>
void pick_lagging(const T* line, const int* shift, T* out, ptrdiff_t n) {
  using V = Simd<T>;
  constexpr ptrdiff_t kLanes = kBytes / sizeof(T);
  Bytes from[levels];
  V last[levels] = {};
  for (int k = 0; k < levels; ++k)
    for (int i = 0; i < kBytes; ++i) from[k][i] = static_cast<uint8_t>(i + shift[k]);
  const auto windows = [&](V next) __attribute__((always_inline)) {
    for (int k = 0; k < levels; ++k) {
      const V later = reinterpret_cast<V>(
          __builtin_shuffle(reinterpret_cast<Bytes>(last[k]), reinterpret_cast<Bytes>(next), from[k]));
      const V longer = Pick::of(last[k], later);
      last[k] = next;
      next = longer;
    }
    return next;
  };
  for (int k = 0; k < levels; ++k) windows(simd_at(line + k * kLanes));
  const T* ahead = line + levels * kLanes;
  ptrdiff_t x = 0;
  for (; x + kLanes <= n; x += kLanes) simd_at(out + x) = windows(simd_at(ahead + x));
  if (x == n) return;
  const V rest = windows(simd_at(ahead + x));
  const __mmask64 left = (uint64_t{1} << (n - x) * static_cast<ptrdiff_t>(sizeof(T))) - 1;
  _mm512_mask_storeu_epi8(out + x, left, reinterpret_cast<__m512i>(rest));
}

template <class Pick, class T>
bool pick_in_registers(const T* line, int window, ptrdiff_t step, T* out, ptrdiff_t n) {
  int shift[kMostLevels], levels = 0, reach = 1;
  const auto bytes = [&](int values) { return values * step * static_cast<ptrdiff_t>(sizeof(T)); };
  while (reach < window) {
    const int further = std::min(reach, window - reach);
    if (levels == kMostLevels || bytes(further) > kBytes) return false;
    shift[levels++] = static_cast<int>(bytes(further));
    reach += further;
  }
  switch (levels) {
    case 1:
      return pick_lagging<Pick, 1>(line, shift, out, n), true;
    case 2:
      return pick_lagging<Pick, 2>(line, shift, out, n), true;
    case 3:
      return pick_lagging<Pick, 3>(line, shift, out, n), true;
    case 4:
      return pick_lagging<Pick, 4>(line, shift, out, n), true;
    case 5:
      return pick_lagging<Pick, 5>(line, shift, out, n), true;
    case 6:
      return pick_lagging<Pick, 6>(line, shift, out, n), true;
    default:
      return pick_lagging<Pick, 7>(line, shift, out, n), true;
  }
}
#else
template <class Pick, class T>
bool pick_in_registers(const T*, int, ptrdiff_t, T*, ptrdiff_t) {
  return false;
}
#endif

}  // namespace

template <class Pick, class T>
void pick_rows(const T* const* rows, int count, T* out, ptrdiff_t n) {
  int done = std::min(count, 8);
  pick_some<Pick, false>(rows, done, out, n);
  while (done < count) {
    const int next = std::min(count - done, 8);
    pick_some<Pick, true>(rows + done, next, out, n);
    done += next;
  }
}

// The pick over `reach` values from each place; reach grows three-fold in a pass, and the last pass lets two or three
// such windows overlap to cover the whole one.
template <class Pick, class T>
void pick_window(T* line, T* scratch, int window, ptrdiff_t step, T* out, ptrdiff_t n) {
  if (window == 1) {
    std::memcpy(out, line, static_cast<size_t>(n) * sizeof(T));
    return;
  }
  if (pick_in_registers<Pick>(line, window, step, out, n)) return;
  ptrdiff_t reach = 1;
  while (3 * reach < window) {
    const T* from[3] = {line, line + reach * step, line + 2 * reach * step};
    constexpr ptrdiff_t kVector = 64 / sizeof(T);
    const ptrdiff_t length = n + (window - 3 * reach) * step;
    pick_group<Pick, 3, false>(from, scratch, (length + kVector - 1) / kVector * kVector);
    std::swap(line, scratch);
    reach *= 3;
  }
  const T* from[3] = {line, line + (window - reach) * step, line + reach * step};
  if (2 * reach >= window)
    pick_group<Pick, 2, false>(from, out, n);
  else
    pick_group<Pick, 3, false>(from, out, n);
}

template <class Pick, class T>
void pick_together(const T* common, const T* const* above, const T* const* below, T* const* out, ptrdiff_t n) {
  static_assert(kTogether == 8);
  const T *a0 = above[0], *a1 = above[1], *a2 = above[2], *a3 = above[3], *a4 = above[4], *a5 = above[5],
          *a6 = above[6];
  const T *b0 = below[0], *b1 = below[1], *b2 = below[2], *b3 = below[3], *b4 = below[4], *b5 = below[5],
          *b6 = below[6];
  T *o0 = out[0], *o1 = out[1], *o2 = out[2], *o3 = out[3], *o4 = out[4], *o5 = out[5], *o6 = out[6], *o7 = out[7];
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) {
    const T c = common[i];
    const T u6 = Pick::of(c, a6[i]), u5 = Pick::of(u6, a5[i]), u4 = Pick::of(u5, a4[i]), u3 = Pick::of(u4, a3[i]);
    const T u2 = Pick::of(u3, a2[i]), u1 = Pick::of(u2, a1[i]);
    const T d1 = b0[i], d2 = Pick::of(d1, b1[i]), d3 = Pick::of(d2, b2[i]), d4 = Pick::of(d3, b3[i]);
    const T d5 = Pick::of(d4, b4[i]), d6 = Pick::of(d5, b5[i]);
    o0[i] = Pick::of(u1, a0[i]);
    o1[i] = Pick::of(u1, d1);
    o2[i] = Pick::of(u2, d2);
    o3[i] = Pick::of(u3, d3);
    o4[i] = Pick::of(u4, d4);
    o5[i] = Pick::of(u5, d5);
    o6[i] = Pick::of(u6, d6);
    o7[i] = Pick::of(Pick::of(c, d6), b6[i]);
  }
}

template <class T>
void subtract_rows(const T* a, const T* b, T* out, ptrdiff_t n) {
  if constexpr (std::is_floating_point_v<T>) {
#pragma omp simd
    for (ptrdiff_t i = 0; i < n; ++i) out[i] = a[i] - b[i];
  } else {
#pragma omp simd
    for (ptrdiff_t i = 0; i < n; ++i) out[i] = static_cast<T>(std::max(a[i], b[i]) - b[i]);
  }
}

#define ASSAY_EXTREMUM(T)                                                                                    \
  template void pick_rows<Lesser, T>(const T* const*, int, T*, ptrdiff_t);                                   \
  template void pick_rows<Greater, T>(const T* const*, int, T*, ptrdiff_t);                                  \
  template void pick_window<Lesser, T>(T*, T*, int, ptrdiff_t, T*, ptrdiff_t);                               \
  template void pick_window<Greater, T>(T*, T*, int, ptrdiff_t, T*, ptrdiff_t);                              \
  template void pick_together<Lesser, T>(const T*, const T* const*, const T* const*, T* const*, ptrdiff_t);  \
  template void pick_together<Greater, T>(const T*, const T* const*, const T* const*, T* const*, ptrdiff_t); \
  template void subtract_rows<T>(const T*, const T*, T*, ptrdiff_t);
ASSAY_EXTREMUM(uint8_t)
ASSAY_EXTREMUM(uint16_t)
ASSAY_EXTREMUM(float)
#undef ASSAY_EXTREMUM

}  // namespace assay
