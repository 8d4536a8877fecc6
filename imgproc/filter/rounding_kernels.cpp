#include "assay/imgproc/filter/rounding_kernels.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace assay {

// Adding 1.5 times 2^23 (2^52) leaves the nearest whole number in the last bits. The limits are applied to the bits, which
// rise with the number; so even sums beyond 2^22 end at the right limit.
template <class T, class Real>
Real round_values(const Real* sums, T* __restrict out, ptrdiff_t n) {
  using Bits = std::conditional_t<sizeof(Real) == 4, int32_t, int64_t>;
  constexpr Real kShift = sizeof(Real) == 4 ? Real(12582912.0) : Real(6755399441055744.0);
  constexpr Bits kZero = std::bit_cast<Bits>(kShift), kEnd = kZero + std::numeric_limits<T>::max();
  Real farthest = 0;
#pragma omp simd reduction(max : farthest)
  for (ptrdiff_t i = 0; i < n; ++i) {
    const Real shifted = sums[i] + kShift;
    Bits bits = std::bit_cast<Bits>(shifted);
    bits = bits > kZero ? bits : kZero;
    bits = bits < kEnd ? bits : kEnd;
    out[i] = static_cast<T>(bits);
    const Real away = std::abs(sums[i] - (shifted - kShift));
    farthest = farthest > away ? farthest : away;
  }
  return farthest;
}

template <class T, class Real>
void mark_close_values(const Real* sums, Real limit, uint8_t* __restrict close, ptrdiff_t n) {
  constexpr Real kShift = sizeof(Real) == 4 ? Real(12582912.0) : Real(6755399441055744.0);
  constexpr Real kEnd = std::numeric_limits<T>::max();
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) {
    const Real low = sums[i] > 0 ? sums[i] : Real(0), inside = low < kEnd ? low : kEnd;
    close[i] = std::abs(inside - ((inside + kShift) - kShift)) >= limit ? 1 : 0;
  }
}

void floor_values(const int32_t* sums, int shift, int32_t doubt, uint8_t* __restrict out, uint8_t* __restrict close,
                  ptrdiff_t n) {
  const int32_t rest = (1 << shift) - 1;
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) {
    const int32_t low = sums[i] >> shift, inside = low > 0 ? low : 0;
    out[i] = static_cast<uint8_t>(inside < 255 ? inside : 255);
    close[i] = (sums[i] & rest) < doubt ? 1 : 0;
  }
}

template float round_values(const float*, uint8_t*, ptrdiff_t);
template float round_values(const float*, uint16_t*, ptrdiff_t);
template double round_values(const double*, uint16_t*, ptrdiff_t);
template void mark_close_values<uint8_t>(const float*, float, uint8_t*, ptrdiff_t);
template void mark_close_values<uint16_t>(const double*, double, uint8_t*, ptrdiff_t);

}  // namespace assay
