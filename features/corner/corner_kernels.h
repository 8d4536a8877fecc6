// features/corner/corner_kernels.h: the inner loops of the corner detectors.
#pragma once
#include <cstddef>

namespace assay {

/// Products of the gradient (Sobel, not divided) of one row: xx = gx^2, yy = gy^2, xy = gx gy at n pixels. above, centre,
/// below: f from one pixel before. Both derivatives take the same steps in the same order, so that a transposed picture
/// gives transposed products bit for bit.
template <class Real>
void gradient_products(const Real* above, const Real* centre, const Real* below, Real* xx, Real* yy, Real* xy,
                       ptrdiff_t n);

/// out[i] = sum of count rows at i.
template <class Real>
void sum_rows(const Real* const* rows, int count, Real* out, ptrdiff_t n);

/// out = (out + other) / 2
template <class Real>
void average_with(const Real* other, Real* out, ptrdiff_t n);

/// R = (A B - C^2 - k (A + B)^2) scale, A, B and C at i being the sums of `window` numbers from i on; returns the larger of
/// `largest` and all R.
template <class Real>
Real harris_row(const Real* A, const Real* B, const Real* C, int window, Real k, Real scale, Real* R, ptrdiff_t n,
                Real largest);
/// R = ((A + B) - sqrt((A - B)^2 + 4 C^2)) / 2 scale, the smaller eigenvalue.
template <class Real>
Real eigenvalue_row(const Real* A, const Real* B, const Real* C, int window, Real scale, Real* R, ptrdiff_t n,
                    Real largest);

/// Whether a number of the row reaches the threshold.
template <class Real>
bool any_reaches(const Real* row, Real threshold, ptrdiff_t n);

/// How many of n pixels of `centre` reach `threshold` and are largest among their 8 neighbours (of equal ones the first in
/// reading order); their columns go to x, ascending. The rows reach one pixel further on both sides.
template <class Real>
int maxima_of_row(const Real* above, const Real* centre, const Real* below, Real threshold, int* x, ptrdiff_t n);

inline constexpr ptrdiff_t fast_tile = 64;
/// Whether nine neighbouring pixels of a ring may all be brighter, or all darker, than the one in the middle by more than `least`.
struct FastSides {
  bool brighter, darker;
};
/// Of any of fast_tile pixels: of each two opposite pixels of a ring one belongs to any nine neighbours. ring[k]: the picture from
/// the k-th pixel of the circle around the first pixel.
template <class T>
FastSides fast_sides(const T* centre, const T* const (&ring)[16], T least);

/// score[i] = the largest t such that nine neighbouring pixels of the ring are all brighter by t, or all darker by t, as far as
/// these sides are asked for; 0 at least. At most fast_tile pixels.
template <class T>
void fast_scores(const T* centre, const T* const (&ring)[16], FastSides sides, T* score, ptrdiff_t n);

}  // namespace assay
