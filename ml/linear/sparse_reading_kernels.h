// ml/linear/sparse_reading_kernels.h: the loops over the entries of a row in ml/linear/sparse_reading.cpp.
//
// A: for each column K weights w_f and, beside them, K sums of x r; K = 1: pairs.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

struct SparseRow {
  const double* value;
  const int32_t* column;
  std::ptrdiff_t entries;
};

/// sum x_f w_f, and the addition of x_f r to the sums.
double pair_score(const SparseRow& row, const double* pairs);
void add_to_pairs(const SparseRow& row, double r, double* pairs);

/// The same for K numbers.
void add_scores(const SparseRow& row, std::ptrdiff_t K, const double* A, double* z);
void add_to_sums(const SparseRow& row, std::ptrdiff_t K, const double* r, double* A);

}  // namespace assay
