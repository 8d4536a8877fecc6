// ml/ensemble/ranks.h: every numeric column as dense ranks, shared by all trees of a forest.
//
// Equal cells have equal ranks 0, 1, ...; a missing cell has the rank after the last. A node then sorts whole numbers of a
// known range, by counting, instead of doubles.
//
// Cost     one radix sort a column (ml/tree/presort.h); 1, 2 or 4 bytes a cell
#pragma once
#include <cstdint>
#include <vector>

#include "assay/ml/data/samples.h"

namespace assay::ensemble {

struct RankedColumn {
  std::vector<uint8_t> tiny;     ///< filled where 255 ranks are enough
  std::vector<uint16_t> narrow;  ///< filled where 65 535 are
  std::vector<uint32_t> wide;
  std::vector<double> value;  ///< of each rank
  bool missing = false;       ///< some cell has rank value.size()
  std::vector<uint64_t>
      order;  ///< where asked for: rank (upper half) and row of every cell, sorted; none if cells are missing

  void sort_rows();
  int distinct() const { return static_cast<int>(value.size()); }
  /// read(ranks), a pointer to one of the types.
  template <class Read>
  auto with_ranks(Read&& read) const {
    return !tiny.empty() ? read(tiny.data()) : !narrow.empty() ? read(narrow.data()) : read(wide.data());
  }
};

/// One entry a column; empty where it has levels.
std::vector<RankedColumn> rank_columns(const Columns& X, const std::vector<Column>& columns, int threads);

}  // namespace assay::ensemble
