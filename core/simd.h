// core/simd.h: numbers side by side, for kernels of which g++ 12 makes no vector code by itself. The operators of GCC's vector
// types work number by number; a machine with narrower registers takes several for one vector.
#pragma once
#include <cstddef>

// A vector wider than the machine's registers is passed otherwise than where they are wide enough: of no matter within a file.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace assay {

#ifdef __AVX512F__
inline constexpr size_t kSimdBytes = 64;
#else
inline constexpr size_t kSimdBytes = 32;
#endif

template <class T, size_t count>
struct SimdOf {
  typedef T type __attribute__((vector_size(count * sizeof(T))));  // `using` would lose the attribute
  typedef T anywhere __attribute__((vector_size(count * sizeof(T)), aligned(sizeof(T)), may_alias));
};

/// A vector of `count` numbers; by default as many as one register of the machine holds.
template <class T, size_t count = kSimdBytes / sizeof(T)>
using Simd = typename SimdOf<T, count>::type;

/// The same as it stands among numbers in memory: at any of their addresses.
template <class T, size_t count = kSimdBytes / sizeof(T)>
using SimdAnywhere = typename SimdOf<T, count>::anywhere;

/// The register full of numbers that begins at `at`.
template <class T>
[[gnu::always_inline]] inline SimdAnywhere<T>& simd_at(T* at) {
  return *reinterpret_cast<SimdAnywhere<T>*>(at);
}
template <class T>
[[gnu::always_inline]] inline SimdAnywhere<T> simd_at(const T* at) {
  return *reinterpret_cast<const SimdAnywhere<T>*>(at);
}

}  // namespace assay
