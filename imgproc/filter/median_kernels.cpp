// Method of 25   columns are sorted; so are the rows of what results, which leaves the columns sorted. Then the b-th of row a
//            (from 1) is at least a b - 1 others and at most (6 - a)(6 - b) - 1 others. Where a b or (6 - a)(6 - b) is 14
//            or more it cannot be the 13th of 25: six values fall out above and six below, and the median is the 7th of
//            the 13 that are left (the letters below). From eight of these the least and the greatest can go, since
//            each has seven others on one side and at most five are still to come; then one comes in, and so on.

#include "assay/imgproc/filter/median_kernels.h"

#include <bit>
#include <cstdint>
#include <type_traits>

namespace assay {

namespace {

template <class T>
[[gnu::always_inline]] inline void order(T& a, T& b) {
  const T low = b < a ? b : a, high = a < b ? b : a;
  a = low;
  b = high;
}
template <class T>
[[gnu::always_inline]] inline T lesser(T a, T b) {
  return b < a ? b : a;
}
template <class T>
[[gnu::always_inline]] inline T greater(T a, T b) {
  return a < b ? b : a;
}
template <class T>
[[gnu::always_inline]] inline T middle(T a, T b, T c) {
  return greater(lesser(a, b), lesser(greater(a, b), c));
}
template <class T>
[[gnu::always_inline]] inline void sort5(T& a, T& b, T& c, T& d, T& e) {
  order(a, b);
  order(d, e);
  order(c, e);
  order(c, d);
  order(a, d);
  order(a, c);
  order(b, e);
  order(b, d);
  order(b, c);
}

// Moves the least of v[0..m-1] to v[0] and the greatest to v[m-1].
template <int m, class T>
[[gnu::always_inline]] inline void extremes_out(T* v) {
  for (int i = 0; i < m / 2; ++i) order(v[i], v[m - 1 - i]);
  for (int i = 1; i < (m + 1) / 2; ++i) order(v[0], v[i]);
  for (int i = m / 2; i < m - 1; ++i) order(v[i], v[m - 1]);
}

// Whole numbers in the order of the values: twice as many of them are compared in the same time as of f32. Of f32 the bits
// are in order above 0, and below it once all but the sign are turned.
inline uint8_t key_of(uint8_t v) { return v; }
inline uint16_t key_of(uint16_t v) { return v; }
inline int32_t key_of(float v) {
  const auto bits = std::bit_cast<int32_t>(v);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}
template <class T, class Key>
inline T value_of(Key key) {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<float>(key ^ ((key >> 31) & 0x7fffffff));
  else
    return key;
}
// Keys stand where values do.
template <class T>
inline auto kept_key(T v) {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<int32_t>(v);
  else
    return v;
}
template <class T, class Key>
inline T keep(Key key) {
  return std::bit_cast<T>(key);
}

template <class T>
[[gnu::noinline]] void sort_3(const T* r0, const T* r1, const T* r2, T* __restrict s0, T* __restrict s1,
                              T* __restrict s2, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    auto a = key_of(r0[i]), b = key_of(r1[i]), c = key_of(r2[i]);
    order(a, b);
    order(b, c);
    order(a, b);
    s0[i] = keep<T>(a), s1[i] = keep<T>(b), s2[i] = keep<T>(c);
  }
}

template <class T>
[[gnu::noinline]] void sort_5(const T* r0, const T* r1, const T* r2, const T* r3, const T* r4, T* __restrict s0,
                              T* __restrict s1, T* __restrict s2, T* __restrict s3, T* __restrict s4, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    auto a = key_of(r0[i]), b = key_of(r1[i]), c = key_of(r2[i]), d = key_of(r3[i]), e = key_of(r4[i]);
    sort5(a, b, c, d, e);
    s0[i] = keep<T>(a), s1[i] = keep<T>(b), s2[i] = keep<T>(c), s3[i] = keep<T>(d), s4[i] = keep<T>(e);
  }
}

template <class T>
void median_9(const T* const* sorted, ptrdiff_t step, T* __restrict out, ptrdiff_t n) {
  const T *low = sorted[0], *mid = sorted[1], *high = sorted[2];
  for (ptrdiff_t i = 0; i < n; ++i) {
    const auto at = [&](const T* row, int j) { return kept_key(row[i + j * step]); };
    const auto a = greater(greater(at(low, 0), at(low, 1)), at(low, 2));
    const auto b = middle(at(mid, 0), at(mid, 1), at(mid, 2));
    const auto c = lesser(lesser(at(high, 0), at(high, 1)), at(high, 2));
    out[i] = value_of<T>(middle(a, b, c));
  }
}

template <class T>
void median_25(const T* const* sorted, ptrdiff_t step, T* __restrict out, ptrdiff_t n) {
  const T *s1 = sorted[0], *s2 = sorted[1], *s3 = sorted[2], *s4 = sorted[3], *s5 = sorted[4];
  for (ptrdiff_t i = 0; i < n; ++i) {
    decltype(kept_key(T{})) a[5], b[5], c[5], d[5], e[5];
    for (int j = 0; j < 5; ++j) {
      const auto at = [&](const T* row) { return kept_key(row[i + j * step]); };
      a[j] = at(s1), b[j] = at(s2), c[j] = at(s3), d[j] = at(s4), e[j] = at(s5);
    }
    sort5(a[0], a[1], a[2], a[3], a[4]);
    sort5(b[0], b[1], b[2], b[3], b[4]);
    sort5(c[0], c[1], c[2], c[3], c[4]);
    sort5(d[0], d[1], d[2], d[3], d[4]);
    sort5(e[0], e[1], e[2], e[3], e[4]);
    decltype(kept_key(T{})) v[8] = {a[3], a[4], b[2], b[3], c[1], c[2], d[0], e[0]};
    extremes_out<8>(v);
    v[0] = e[1];
    extremes_out<7>(v);
    v[0] = b[4];
    extremes_out<6>(v);
    v[0] = c[3];
    extremes_out<5>(v);
    v[0] = d[1];
    extremes_out<4>(v);
    v[0] = d[2];
    out[i] = value_of<T>(middle(v[0], v[1], v[2]));
  }
}

}  // namespace

template <class T>
void sort_columns(const T* const* rows, int size, T* const* sorted, ptrdiff_t n) {
  if (size == 3)
    sort_3(rows[0], rows[1], rows[2], sorted[0], sorted[1], sorted[2], n);
  else
    sort_5(rows[0], rows[1], rows[2], rows[3], rows[4], sorted[0], sorted[1], sorted[2], sorted[3], sorted[4], n);
}

template <class T>
void median_of_sorted_columns(const T* const* sorted, int size, ptrdiff_t step, T* out, ptrdiff_t n) {
  if (size == 3)
    median_9(sorted, step, out, n);
  else
    median_25(sorted, step, out, n);
}

#define ASSAY_MEDIAN(T)                                                      \
  template void sort_columns<T>(const T* const*, int, T* const*, ptrdiff_t); \
  template void median_of_sorted_columns<T>(const T* const*, int, ptrdiff_t, T*, ptrdiff_t);
ASSAY_MEDIAN(uint8_t)
ASSAY_MEDIAN(uint16_t)
ASSAY_MEDIAN(float)
#undef ASSAY_MEDIAN

}  // namespace assay
