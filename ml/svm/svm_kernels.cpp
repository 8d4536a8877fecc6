#include "assay/ml/svm/svm_kernels.h"

#include "assay/core/simd.h"

namespace assay::svm {
namespace {

using Wide = SimdAnywhere<double>;
constexpr int kVectors = kLanes * sizeof(double) / sizeof(Wide);

}  // namespace

void add_vectors(double* sum, const Coefficient* c, Index count, const double* K) {
  Wide total[kVectors];
  for (int v = 0; v < kVectors; ++v) total[v] = reinterpret_cast<const Wide*>(sum)[v];
  for (Index i = 0; i < count; ++i) {
    const Wide* lanes = reinterpret_cast<const Wide*>(K + c[i].vector * kLanes);
    for (int v = 0; v < kVectors; ++v) total[v] += c[i].value * lanes[v];
  }
  for (int v = 0; v < kVectors; ++v) reinterpret_cast<Wide*>(sum)[v] = total[v];
}

void sparse_products(const int32_t* column, const double* value, int64_t entries, const double* block,
                     double* product) {
  Wide total[kVectors] = {};
  for (int64_t e = 0; e < entries; ++e) {
    const Wide* lanes = reinterpret_cast<const Wide*>(block + static_cast<Index>(column[e]) * kLanes);
    for (int v = 0; v < kVectors; ++v) total[v] += value[e] * lanes[v];
  }
  for (int v = 0; v < kVectors; ++v) reinterpret_cast<Wide*>(product)[v] = total[v];
}

}  // namespace assay::svm
