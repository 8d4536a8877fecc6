// ml/tree/small_search_kernels.h: what each boundary of a set of few rows is worth, all columns side by side.
//
// A cell is rank << 5 | row, row below 32. cells: m x width, one row of `cells` a place in the orders, one column of it a column
// of the table, in whole lanes; cells beyond the table's columns may hold anything.
#pragma once
#include <cstdint>

namespace assay::tree {

inline constexpr int kRowBits = 5, kSmallRows = 1 << kRowBits, kSmallLanes = 16;

/// Boundaries behind places first..last of m: those that leave enough rows on both sides.
struct SmallOrders {
  const uint16_t* cells;
  int m, width, first, last;
};

/// value[j * width + f]: v of the boundary behind place j of column f, -1 within equal cells; greatest[f]: the greatest.
/// z, w: of each row; w null: all 1. See small_search.h for v, and search.cpp for L, W_L, T.
void values_of_boundaries(const SmallOrders& orders, const double* z, const double* w, double W, double T,
                          double* value, double* greatest);
/// same[row]: the rows of its class in the set; squares: sum of T_k^2.
void classes_of_boundaries(const SmallOrders& orders, const uint32_t* same, int squares, double* value,
                           double* greatest);

/// place[i]: how many of the m keys are below key[i]. Keys are distinct; `key` and `place` have room for 32.
void places_of_keys(const uint16_t* key, int m, uint16_t* place);

}  // namespace assay::tree
