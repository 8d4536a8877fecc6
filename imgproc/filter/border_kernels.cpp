#include "assay/imgproc/filter/border_kernels.h"

#include <cstdint>

namespace assay {

template <class T, class Real>
void copy_values(const T* __restrict from, Real* __restrict to, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) to[i] = static_cast<Real>(from[i]);
}

#define ASSAY_COPY(Real)                                        \
  template void copy_values(const uint8_t*, Real*, ptrdiff_t);  \
  template void copy_values(const uint16_t*, Real*, ptrdiff_t); \
  template void copy_values(const float*, Real*, ptrdiff_t);
ASSAY_COPY(uint8_t)
ASSAY_COPY(uint16_t)
ASSAY_COPY(float)
ASSAY_COPY(double)
#undef ASSAY_COPY

}  // namespace assay
