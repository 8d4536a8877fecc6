// imgproc/filter/gaussian_lanes_internal.h: a register of bytes as both whole-number Gaussians load, store and add it. For machines
// with AVX2; nothing elsewhere.
#pragma once

#ifdef __AVX2__

#include <immintrin.h>

#include <cstddef>

namespace assay::gaussian {

using Lanes = __m256i;
inline constexpr ptrdiff_t kChunk = 32;  ///< bytes of a register

[[gnu::always_inline]] inline Lanes load(const void* at) { return _mm256_loadu_si256(static_cast<const Lanes*>(at)); }
[[gnu::always_inline]] inline void store(void* at, Lanes v) { _mm256_storeu_si256(static_cast<Lanes*>(at), v); }

/// v in a register: sums are added in the order written. g++ would add the products in a tree, for which there are not enough
/// registers, or load v twice.
[[gnu::always_inline]] inline Lanes hold(Lanes v) {
  asm("" : "+x"(v));
  return v;
}

}  // namespace assay::gaussian

#endif
