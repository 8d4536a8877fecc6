// ml/boosting/gain_kernels.h: the keys of a block of candidates at once.
#pragma once
#include "assay/ml/boosting/gain.h"

namespace assay::boosting {

/// key[i] = score of (G[i] + extra.G, H[i] + extra.H) + score of the rest of `total`, as float32; -1 where one side has less than
/// min_child_weight.
void candidate_keys(int n, const double* G, const double* H, Sums extra, Sums total, const Regularization& r,
                    float* key);

}  // namespace assay::boosting
