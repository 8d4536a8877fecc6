// ml/tree/search_kernels.h: the inner loop of the linear filter (search.cpp).
#pragma once
#include "assay/ml/tree/split.h"

namespace assay::tree {

/// Greatest (L W - T W_L)^2 / (W_L W_R) behind the entries from..to of a list, -1 if none of them ends its rank. L[j]: the sum
/// with entry j; W_L[j] its weight, or, where W_L is null, before + j + 1. entries[to] must exist.
double greatest_of_boundaries(const Entry* entries, int from, int to, const double* L, const double* W_L, double before,
                              double W, double T);

}  // namespace assay::tree
