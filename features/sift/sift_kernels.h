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

inline constexpr int kMarkBlock = 128;  // columns

/// mark[i] = 1 where value[i] is at least `threshold` and no less than columns i-1 .. i+1 of `count` rows, or at most
/// -threshold and no greater; 0 elsewhere. count: 3, 6 or 9; n: whole blocks; 16 values before and after are read.
void mark_extremes(const float* value, const float* const* rows, int count, float threshold, unsigned char* mark,
                   ptrdiff_t n);

/// Gradients of a row: gx[i] = row[i+1] - row[i-1], gy[i] = down[i] - up[i], i = 0 .. n-1, and their weights
/// wy * wx[i] - rim, at least 0.
void gradients(const float* up, const float* row, const float* down, const float* wx, float wy, float rim, float* gx,
               float* gy, float* weight, ptrdiff_t n);

/// length[i] = |g| weight[i] and angle[i] of g = (gx, gy) in [0, full], full standing for 2 pi; to 3e-7 of full.
void polar(const float* gx, const float* gy, float full, float* weight_to_length, float* angle, ptrdiff_t n);

/// row[i] = row0 + i row1, col[i] = col0 + i col1
void places(float row0, float row1, float col0, float col1, float* row, float* col, ptrdiff_t n);

/// h[b] += length[i] for the bin of 36 that angle[i] in [0, 36] is nearest to: the centre of bin b is b. `soft`: centres are
/// b + 1/2, and the two bins around it share the length by linear weights.
void vote_directions(const float* angle, const float* length, ptrdiff_t n, bool soft, double* h);

/// Two histograms of 6 x 6 cells of 8 directions, as pairs: that of cells c, c + 1 of row r stands at (5 r + c) 16. A cell
/// is the sum of its halves of two pairs in both histograms. Aligned to 64 bytes: a pair is one cache line.
constexpr int kHistogram = 6 * 5 * 16;

/// Adds n votes to the histograms. row, col in (0, 5): cells, from the centre of the first rim cell, which takes what falls
/// outside the descriptor; direction in [-8, 8], 8 is a turn. Each vote goes to the 2 x 2 x 2 nearest bins by linear
/// weights.
void vote_trilinearly(const float* row, const float* col, const float* direction, const float* length, ptrdiff_t n,
                      float* histograms);

/// The 4 x 4 cells in the middle.
void collect_cells(const float* histograms, float* cells);

}  // namespace assay::sift_stages
