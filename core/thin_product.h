// core/thin_product.h: products of a large matrix with few columns, which read it where it lies.
#pragma once
#include "assay/core/linalg.h"

namespace assay {

/// A Z, n x l for A n x d and Z d x l. The same bits for every thread count. Cost: n d l multiplications, one reading of A.
Columns thin_times(const Matrix& A, const Columns& Z, int threads);
/// A' Y, d x l for Y n x l.
Columns thin_transposed_times(const Matrix& A, const Columns& Y, int threads);

}  // namespace assay
