// core/svd_internal.h: what the methods of core/svd.h share.
#pragma once
#include <vector>

#include "assay/core/svd.h"

namespace assay {

/// Makes the columns of V that are zero unit vectors orthogonal to all others.
void complete_orthonormal(Columns& V);
/// Sorts by S, descending, and applies the sign rule.
void sort_and_sign(Svd& result);
/// The decomposition of A' from that of A.
Svd turned(Svd result);

}  // namespace assay
