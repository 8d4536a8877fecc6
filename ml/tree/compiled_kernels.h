// ml/tree/compiled_kernels.h: the walk of compiled.h.
#pragma once
#include "assay/ml/tree/compiled.h"

namespace assay::tree {

inline constexpr int kWalkers = 16;  ///< rows that go down a tree together

/// leaf[r] = the leaf of row r, for kWalkers rows of `cells` ranks each.
void walk_down(const CompiledNode* nodes, int depth, const uint16_t* ranks, int cells, uint32_t* leaf);
/// rank[i * stride] = how many of the thresholds are below x[i].
void rank_values(const double* x, Index n, const std::vector<double>& thresholds, uint16_t* rank, Index stride);

}  // namespace assay::tree
