// features/hough/centres_kernels.h: votes along rays, and their sums over blocks.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay::hough {

/// Radii from vote to vote: a ray that crosses a block of 3 x 3 cells still leaves one there.
inline constexpr int kRadiusStep = 2;

/// Of the rays in a picture: radii r0 to r1 (r0 + 1 to r1 for odd points), places as whole numbers with `fraction` bits behind the
/// point.
struct RaySpace {
  int columns, rows, r0, r1, fraction;
};
/// A ray begins at (x, y), takes steps (dx, dy) and votes n times, as long as it stays within the picture.
struct Ray {
  int x, y, dx, dy, n;
};
/// Of n points (x, y), the first of them even, along way (ux, uy).
void rays_of(const float* x, const float* y, const float* ux, const float* uy, size_t n, float way,
             const RaySpace& space, Ray* rays);

/// n rays vote: adds weight[i % kRadiusStep][k] to the cell that holds the place of ray i after k steps; `stride` cells from row to
/// row. Cell: uint16_t or int.
template <class Cell>
void vote_along(const Ray* rays, size_t n, int fraction, const int* const (&weight)[kRadiusStep], Cell* cells,
                int stride);

/// sum[x] = above + row + below, over x - 1 .. x + 1; `down`: room for n. At both ends 0.
template <class Cell>
void sum_block_row(const Cell* above, const Cell* row, const Cell* below, int n, int* down, int* sum);

/// Cells that have a background of their own.
inline constexpr int kBackground = 32;
/// sum[t] += cells of the row from kBackground t on.
template <class Cell>
void add_by_tiles(const Cell* row, int n, int64_t* sum);

/// may[x] = whether sum[x] is at least `least`, no less than the cells to the right and below, and more than those to the left
/// and above; x = 1 .. n - 2.
void may_be_peaks(const int* above, const int* sum, const int* below, int n, int least, uint8_t* may);

}  // namespace assay::hough
