#include "assay/imgproc/color/planes_kernels.h"

#include <cstring>
#include <utility>

#include "assay/core/simd.h"

namespace assay {

namespace {

// Vectors whose numbers one instruction puts in any order.
template <class T>
constexpr int kLanes = 16 / sizeof(T);
#ifdef __AVX512VBMI__
template <>
constexpr int kLanes<uint8_t> = 64;
#endif
#ifdef __AVX512BW__
template <>
constexpr int kLanes<uint16_t> = 32;
#endif
#ifdef __AVX512F__
template <>
constexpr int kLanes<float> = 16;
#endif
template <class T>
using Vector = Simd<T, static_cast<size_t>(kLanes<T>)>;
template <class T>
using AllLanes = std::make_integer_sequence<int, kLanes<T>>;

template <class T>
inline Vector<T> load(const T* p) {
  Vector<T> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <class T>
inline void store(const Vector<T>& v, T* p) {
  std::memcpy(p, &v, sizeof v);
}

// Value i of plane c is number 3 i + c of three vectors: from the first two, then from the third.
template <int c, class T, int... i>
inline Vector<T> plane_of_3(const T* from, std::integer_sequence<int, i...>) {
  constexpr int kTwo = 2 * kLanes<T>;
  const Vector<T> two =
      __builtin_shufflevector(load(from), load(from + kLanes<T>), (3 * i + c < kTwo ? 3 * i + c : 0)...);
  return __builtin_shufflevector(two, load(from + kTwo), (3 * i + c < kTwo ? i : 3 * i + c - kLanes<T>)...);
}

// Number k of vector j is value (lanes j + k) / 3 of plane (lanes j + k) % 3.
template <int j, class T, int... k>
inline void together_3(const Vector<T> (&v)[3], std::integer_sequence<int, k...>, T* to) {
  constexpr int kSize = kLanes<T>;
  const Vector<T> two = __builtin_shufflevector(
      v[0], v[1], ((kSize * j + k) % 3 < 2 ? (kSize * j + k) % 3 * kSize + (kSize * j + k) / 3 : 0)...);
  store<T>(__builtin_shufflevector(two, v[2], ((kSize * j + k) % 3 < 2 ? k : kSize + (kSize * j + k) / 3)...),
           to + kSize * j);
}

// Of four vectors: halves of the plane, one from each two.
template <int c, class T, int... i>
inline Vector<T> plane_of_4(const T* from, std::integer_sequence<int, i...>) {
  constexpr int kSize = kLanes<T>, kHalf = kSize / 2;
  const Vector<T> low = __builtin_shufflevector(load(from), load(from + kSize), (4 * (i % kHalf) + c)...),
                  high =
                      __builtin_shufflevector(load(from + 2 * kSize), load(from + 3 * kSize), (4 * (i % kHalf) + c)...);
  return __builtin_shufflevector(low, high, (i < kHalf ? i : kHalf + i)...);
}

// Number k of vector j is value q = (lanes j + k) / 4 of plane k % 4: of planes 0 and 1, and of 2 and 3, then of both.
template <int j, class T, int... k>
inline void together_4(const Vector<T> (&v)[4], std::integer_sequence<int, k...>, T* to) {
  constexpr int kSize = kLanes<T>;
  const auto two = [](const Vector<T>& a, const Vector<T>& b) {
    return __builtin_shufflevector(a, b, (k % 2 * kSize + (kSize * j + k) / 4)...);
  };
  store<T>(__builtin_shufflevector(two(v[0], v[1]), two(v[2], v[3]), (k % 4 < 2 ? k : kSize + k)...), to + kSize * j);
}

}  // namespace

template <class T>
void split_planes_plainly(const T* __restrict from, int n, T* __restrict a, T* __restrict b, T* __restrict c) {
  for (int i = 0; i < n; ++i) a[i] = from[3 * i], b[i] = from[3 * i + 1], c[i] = from[3 * i + 2];
}
template <class T>
void join_planes_plainly(const T* __restrict a, const T* __restrict b, const T* __restrict c, int n, T* __restrict to) {
  for (int i = 0; i < n; ++i) to[3 * i] = a[i], to[3 * i + 1] = b[i], to[3 * i + 2] = c[i];
}
template <class T>
void split_planes_plainly(const T* __restrict from, int n, T* __restrict a, T* __restrict b, T* __restrict c,
                          T* __restrict d) {
  for (int i = 0; i < n; ++i)
    a[i] = from[4 * i], b[i] = from[4 * i + 1], c[i] = from[4 * i + 2], d[i] = from[4 * i + 3];
}
template <class T>
void join_planes_plainly(const T* __restrict a, const T* __restrict b, const T* __restrict c, const T* __restrict d,
                         int n, T* __restrict to) {
  for (int i = 0; i < n; ++i) to[4 * i] = a[i], to[4 * i + 1] = b[i], to[4 * i + 2] = c[i], to[4 * i + 3] = d[i];
}

template <class T>
void split_planes(const T* from, int n, T* a, T* b, T* c) {
  int i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) {
    const Vector<T> A = plane_of_3<0>(from + 3 * i, AllLanes<T>()), B = plane_of_3<1>(from + 3 * i, AllLanes<T>()),
                    C = plane_of_3<2>(from + 3 * i, AllLanes<T>());
    store<T>(A, a + i), store<T>(B, b + i), store<T>(C, c + i);
  }
  split_planes_plainly(from + 3 * i, n - i, a + i, b + i, c + i);
}

template <class T>
void join_planes(const T* a, const T* b, const T* c, int n, T* to) {
  int i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) {
    const Vector<T> v[3] = {load(a + i), load(b + i), load(c + i)};
    together_3<0>(v, AllLanes<T>(), to + 3 * i);
    together_3<1>(v, AllLanes<T>(), to + 3 * i);
    together_3<2>(v, AllLanes<T>(), to + 3 * i);
  }
  join_planes_plainly(a + i, b + i, c + i, n - i, to + 3 * i);
}

template <class T>
void split_planes(const T* from, int n, T* a, T* b, T* c, T* d) {
  int i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) {
    const Vector<T> A = plane_of_4<0>(from + 4 * i, AllLanes<T>()), B = plane_of_4<1>(from + 4 * i, AllLanes<T>()),
                    C = plane_of_4<2>(from + 4 * i, AllLanes<T>()), D = plane_of_4<3>(from + 4 * i, AllLanes<T>());
    store<T>(A, a + i), store<T>(B, b + i), store<T>(C, c + i), store<T>(D, d + i);
  }
  split_planes_plainly(from + 4 * i, n - i, a + i, b + i, c + i, d + i);
}

template <class T>
void join_planes(const T* a, const T* b, const T* c, const T* d, int n, T* to) {
  int i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) {
    const Vector<T> v[4] = {load(a + i), load(b + i), load(c + i), load(d + i)};
    together_4<0>(v, AllLanes<T>(), to + 4 * i);
    together_4<1>(v, AllLanes<T>(), to + 4 * i);
    together_4<2>(v, AllLanes<T>(), to + 4 * i);
    together_4<3>(v, AllLanes<T>(), to + 4 * i);
  }
  join_planes_plainly(a + i, b + i, c + i, d + i, n - i, to + 4 * i);
}

#define ASSAY_PLANES_OF(T)                                                    \
  template void split_planes(const T*, int, T*, T*, T*);                      \
  template void split_planes_plainly(const T*, int, T*, T*, T*);              \
  template void join_planes(const T*, const T*, const T*, int, T*);           \
  template void join_planes_plainly(const T*, const T*, const T*, int, T*);   \
  template void split_planes(const T*, int, T*, T*, T*, T*);                  \
  template void split_planes_plainly(const T*, int, T*, T*, T*, T*);          \
  template void join_planes(const T*, const T*, const T*, const T*, int, T*); \
  template void join_planes_plainly(const T*, const T*, const T*, const T*, int, T*);
ASSAY_PLANES_OF(uint8_t)
ASSAY_PLANES_OF(uint16_t)
ASSAY_PLANES_OF(float)
#undef ASSAY_PLANES_OF

}  // namespace assay
