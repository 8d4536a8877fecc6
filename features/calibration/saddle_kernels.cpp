#include "assay/features/calibration/saddle_kernels.h"

#include <type_traits>

namespace assay {

namespace {

template <class T>
void halve(const T* __restrict above, const T* __restrict below, float scale, float* __restrict out, ptrdiff_t n) {
  using Sum = std::conditional_t<std::is_same_v<T, uint8_t>, int, float>;
  for (ptrdiff_t i = 0; i < n; ++i)
    out[i] =
        0.25f * scale *
        static_cast<float>((Sum(above[2 * i]) + Sum(below[2 * i])) + (Sum(above[2 * i + 1]) + Sum(below[2 * i + 1])));
}

}  // namespace

void halve_row(const uint8_t* above, const uint8_t* below, float scale, float* out, ptrdiff_t n) {
  halve(above, below, scale, out, n);
}
void halve_row(const float* above, const float* below, float scale, float* out, ptrdiff_t n) {
  halve(above, below, scale, out, n);
}

void saddle_response(const float* __restrict above, const float* __restrict row, const float* __restrict below,
                     float* __restrict D, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    const float twice = row[i] + row[i];
    const float xx = row[i - 1] + row[i + 1] - twice, yy = above[i] + below[i] - twice;
    const float xy = 0.25f * ((above[i - 1] + below[i + 1]) - (above[i + 1] + below[i - 1]));
    D[i] = xy * xy - xx * yy;
  }
}

void mark_peaks(const float* __restrict above, const float* __restrict row, const float* __restrict below,
                float threshold, uint8_t* __restrict peak, ptrdiff_t n) {
  const auto greater = [](float a, float b) { return a > b ? a : b; };
  for (ptrdiff_t i = 0; i < n; ++i) {
    const float before = greater(greater(above[i - 1], above[i]), greater(above[i + 1], row[i - 1]));
    const float after = greater(greater(below[i - 1], below[i]), greater(below[i + 1], row[i + 1]));
    peak[i] = static_cast<uint8_t>((row[i] > threshold) & (row[i] > before) & (row[i] >= after));
  }
}

}  // namespace assay
