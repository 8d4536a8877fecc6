#include "assay/imgproc/morphology/extremum_kernels.h"

#include <cstdint>
#include <cstring>
#include <type_traits>

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
