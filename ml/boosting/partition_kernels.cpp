// Method     no branch depends on a side; the cells of rows ahead are fetched early, since their addresses jump
#include "assay/ml/boosting/partition_kernels.h"

namespace assay::boosting {
namespace {
constexpr int kAhead = 32;
}

int mark_sides(const double* x, const int* rows, int count, double threshold, bool default_left, uint8_t* side) {
  int left = 0;
  for (int i = 0; i < count; ++i) {
    __builtin_prefetch(x + rows[i + kAhead < count ? i + kAhead : i]);
    const double value = x[rows[i]];
    const bool here = (value <= threshold) | ((value != value) & default_left);
    side[rows[i]] = here;
    left += here;
  }
  return left;
}

void part_rows(const int* rows, int count, const uint8_t* side, int* left, int* right) {
  int l = 0, r = 0;
  for (int i = 0; i < count; ++i) {
    const int row = rows[i], here = side[row];
    left[l] = row;
    right[r] = row;
    l += here;
    r += 1 - here;
  }
}

}  // namespace assay::boosting
