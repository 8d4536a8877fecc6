// imgproc/morphology/extremum_kernels.h: the inner loops of erosion and dilation. T is u8, u16 or f32.
#pragma once
#include <algorithm>
#include <cstddef>
#include <limits>

namespace assay {

/// The lesser of two values, and what loses against every other value.
struct Lesser {
  template <class T>
  static T of(T a, T b) {
    return b < a ? b : a;
  }
  template <class T>
  static constexpr T neutral() {
    return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  }
};
struct Greater {
  template <class T>
  static T of(T a, T b) {
    return a < b ? b : a;
  }
  template <class T>
  static constexpr T neutral() {
    return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                : std::numeric_limits<T>::lowest();
  }
};

/// out[i] = the pick of rows[0][i] .. rows[count - 1][i], i = 0..n-1; count >= 1. `out` overlaps no row.
template <class Pick, class T>
void pick_rows(const T* const* rows, int count, T* out, ptrdiff_t n);

inline constexpr int kPickSlack = 512;
/// out[i] = the pick of line[i], line[i + step], .. line[i + (window - 1) step]; line holds n + (window - 1) step
/// values and may be overwritten; `scratch` has room for as many. Both go on for kPickSlack values: work is done in whole
/// vectors, some of them ahead.
template <class Pick, class T>
void pick_window(T* line, T* scratch, int window, ptrdiff_t step, T* out, ptrdiff_t n);

/// out[i] = max(a[i] - b[i], 0) for whole numbers, a[i] - b[i] for f32. `out` may be a or b.
template <class T>
void subtract_rows(const T* a, const T* b, T* out, ptrdiff_t n);

/// So many neighbouring rows are made together.
inline constexpr int kTogether = 8;

/// Windows down the columns for kTogether neighbouring rows: out[j] is the pick of `common`, the rows all of them hold, of
/// above[j] .. above[6] and of below[0] .. below[j - 1].
template <class Pick, class T>
void pick_together(const T* common, const T* const* above, const T* const* below, T* const* out, ptrdiff_t n);

}  // namespace assay
