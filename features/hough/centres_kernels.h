// features/hough/centres_kernels.h: votes along rays, and their sums over blocks.
#pragma once
#include <cstdint>

namespace assay::hough {

/// Adds weight[k], k = 0 .. n - 1, to the cell that holds (x + k dx, y + k dy), all of them numbers with `fraction` bits behind the
/// point; `stride` cells from row to row. Cell: uint16_t or int.
template <class Cell>
void vote_along(Cell* cells, int stride, int x, int y, int dx, int dy, int fraction, const int* weight, int n);

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
