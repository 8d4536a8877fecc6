// imgproc/filter/convolve_kernels.h: the inner loops of separable filters.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

/// out[i] = w[0] centre[i] + sum_k w[k] (before[k][i] + after[k][i]),  k = 1..radius,  i = 0..n-1.
///
/// One kernel for both directions: along a row, before[k] and after[k] point k pixels left and right; down a column, k
/// rows up and down. So a transposed picture meets the same roundings. Terms are added from the outermost inwards, the
/// small ones first. `out` overlaps nothing else.
template <class Real>
void symmetric_sum(const Real* centre, const Real* const* before, const Real* const* after, const Real* w, int radius,
                   Real* out, ptrdiff_t n);

/// out[i] = offset + sum_t w[t] from[t][i], i = 0..n-1. `out` overlaps nothing else.
template <class Real>
void weighted_sum(const Real* const* from, const Real* w, int count, Real offset, Real* out, ptrdiff_t n);

/// to[i] = sums[i], taken for a number from -2^15 on, kept within 0 .. 255.
void keep_bytes(const uint16_t* sums, ptrdiff_t n, uint8_t* to);

inline constexpr ptrdiff_t kDenseBlock = 64;  // values
#ifdef __AVX512F__
inline constexpr int kDenseRows = 4;  // as many sums as there are registers for
#else
inline constexpr int kDenseRows = 2;
#endif

/// Neighbouring rows of sums with a kernel of tall x wide cells, each pixel read once for all of them:
///   out[j][i] = offset + sum_x sum_y w[x tall + y] rows[y + j][i + x step],   j < kDenseRows,  i = 0..n-1
/// rows: tall + kDenseRows - 1 of them. With fewer than kDenseBlock values, reads and writes as many as that.
template <class Real>
void dense_sums(const Real* const* rows, const Real* w, int tall, int wide, ptrdiff_t step, Real offset,
                Real* const* out, ptrdiff_t n);

/// Two rows as one of pairs: the value of `first` in the low 16 bits, that of `second` in the high ones.
void join_rows(const uint8_t* first, const uint8_t* second, int32_t* pairs, ptrdiff_t n);

/// dense_sums in whole numbers, of pairs of rows:
///   out[j][i] = start + sum_x sum_p w[j][x][p] . pairs[p][i + x step],   j < kDenseRows,   . the product of two pairs
/// Row j's weights of pair p, w_(2p - j) and w_(2p - j + 1) of its column, stand for j = 0, 1 in
/// weights[(2 x + j) count + p], count = tall / 2 + 1; and two rows below lies one pair below. pairs: count + kDenseRows / 2
/// - 1 of them.
void dense_pair_sums(const int32_t* const* pairs, const int32_t* weights, int count, int wide, ptrdiff_t step,
                     int32_t start, int32_t* const* out, ptrdiff_t n);

}  // namespace assay
