// Notation   a row's window: the `size` neighbours in it, sorted;  lower, upper: an output row and the next one
// Method     two output rows at a time, which share all rows of their windows but one each. Of the values of the shared rows
//            some are too small or too great to be the median of either: they fall out, as many above as below. What is left
//            is merged with the row of its own. Each row is sorted once, for all windows it lies in.
//            9     of two shared rows, the greater of their least, the middle ones and the lesser of their greatest
//            25    the shared rows are merged by pairs [Batcher1968], each pair once for two pairs of output rows. Of two
//                  merged pairs, A and B, min(A_i, B_(9-i)) are the ten least of 20 values and max(A_i, B_(9-i)) the others;
//                  the 8th to 13th of the 20 stay. The median of a window is the 6th of these six and the five of its own row

#include "assay/imgproc/filter/median_kernels.h"

#include <cstdint>
#include <type_traits>
#include <utility>

namespace assay {

namespace {

// Numbers in the order of the values. Of f32 the bits are in order above 0, and below it once all but the sign are turned:
// twice as many of them are compared in the same time as of f32.
template <class T>
using Keys = Simd<std::conditional_t<std::is_same_v<T, float>, int32_t, T>>;

template <class V>
[[gnu::always_inline]] inline V lesser(V a, V b) {
  return a < b ? a : b;
}
template <class V>
[[gnu::always_inline]] inline V greater(V a, V b) {
  return a < b ? b : a;
}
template <class V>
[[gnu::always_inline]] inline void order(V& a, V& b) {
  const V low = lesser(a, b);
  b = greater(a, b);
  a = low;
}
template <class V>
[[gnu::always_inline]] inline V middle(V a, V b, V c) {
  return greater(lesser(a, b), lesser(greater(a, b), c));
}
template <class V>
[[gnu::always_inline]] inline void sort(V (&v)[3]) {
  order(v[0], v[1]);
  order(v[1], v[2]);
  order(v[0], v[1]);
}
template <class V>
[[gnu::always_inline]] inline void sort(V (&v)[5]) {
  order(v[0], v[1]);
  order(v[3], v[4]);
  order(v[2], v[4]);
  order(v[2], v[3]);
  order(v[0], v[3]);
  order(v[0], v[2]);
  order(v[1], v[4]);
  order(v[1], v[3]);
  order(v[1], v[2]);
}

// a[0] <= a[2] <= .. and b likewise, n of each, into z: merges the odd ones and the even ones, and orders neighbours.
template <int n, int stride, class V>
[[gnu::always_inline]] inline void merge(const V* a, const V* b, V* z) {
  if constexpr (n == 1) {
    z[0] = lesser(a[0], b[0]), z[1] = greater(a[0], b[0]);
  } else {
    constexpr int evens = (n + 1) / 2, odds = n / 2;
    V even[2 * evens], odd[2 * odds];
    merge<evens, 2 * stride>(a, b, even);
    merge<odds, 2 * stride>(a + stride, b + stride, odd);
    z[0] = even[0];
    for (int i = 0; i < n - 1; ++i)
      z[2 * i + 1] = lesser(odd[i], even[i + 1]), z[2 * i + 2] = greater(odd[i], even[i + 1]);
    z[2 * n - 1] = n % 2 ? even[n] : odd[n - 1];
  }
}

// The 8th to 13th of the values of two sorted tens, sorted.
template <class V>
[[gnu::always_inline]] inline void middle_six(const V* a, const V* b, V* six) {
  V low[10], high[10], below[5], above[5];
  for (int i = 0; i < 10; ++i) low[i] = lesser(a[i], b[9 - i]), high[i] = greater(a[i], b[9 - i]);
  // Both rise and fall once at most (taken as rings), so that halves are parted by comparing across.
  for (int i = 0; i < 5; ++i) below[i] = greater(low[i], low[i + 5]), above[i] = lesser(high[i], high[i + 5]);
  sort(below), sort(above);
  for (int i = 0; i < 3; ++i) six[i] = below[i + 2], six[i + 3] = above[i];
}

// The 6th of a sorted six and a sorted five: of all ways to take i of the six, the least greatest one taken.
template <class V>
[[gnu::always_inline]] inline V sixth(const V* six, const V* five) {
  V least = six[5];
  for (int i = 0; i < 5; ++i) least = lesser(least, greater(six[i], five[4 - i]));
  return least;
}

// What one strip reads and writes.
template <class T, bool keyed>
class Strip {
 public:
  using V = Keys<T>;
  Strip(const T* const* rows, ptrdiff_t from, ptrdiff_t step, T* const* out, ptrdiff_t at)
      : rows_(rows), from_(from), step_(step), out_(out), at_(at) {}

  template <int size>
  [[gnu::always_inline]] void sorted_row(int j, V (&v)[size]) {
    __builtin_prefetch(rows_[j] + from_ + kAhead);
    for (int u = 0; u < size; ++u) {
      v[u] = reinterpret_cast<V>(Simd<T>(simd_at(rows_[j] + from_ + u * step_)));
      if constexpr (std::is_same_v<T, float>) signs_ |= v[u];
      if constexpr (keyed) v[u] ^= (v[u] >> 31) & 0x7fffffff;
    }
    sort(v);
  }
  [[gnu::always_inline]] void store(int j, V median) {
    __builtin_prefetch(out_[j] + at_ + kMedianLanes<T>, 1);
    if constexpr (keyed) median ^= (median >> 31) & 0x7fffffff;
    simd_at(out_[j] + at_) = reinterpret_cast<Simd<T>>(median);
  }
  bool signs() const {
    bool any = false;
    if constexpr (std::is_same_v<T, float>)
      for (ptrdiff_t i = 0; i < kMedianLanes<T>; ++i) any |= signs_[i] < 0;
    return any;
  }

 private:
  static constexpr ptrdiff_t kAhead = 2 * kMedianLanes<T>;  // the next strip begins its way into the cache
  const T* const* rows_;
  ptrdiff_t from_, step_;
  T* const* out_;
  ptrdiff_t at_;
  V signs_{};
};

template <class S>
void median_9(S& strip, int count) {
  typename S::V lower[3], shared[2][3], upper[3];
  strip.sorted_row(0, lower);
  strip.sorted_row(1, shared[0]);
  for (int j = 0; j < count; j += 2) {
    strip.sorted_row(j + 2, shared[1]);
    strip.sorted_row(j + 3, upper);
    const auto least = greater(shared[0][0], shared[1][0]), greatest = lesser(shared[0][2], shared[1][2]);
    const auto low = lesser(shared[0][1], shared[1][1]), high = greater(shared[0][1], shared[1][1]);
    const auto median = [&](const auto& own) __attribute__((always_inline)) {
      return middle(greater(least, own[0]), greater(low, lesser(high, own[1])), lesser(greatest, own[2]));
    };
    strip.store(j, median(lower));
    strip.store(j + 1, median(upper));
    for (int k = 0; k < 3; ++k) lower[k] = shared[1][k], shared[0][k] = upper[k];
  }
}

template <class S>
void median_25(S& strip, int count) {
  using V = typename S::V;
  V sorted[2][3][5], pairs[2][10];  // rows j, j + 2 and j + 3; rows j + 1 and j + 2, and the next two
  V(*rows)[5] = sorted[0], (*next)[5] = sorted[1];
  V *a = pairs[0], *b = pairs[1];
  strip.sorted_row(0, rows[0]);
  strip.sorted_row(1, next[0]);
  strip.sorted_row(2, rows[1]);
  merge<5, 1>(next[0], rows[1], a);
  strip.sorted_row(3, rows[2]);
  for (int j = 0; j < count; j += 2) {
    V six[6];
    strip.sorted_row(j + 4, next[1]);
    merge<5, 1>(rows[2], next[1], b);
    middle_six(a, b, six);
    strip.store(j, sixth(six, rows[0]));
    strip.sorted_row(j + 5, next[2]);
    strip.store(j + 1, sixth(six, next[2]));
    for (int k = 0; k < 5; ++k) next[0][k] = rows[1][k];
    std::swap(rows, next);
    std::swap(a, b);
  }
}

template <class T, bool keyed>
bool filter_strip(const T* const* rows, ptrdiff_t from, int size, ptrdiff_t step, T* const* out, ptrdiff_t at,
                  int count) {
  Strip<T, keyed> strip(rows, from, step, out, at);
  size == 3 ? median_9(strip, count) : median_25(strip, count);
  return strip.signs();
}

}  // namespace

template <class T>
void median_down_strip(const T* const* rows, ptrdiff_t from, int size, ptrdiff_t step, T* const* out, ptrdiff_t at,
                       int count, bool& signs) {
  constexpr bool real = std::is_same_v<T, float>;
  if (!signs) signs = filter_strip<T, false>(rows, from, size, step, out, at, count);
  if (real && signs) signs = filter_strip<T, real>(rows, from, size, step, out, at, count);
}

#define ASSAY_MEDIAN(T) \
  template void median_down_strip<T>(const T* const*, ptrdiff_t, int, ptrdiff_t, T* const*, ptrdiff_t, int, bool&);
ASSAY_MEDIAN(uint8_t)
ASSAY_MEDIAN(uint16_t)
ASSAY_MEDIAN(float)
#undef ASSAY_MEDIAN

}  // namespace assay
