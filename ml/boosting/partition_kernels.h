// ml/boosting/partition_kernels.h: sends the rows of a node to its children.
#pragma once
#include <cstdint>

namespace assay::boosting {

/// side[row] = 1 where x[row] <= threshold, or x[row] is NaN and default_left; returns how many. Rows are read ahead.
int mark_sides(const double* x, const int* rows, int count, double threshold, bool default_left, uint8_t* side);
/// Rows with side 1 to `left`, which may be `rows` itself, the others to `right`, in their order; both have room for `count`.
void part_rows(const int* rows, int count, const uint8_t* side, int* left, int* right);

}  // namespace assay::boosting
