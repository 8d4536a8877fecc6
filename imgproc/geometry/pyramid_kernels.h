// imgproc/geometry/pyramid_kernels.h: the inner loops of pyramids. Sum is uint16_t for u8 (a sum of weights 256 of 255 fits),
// uint32_t for u16, float for f32.
#pragma once
#include <cstddef>

namespace assay {

/// out[i] = r[0][i] + 4 r[1][i] + 6 r[2][i] + 4 r[3][i] + r[4][i]
template <class T, class Sum>
void binomial_rows(const T* const* rows, Sum* out, ptrdiff_t n);
/// The same along the row at every second pixel: out[x] from column sums s[2x-2 .. 2x+2], divided by 256 and rounded.
/// s points to pixel 0 and is readable two pixels beyond each side. n output pixels of `channels`.
template <class T, class Sum>
void binomial_halve(const Sum* s, int channels, ptrdiff_t n, bool halves_up, T* out);

/// even[i] = r[0][i] + 6 r[1][i] + r[2][i],  odd[i] = 4 (r[1][i] + r[2][i])
template <class T, class Sum>
void expand_rows(const T* const* rows, Sum* even, Sum* odd, ptrdiff_t n);
/// The same along the row: out[2x] and out[2x+1] from s[x-1 .. x+1], divided by 64 and rounded; width output pixels.
template <class T, class Sum>
void expand_along(const Sum* s, int channels, ptrdiff_t width, bool halves_up, T* out);

}  // namespace assay
