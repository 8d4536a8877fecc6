#include "assay/imgproc/color/planes_kernels.h"

#include <cstring>
#include <utility>

#include "assay/core/simd.h"

namespace assay {

namespace {

// Vectors whose bytes one instruction puts in any order.
#ifdef __AVX512VBMI__
constexpr int kBytes = 64;
#else
constexpr int kBytes = 16;
#endif
using Bytes = Simd<uint8_t, kBytes>;
using AllBytes = std::make_integer_sequence<int, kBytes>;

inline Bytes load(const uint8_t* p) {
  Bytes v;
  std::memcpy(&v, p, kBytes);
  return v;
}
inline void store(const Bytes& v, uint8_t* p) { std::memcpy(p, &v, kBytes); }

// Value i of plane c is byte 3 i + c of three vectors: from the first two, then from the third.
template <int c, int... i>
inline Bytes plane(const Bytes (&v)[3], std::integer_sequence<int, i...>) {
  const Bytes two = __builtin_shufflevector(v[0], v[1], (3 * i + c < 2 * kBytes ? 3 * i + c : 0)...);
  return __builtin_shufflevector(two, v[2], (3 * i + c < 2 * kBytes ? i : 3 * i + c - kBytes)...);
}

// Byte k of vector j is value (kBytes j + k) / 3 of plane (kBytes j + k) % 3.
template <int j, int... k>
inline Bytes together(const Bytes (&v)[3], std::integer_sequence<int, k...>) {
  const Bytes two = __builtin_shufflevector(
      v[0], v[1], ((kBytes * j + k) % 3 < 2 ? (kBytes * j + k) % 3 * kBytes + (kBytes * j + k) / 3 : 0)...);
  return __builtin_shufflevector(two, v[2], ((kBytes * j + k) % 3 < 2 ? k : kBytes + (kBytes * j + k) / 3)...);
}

}  // namespace

void split_planes_plainly(const uint8_t* __restrict from, int n, uint8_t* __restrict a, uint8_t* __restrict b,
                          uint8_t* __restrict c) {
  for (int i = 0; i < n; ++i) a[i] = from[3 * i], b[i] = from[3 * i + 1], c[i] = from[3 * i + 2];
}

void join_planes_plainly(const uint8_t* __restrict a, const uint8_t* __restrict b, const uint8_t* __restrict c, int n,
                         uint8_t* __restrict to) {
  for (int i = 0; i < n; ++i) to[3 * i] = a[i], to[3 * i + 1] = b[i], to[3 * i + 2] = c[i];
}

void split_planes(const uint8_t* from, int n, uint8_t* a, uint8_t* b, uint8_t* c) {
  int i = 0;
  for (; i + kBytes <= n; i += kBytes) {
    const Bytes v[3] = {load(from + 3 * i), load(from + 3 * i + kBytes), load(from + 3 * i + 2 * kBytes)};
    store(plane<0>(v, AllBytes()), a + i);
    store(plane<1>(v, AllBytes()), b + i);
    store(plane<2>(v, AllBytes()), c + i);
  }
  split_planes_plainly(from + 3 * i, n - i, a + i, b + i, c + i);
}

void join_planes(const uint8_t* a, const uint8_t* b, const uint8_t* c, int n, uint8_t* to) {
  int i = 0;
  for (; i + kBytes <= n; i += kBytes) {
    const Bytes v[3] = {load(a + i), load(b + i), load(c + i)};
    store(together<0>(v, AllBytes()), to + 3 * i);
    store(together<1>(v, AllBytes()), to + 3 * i + kBytes);
    store(together<2>(v, AllBytes()), to + 3 * i + 2 * kBytes);
  }
  join_planes_plainly(a + i, b + i, c + i, n - i, to + 3 * i);
}

}  // namespace assay
