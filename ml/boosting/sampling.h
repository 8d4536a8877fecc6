// ml/boosting/sampling.h: gradient-based one-side sampling.
#pragma once
#include "assay/ml/boosting/boost_tree.h"

namespace assay::boosting {

/// GOSS [Ke2017, Alg. 2]: the rows of the greatest |g|, a share `top` of all, and a share `other` of all drawn from the rest, whose
/// gradients and hessians are multiplied by (1 - top) / other. Equal |g|: the lower row. Returns the rows, ascending; top = 1 is all.
std::vector<int> goss(const std::vector<int>& rows, double top, double other, std::vector<Gradient>& gradients,
                      Rng rng);

}  // namespace assay::boosting
