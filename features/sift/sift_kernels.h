// features/sift/sift_kernels.h: the inner loops of SIFT.
#pragma once
#include <cstddef>

namespace assay::sift_stages {

/// out[i] = (1 - share) a[i] + share b[i]
void mix(const float* a, const float* b, float share, float* out, ptrdiff_t n);

/// out[2i] = in[i], out[2i+1] = (in[i] + in[i+1]) / 2, i = 0 .. n-1; in has n + 1 values.
void double_samples(const float* in, float* out, ptrdiff_t n);

/// out[2i], out[2i+1]: three quarters of in[i] and a quarter of its left, right neighbour, i = 0 .. n-1.
void half_pixel_line(const float* in, float* out, ptrdiff_t n);

/// out[i] = in[2i]
void every_second(const float* in, float* out, ptrdiff_t n);

/// out[i] = b[i] - a[i]
void subtract(const float* a, const float* b, float* out, ptrdiff_t n);

/// low[i], high[i]: the least and greatest of the nine values of column i in three rows of three scales,
/// rows[3 * scale + row].
void column_extremes(const float* const rows[9], float* low, float* high, ptrdiff_t n);

/// mark[i] = 1 where value[i] is at least `threshold` and the greatest of low/high columns i-1 .. i+1, or at most
/// -threshold and the least; 0 elsewhere. i = 1 .. n-2; returns whether any is marked.
bool mark_extremes(const float* value, const float* low, const float* high, float threshold, unsigned char* mark,
                   ptrdiff_t n);

/// Gradients of a row: gx[i] = row[i+1] - row[i-1], gy[i] = down[i] - up[i], i = 0 .. n-1, and their weights
/// wy * wx[i] - rim, at least 0.
void gradients(const float* up, const float* row, const float* down, const float* wx, float wy, float rim, float* gx,
               float* gy, float* weight, ptrdiff_t n);

/// length[i] = |g| weight[i] and angle[i] of g = (gx, gy) in [0, full], full standing for 2 pi; to 3e-7 of full.
void polar(const float* gx, const float* gy, float full, float* weight_to_length, float* angle, ptrdiff_t n);

/// row[i] = row0 + i row1, col[i] = col0 + i col1
void places(float row0, float row1, float col0, float col1, float* row, float* col, ptrdiff_t n);

/// A histogram of 6 x 6 cells of 8 directions, and one more row and column of cells that nothing reaches.
constexpr int kHistogram = (6 * 6 + 7) * 8;

/// Adds n votes to two histograms, by turns: their sum is meant. The cells in the middle are the descriptor, the rim takes
/// what falls outside. row, col in (0, 5): cells, from the centre of the first rim cell; direction in [-8, 8], 8 is a turn;
/// lanes: 0 .. 7. Each vote goes to the 2 x 2 x 2 nearest bins by linear weights.
void vote_trilinearly(const float* row, const float* col, const float* direction, const float* length, ptrdiff_t n,
                      const float* lanes, float* histograms);

}  // namespace assay::sift_stages
