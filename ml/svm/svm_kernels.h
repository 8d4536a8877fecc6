// ml/svm/svm_kernels.h: loops over one block of kLanes queries.
#pragma once
#include "assay/ml/svm/kernel.h"

namespace assay::svm {

struct Coefficient {
  Index vector;
  double value;
};

/// sum[l] += c.value * K[c.vector * kLanes + l] for all lanes, one coefficient after the other.
void add_vectors(double* sum, const Coefficient* c, Index count, const double* K);
/// product[l] = sum over the entries of a sparse row of value times block[column * kLanes + l].
void sparse_products(const int32_t* column, const double* value, int64_t entries, const double* block, double* product);

}  // namespace assay::svm
