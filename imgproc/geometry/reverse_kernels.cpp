#include "assay/imgproc/geometry/reverse_kernels.h"

#include <cstring>
#include <utility>

#include "assay/core/simd.h"

namespace assay {

namespace {

// Vectors whose bytes one instruction puts in any order; short ones for what long ones leave over.
template <int size>
using Bytes = Simd<uint8_t, size>;

// The whole pixels at the end of a vector backwards; what stands before them goes behind.
template <int bytes, int size, int... k>
inline Bytes<size> reversed(const Bytes<size>& v, std::integer_sequence<int, k...>) {
  return __builtin_shufflevector(
      v, v, (size - bytes >= k / bytes * bytes ? size - bytes - k / bytes * bytes + k % bytes : 0)...);
}

// From pixel x of `to` on as far as whole vectors go; each writes over what the one before had too much.
template <int bytes, int size>
ptrdiff_t reverse_vectors(const uint8_t* from, uint8_t* to, ptrdiff_t n, ptrdiff_t x) {
  for (; (n - x) * bytes >= size; x += size / bytes) {
    Bytes<size> v;
    std::memcpy(&v, from + (n - x) * bytes - size, size);
    v = reversed<bytes, size>(v, std::make_integer_sequence<int, size>());
    std::memcpy(to + x * bytes, &v, size);
  }
  return x;
}

template <int bytes>
void reverse(const uint8_t* from, uint8_t* to, ptrdiff_t n) {
  ptrdiff_t x = 0;
#ifdef __AVX512VBMI__
  x = reverse_vectors<bytes, 64>(from, to, n, x);
#endif
  x = reverse_vectors<bytes, 16>(from, to, n, x);
  for (; x < n; ++x) std::memcpy(to + x * bytes, from + (n - 1 - x) * bytes, bytes);
}

}  // namespace

void reverse_pixels(const uint8_t* from, uint8_t* to, ptrdiff_t n, size_t bytes) {
  switch (bytes) {
    case 1:
      return reverse<1>(from, to, n);
    case 2:
      return reverse<2>(from, to, n);
    case 3:
      return reverse<3>(from, to, n);
    case 4:
      return reverse<4>(from, to, n);
    case 6:
      return reverse<6>(from, to, n);
    case 8:
      return reverse<8>(from, to, n);
    case 12:
      return reverse<12>(from, to, n);
    default:
      return reverse<16>(from, to, n);
  }
}

void copy_bytes(const uint8_t* __restrict from, uint8_t* __restrict to, ptrdiff_t n, const uint8_t* next_from,
                const uint8_t* next_to) {
  constexpr ptrdiff_t kLine = 64;
  ptrdiff_t i = 0;
  for (; i + kLine <= n; i += kLine) {
    Bytes<kLine> v;
    std::memcpy(&v, from + i, kLine);
    std::memcpy(to + i, &v, kLine);
    if (next_from) __builtin_prefetch(next_from + i);
    if (next_to) __builtin_prefetch(next_to + i, 1);
  }
  std::memcpy(to + i, from + i, static_cast<size_t>(n - i));
}

}  // namespace assay
