// features/hough/centres_kernels.cpp
#include "assay/features/hough/centres_kernels.h"

#include <algorithm>

namespace assay::hough {

template <class Cell>
void vote_along(Cell* __restrict cells, int stride, int x, int y, int dx, int dy, int fraction,
                const int* __restrict weight, int n) {
  constexpr int kSome = 32;
  int place[kSome];
  for (int first = 0; first < n; first += kSome) {
    const int count = std::min(kSome, n - first);
    // A multiple of eight: what is too much is not read. Unsigned, for that may lie far outside.
    const auto x0 = static_cast<unsigned>(x), y0 = static_cast<unsigned>(y);
    for (int k = 0; k < (count + 7) / 8 * 8; ++k) {
      const unsigned i = static_cast<unsigned>(first + k);
      place[k] = (static_cast<int>(y0 + i * static_cast<unsigned>(dy)) >> fraction) * stride +
                 (static_cast<int>(x0 + i * static_cast<unsigned>(dx)) >> fraction);
    }
    for (int k = 0; k < count; ++k) {
      Cell& cell = cells[place[k]];
      cell = static_cast<Cell>(cell + weight[first + k]);
    }
  }
}

template <class Cell>
void sum_block_row(const Cell* __restrict above, const Cell* __restrict row, const Cell* __restrict below, int n,
                   int* __restrict down, int* __restrict sum) {
  for (int x = 0; x < n; ++x) down[x] = above[x] + row[x] + below[x];
  for (int x = 1; x + 1 < n; ++x) sum[x] = down[x - 1] + down[x] + down[x + 1];
  sum[0] = sum[n - 1] = 0;
}

template void vote_along(uint16_t*, int, int, int, int, int, int, const int*, int);
template void vote_along(int*, int, int, int, int, int, int, const int*, int);
template void sum_block_row(const uint16_t*, const uint16_t*, const uint16_t*, int, int*, int*);
template void sum_block_row(const int*, const int*, const int*, int, int*, int*);

template <class Cell>
void add_by_tiles(const Cell* __restrict row, int n, int64_t* __restrict sum) {
  for (int first = 0; first < n; first += kBackground) {
    int here = 0;
    for (int x = first; x < std::min(n, first + kBackground); ++x) here += row[x];
    sum[first / kBackground] += here;
  }
}

void may_be_peaks(const int* __restrict above, const int* __restrict sum, const int* __restrict below, int n, int least,
                  uint8_t* __restrict may) {
  for (int x = 1; x + 1 < n; ++x)
    may[x] =
        (sum[x] >= least) & (sum[x] > sum[x - 1]) & (sum[x] >= sum[x + 1]) & (sum[x] > above[x]) & (sum[x] >= below[x]);
}
template void add_by_tiles(const uint16_t*, int, int64_t*);
template void add_by_tiles(const int*, int, int64_t*);

}  // namespace assay::hough
