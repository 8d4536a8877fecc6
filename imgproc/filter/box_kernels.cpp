#include "assay/imgproc/filter/box_kernels.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace assay {

template <class T, class Sum>
void slide_sums(const T* enters, const T* leaves, Sum* sums, ptrdiff_t n) {
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i)
    sums[i] = static_cast<Sum>(sums[i] + static_cast<Sum>(enters[i]) - static_cast<Sum>(leaves[i]));
}

namespace {

// out[i] = the sum of K lines at i; `continues`: and of what stands in `out`.
template <int K, bool continues, class Sum>
[[gnu::noinline]] void add_lines(const Sum* const* lines, Sum* __restrict out, ptrdiff_t n) {
  const Sum* line[K];
  for (int k = 0; k < K; ++k) line[k] = lines[k];
  for (ptrdiff_t i = 0; i < n; ++i) {
    Sum sum = line[0][i];
    for (int k = 1; k < K; ++k) sum = static_cast<Sum>(sum + line[k][i]);
    out[i] = continues ? static_cast<Sum>(out[i] + sum) : sum;
  }
}

template <bool continues, class Sum>
void add_some_lines(const Sum* const* lines, int count, Sum* out, ptrdiff_t n) {
  switch (count) {
    case 1:
      return add_lines<1, continues>(lines, out, n);
    case 2:
      return add_lines<2, continues>(lines, out, n);
    case 3:
      return add_lines<3, continues>(lines, out, n);
    case 4:
      return add_lines<4, continues>(lines, out, n);
    case 5:
      return add_lines<5, continues>(lines, out, n);
    default:
      return add_lines<6, continues>(lines, out, n);
  }
}

}  // namespace

// The window is written in base 3: sums over 1, 3, 9, .. values, each a line of its own, are joined, each twice at most.
template <class Sum>
void window_sums(const Sum* values, Sum* levels, ptrdiff_t stride, int window, ptrdiff_t step, Sum* out, ptrdiff_t n) {
  const ptrdiff_t length = n + (window - 1) * step;
  const Sum* parts[2 * kWindowLevels + 4];
  int count = 0;
  ptrdiff_t covered = 0, reach = 1;
  for (int rest = window;; rest /= 3, reach *= 3) {
    if (rest == 3) {  // the last step is the result
      for (int k = 0; k < 3; ++k) parts[count++] = values + (covered + k * reach) * step;
      break;
    }
    for (int digit = rest % 3; digit > 0; --digit, covered += reach) parts[count++] = values + covered * step;
    if (rest < 3) break;
    const Sum* three[3] = {values, values + reach * step, values + 2 * reach * step};
    add_lines<3, false>(three, levels, length - (3 * reach - 1) * step);
    values = levels;
    levels += stride;
  }
  add_some_lines<false>(parts, std::min(count, 6), out, n);
  for (int done = 6; done < count; done += 6) add_some_lines<true>(parts + done, std::min(count - done, 6), out, n);
}

template <class T, class Sum>
void divide_sums(const Sum* sums, double area, T* out, ptrdiff_t n) {
  if constexpr (std::is_same_v<T, float>) {
#pragma omp simd
    for (ptrdiff_t i = 0; i < n; ++i) out[i] = static_cast<float>(static_cast<double>(sums[i]) / area);
  } else if (sizeof(Sum) <= 4 && std::is_same_v<T, uint8_t> && area < 65536) {
    // A sum that is no tie lies at least 1 / (2 area) from one. The quotient is correctly rounded and below 256, so it errs
    // by 2^-17 at most, and at a tie by nothing. The product with the reciprocal errs by less than 2^-14, which is enough
    // for an odd area (no ties) below 8192.
    const bool odd = static_cast<int>(area) % 2 == 1 && area < 8192;
    const float divisor = static_cast<float>(area), reciprocal = 1 / divisor;
    const auto round = [&](auto&& mean_of) {
#pragma omp simd
      for (ptrdiff_t i = 0; i < n; ++i)
        out[i] = static_cast<T>(static_cast<int32_t>(
            (mean_of(static_cast<float>(static_cast<int32_t>(sums[i]))) + 12582912.0f) - 12582912.0f));
    };
    if (odd)
      round([=](float sum) { return sum * reciprocal; });
    else
      round([=](float sum) { return sum / divisor; });
  } else {
#pragma omp simd
    for (ptrdiff_t i = 0; i < n; ++i) {
      const double mean = static_cast<double>(sums[i]) / area;
      out[i] = static_cast<T>(static_cast<int32_t>((mean + 6755399441055744.0) - 6755399441055744.0));
    }
  }
}

#define ASSAY_BOX(T, Sum)                                                \
  template void slide_sums<T, Sum>(const T*, const T*, Sum*, ptrdiff_t); \
  template void divide_sums<T, Sum>(const Sum*, double, T*, ptrdiff_t);
#define ASSAY_WINDOW(Sum) template void window_sums<Sum>(const Sum*, Sum*, ptrdiff_t, int, ptrdiff_t, Sum*, ptrdiff_t);
ASSAY_BOX(uint8_t, uint16_t)
ASSAY_BOX(uint8_t, uint32_t)
ASSAY_BOX(uint16_t, uint32_t)
ASSAY_BOX(uint8_t, uint64_t)
ASSAY_BOX(uint16_t, uint64_t)
ASSAY_BOX(float, double)
ASSAY_WINDOW(uint16_t)
ASSAY_WINDOW(uint32_t)
ASSAY_WINDOW(uint64_t)
ASSAY_WINDOW(double)
#undef ASSAY_BOX
#undef ASSAY_WINDOW

}  // namespace assay
