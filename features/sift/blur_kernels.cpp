#include "assay/features/sift/blur_kernels.h"

#include <utility>

#include "assay/core/simd.h"

namespace assay::sift_stages {

namespace {

using Vector = SimdAnywhere<float>;
static_assert(sizeof(Vector) == kLanes * sizeof(float));

constexpr int kGroup = 8;

// Pairs first .. first + K - 1, the outermost first. `begins`: nothing stands in `out` yet; `ends`: the centre is added too.
template <int stride, int K, bool begins, bool ends>
struct Columns {
  [[gnu::noinline]] static void add(const float* const* rows, const float* w, int first, float* __restrict out,
                                    ptrdiff_t line, ptrdiff_t n) {
    const float *before[(K - 1) * stride + kRowsAtOnce + 1], *after[(K - 1) * stride + kRowsAtOnce + 1];
    for (int k = 0; k < (K - 1) * stride + kRowsAtOnce; ++k) {
      before[k] = rows[k - (first + K - 1) * stride];
      after[k] = rows[k + first * stride];
    }
    const float* centre[kRowsAtOnce] = {rows[0], rows[1], rows[2], rows[3]};
    for (ptrdiff_t i = 0; i < n; i += kLanes) {
      Vector sum[kRowsAtOnce];
      for (int j = 0; j < kRowsAtOnce; ++j) sum[j] = begins ? Vector{} : simd_at(out + j * line + i);
#pragma GCC unroll 8
      for (int k = K - 1; k >= 0; --k)
#pragma GCC unroll 4
        for (int j = 0; j < kRowsAtOnce; ++j)
          sum[j] += w[first + k] * (simd_at(before[j + (K - 1 - k) * stride] + i) + simd_at(after[j + k * stride] + i));
#pragma GCC unroll 4
      for (int j = 0; j < kRowsAtOnce; ++j) {
        if (ends) sum[j] += w[0] * simd_at(centre[j] + i);
        simd_at(out + j * line + i) = sum[j];
      }
    }
  }
};

template <int stride, int K, bool begins, bool ends>
struct Row {
  [[gnu::noinline]] static void add(const float* centre, const float* w, int first, float* __restrict out,
                                    ptrdiff_t n) {
    const float *before = centre - first * stride, *after = centre + first * stride;
    for (ptrdiff_t i = 0; i < n; i += kLanes) {
      Vector sum = begins ? Vector{} : simd_at(out + i);
#pragma GCC unroll 8
      for (int k = K - 1; k >= 0; --k)
        sum += w[first + k] * (simd_at(before + i - k * stride) + simd_at(after + i + k * stride));
      if (ends) sum += w[0] * simd_at(centre + i);
      simd_at(out + i) = sum;
    }
  }
};

// Pairs 1 .. K and the centre.
template <template <int, int, bool, bool> class Sum, int stride, bool begins, int... K, class In, class... Out>
void finish(int count, In in, const float* w, std::integer_sequence<int, K...>, Out... out) {
  (void)((count == K && (Sum<stride, K, begins, true>::add(in, w, 1, out...), true)) || ...);
}

template <template <int, int, bool, bool> class Sum, int stride, class In, class... Out>
void add_all(In in, const float* w, int radius, Out... out) {
  constexpr std::make_integer_sequence<int, kGroup + 1> counts;
  if (radius <= kGroup) return finish<Sum, stride, true>(radius, in, w, counts, out...);
  int left = radius - kGroup;  // pairs still to add before the innermost group
  Sum<stride, kGroup, true, false>::add(in, w, left + 1, out...);
  for (; left > kGroup; left -= kGroup) Sum<stride, kGroup, false, false>::add(in, w, left - kGroup + 1, out...);
  finish<Sum, stride, false>(left, in, w, counts, out...);
}

}  // namespace

void sum_down_columns(const float* const* rows, int stride, const float* w, int radius, float* out, ptrdiff_t line,
                      ptrdiff_t n) {
  if (stride == 1) return add_all<Columns, 1>(rows, w, radius, out, line, n);
  add_all<Columns, 2>(rows, w, radius, out, line, n);
}

void sum_along_row(const float* centre, int stride, const float* w, int radius, float* out, ptrdiff_t n) {
  if (stride == 1) return add_all<Row, 1>(centre, w, radius, out, n);
  add_all<Row, 2>(centre, w, radius, out, n);
}

}  // namespace assay::sift_stages
