// ml/tree/presort.h: every numeric column sorted once; a split then only divides the sorted lists, keeping their order.
//
// Cost     O(d n) to sort (radix), O(d n) a level to divide; 8 bytes an entry, n d entries
// See      [Mehta1996] sec. 3 (SLIQ: presorting, one sorted list a column)
#pragma once
#include <cstdint>
#include <vector>

#include "assay/ml/tree/split.h"

namespace assay::tree {

/// The rows of `rows` (ascending) by (value, row), missing last by row.
std::vector<Entry> sort_column(const double* x, const std::vector<int>& rows);

/// Which children of a node go on and need their part of the lists.
enum class Keep { both, left, right };

/// Stable division of items[0..n): those with side 1 first (kept from the front), then those with side 0. With
/// Keep::left or Keep::right only that side is kept, from the front. `spare` has room for n items.
template <class Item, class RowOf>
void divide(Item* items, int n, const uint8_t* side, Keep keep, std::vector<Item>& spare, RowOf row_of) {
  if (static_cast<int>(spare.size()) < n) spare.resize(static_cast<size_t>(n));
  int kept = 0, others = 0;
  const uint8_t first = keep == Keep::right ? 0 : 1;
  for (int i = 0; i < n; ++i) {  // both writes, one of which counts: no branch to mispredict
    const Item item = items[i];
    const int here = side[row_of(item)] == first;
    items[kept] = item;
    spare[static_cast<size_t>(others)] = item;
    kept += here;
    others += 1 - here;
  }
  if (keep == Keep::both) std::copy(spare.begin(), spare.begin() + others, items + kept);
}

}  // namespace assay::tree
