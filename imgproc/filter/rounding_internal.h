// imgproc/filter/rounding_internal.h: whole numbers from sums that are known to a bound, correctly rounded.
//
// A fast sum errs by at most e. Where it lies within e of a half, a direct sum in f64 decides; where even that cannot tell,
// it is a tie, and goes to the even number.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "assay/core/simd.h"
#include "assay/imgproc/filter/rounding_kernels.h"

namespace assay::rounding {

/// The nearest integer, ties to even, by the rounding of an addition; |v| < 2^22 or 2^51.
inline float nearest(float v) { return (v + 12582912.0f) - 12582912.0f; }
inline double nearest(double v) { return (v + 6755399441055744.0) - 6755399441055744.0; }

/// `nearest`, where v is only known to +-error: a half that v might be is taken for one.
inline double nearest_or_tie(double v, double error) {
  const double low = std::floor(v);
  if (std::abs(v - low - 0.5) <= error) return 2 * std::floor((low + 1) / 2);  // the even one of low and low + 1
  return std::nearbyint(v);
}

/// Eight reals, and sums += w from[0], from[step], .. from[7 step].
using Eight = Simd<double, 8>;
template <ptrdiff_t step, class Weight, class T>  // one weight or eight
[[gnu::always_inline]] inline void add_eight(Eight& sums, const Weight& w, const T* from) {
  using Wide = std::conditional_t<std::is_same_v<T, float>, float, int32_t>;
  using Values = Simd<T, 8>;
  using WideValues = Simd<Wide, 8>;
#ifdef __AVX512F__
  if constexpr (step == 1 && std::is_same_v<T, uint8_t>) {  // g++ 12 would take them one by one
    const __m256i wide = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
    sums += w * reinterpret_cast<Eight>(_mm512_cvtepi32_pd(wide));
    return;
  }
#endif
  Values values;
  if constexpr (step == 1)
    std::memcpy(&values, from, sizeof values);
  else
    for (int k = 0; k < 8; ++k) values[k] = from[k * step];
  sums += w * __builtin_convertvector(__builtin_convertvector(values, WideValues), Eight);
}

/// The nearest integer within the range of T, for a direct sum of which only +-error is known.
template <class T>
T decide(double direct, double error) {
  return static_cast<T>(
      std::clamp(nearest_or_tie(direct, error), 0.0, static_cast<double>(std::numeric_limits<T>::max())));
}

/// Calls f(i) for every i < n that is marked. Marks are rare; up to seven more are read after the n-th.
template <class F>
void for_marked(const uint8_t* marks, ptrdiff_t n, F&& f) {
  for (ptrdiff_t first = 0; first < n; first += 8) {
    uint64_t any;
    std::memcpy(&any, marks + first, sizeof any);
    if (any == 0) continue;
    for (ptrdiff_t i = first; i < std::min(n, first + 8); ++i)
      if (marks[i]) f(i);
  }
}

/// Rows of sums to T. Close cases are rare (a few in ten thousand): whole blocks are rounded without a branch.
template <class T, class Real>
class Rounding {
 public:
  Rounding(double fast_error, double direct_error) : fast_(static_cast<Real>(fast_error)), direct_(direct_error) {}

  /// direct(i) gives the f64 sum for value i of the row. Sums outside the range of T go to its ends.
  template <class Direct>
  void row(const Real* sums, T* out, ptrdiff_t n, Direct&& direct) const {
    constexpr ptrdiff_t kBlock = 512;
    const Real limit = Real(0.5) - fast_;
    for (ptrdiff_t begin = 0; begin < n; begin += kBlock) {
      const ptrdiff_t end = std::min(n, begin + kBlock);
      if (round_values(sums + begin, out + begin, end - begin) < limit) continue;
      std::array<uint8_t, kBlock> close{};
      mark_close_values<T>(sums + begin, limit, close.data(), end - begin);
      for_marked(close.data(), end - begin,
                 [&](ptrdiff_t i) { out[begin + i] = decide<T>(direct(begin + i), direct_); });
    }
  }

 private:
  Real fast_;      // bound of the fast sum
  double direct_;  // bound of the direct sum
};

}  // namespace assay::rounding
