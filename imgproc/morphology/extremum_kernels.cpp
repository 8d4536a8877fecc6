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
    pick_group<Pick, 3, false>(from, scratch, n + (window - 3 * reach) * step);
    std::swap(line, scratch);
    reach *= 3;
  }
  const T* from[3] = {line, line + (window - reach) * step, line + reach * step};
  if (2 * reach >= window)
    pick_group<Pick, 2, false>(from, out, n);
  else
    pick_group<Pick, 3, false>(from, out, n);
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

#define ASSAY_EXTREMUM(T)                                                       \
  template void pick_rows<Lesser, T>(const T* const*, int, T*, ptrdiff_t);      \
  template void pick_rows<Greater, T>(const T* const*, int, T*, ptrdiff_t);     \
  template void pick_window<Lesser, T>(T*, T*, int, ptrdiff_t, T*, ptrdiff_t);  \
  template void pick_window<Greater, T>(T*, T*, int, ptrdiff_t, T*, ptrdiff_t); \
  template void subtract_rows<T>(const T*, const T*, T*, ptrdiff_t);
ASSAY_EXTREMUM(uint8_t)
ASSAY_EXTREMUM(uint16_t)
ASSAY_EXTREMUM(float)
#undef ASSAY_EXTREMUM

}  // namespace assay
