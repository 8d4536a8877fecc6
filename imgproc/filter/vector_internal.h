// imgproc/filter/vector_internal.h: a vector of the machine, for kernels of which g++ 12 does not make one by itself.
#pragma once
#include <cstddef>

namespace assay {

#ifdef __AVX512F__
inline constexpr size_t kVectorBytes = 64;
#else
inline constexpr size_t kVectorBytes = 32;
#endif
template <class Real>
struct VectorOf {
  typedef Real type __attribute__((vector_size(kVectorBytes), aligned(sizeof(Real)), may_alias));
};
template <class Real>
[[gnu::always_inline]] inline auto& vector_at(Real* at) {
  return *reinterpret_cast<typename VectorOf<Real>::type*>(at);
}
template <class Real>
[[gnu::always_inline]] inline auto vector_at(const Real* at) {
  return *reinterpret_cast<const typename VectorOf<Real>::type*>(at);
}

}  // namespace assay
