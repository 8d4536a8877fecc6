#include "assay/imgproc/filter/gaussian_kernels.h"

#include <cstddef>
#include <utility>

#include "assay/core/simd.h"

namespace assay {

namespace {

// Adds pairs first .. first + K - 1, the outermost first. K, the step between neighbours and the number of rows are known
// to the compiler. `begins`: nothing stands in `out` yet; `ends`: the centre is added too.
template <int K, ptrdiff_t step, int rows, bool begins, bool ends, class Real>
[[gnu::noinline]] void add_pairs(const Real* centre, const Real* w, int first, Real* __restrict out, ptrdiff_t stride) {
  // Along a row most vectors straddle lines of the cache, which costs short ones less.
  using Vector = SimdAnywhere<Real, (rows == 1 ? 32 : kSimdBytes) / sizeof(Real)>;
  constexpr ptrdiff_t kLanes = sizeof(Vector) / sizeof(Real);
  const auto at = [](const Real* p) __attribute__((always_inline)) { return *reinterpret_cast<const Vector*>(p); };
  const Real* before = centre - first * step;
  const Real* after = centre + first * step;
  for (ptrdiff_t i = 0; i < kTileWidth; i += kLanes) {
    Vector sum[rows];
    for (int j = 0; j < rows; ++j) sum[j] = begins ? Vector{} : at(out + j * stride + i);
#pragma GCC unroll 8
    for (int k = K - 1; k >= 0; --k)
#pragma GCC unroll 4
      for (int j = 0; j < rows; ++j) {
        const ptrdiff_t here = i + j * kTileStride;
        sum[j] += w[first + k] * (at(before + here - k * step) + at(after + here + k * step));
      }
#pragma GCC unroll 4
    for (int j = 0; j < rows; ++j) {
      if (ends) sum[j] += w[0] * at(centre + i + j * kTileStride);
      *reinterpret_cast<Vector*>(out + j * stride + i) = sum[j];
    }
  }
}

constexpr int kGroup = 8;

// Pairs 1 .. K and the centre.
template <ptrdiff_t step, int rows, bool begins, class Real, int... K>
void finish(int count, const Real* centre, const Real* w, Real* out, ptrdiff_t stride,
            std::integer_sequence<int, K...>) {
  (void)((count == K && (add_pairs<K, step, rows, begins, true>(centre, w, 1, out, stride), true)) || ...);
}

template <ptrdiff_t step, int rows, class Real>
void add_all(const Real* centre, const Real* w, int radius, Real* out, ptrdiff_t stride) {
  constexpr std::make_integer_sequence<int, kGroup + 1> counts;
  if (radius <= kGroup) return finish<step, rows, true>(radius, centre, w, out, stride, counts);
  int left = radius - kGroup;  // pairs still to add before the innermost group
  add_pairs<kGroup, step, rows, true, false>(centre, w, left + 1, out, stride);
  for (; left > kGroup; left -= kGroup)
    add_pairs<kGroup, step, rows, false, false>(centre, w, left - kGroup + 1, out, stride);
  finish<step, rows, false>(left, centre, w, out, stride, counts);
}

}  // namespace

template <class Real>
void sum_along_row(const Real* centre, ptrdiff_t step, const Real* w, int radius, Real* out) {
  if (step == 1) return add_all<1, 1>(centre, w, radius, out, 0);
  if (step == 3) return add_all<3, 1>(centre, w, radius, out, 0);
  add_all<4, 1>(centre, w, radius, out, 0);
}

template <class Real>
void sum_down_columns(const Real* centre, const Real* w, int radius, Real* out, ptrdiff_t stride) {
  add_all<kTileStride, kTileRows>(centre, w, radius, out, stride);
}

template void sum_along_row(const float*, ptrdiff_t, const float*, int, float*);
template void sum_along_row(const double*, ptrdiff_t, const double*, int, double*);
template void sum_down_columns(const float*, const float*, int, float*, ptrdiff_t);
template void sum_down_columns(const double*, const double*, int, double*, ptrdiff_t);

}  // namespace assay
