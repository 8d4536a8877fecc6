// ml/tree/count_kernels.h: sums over the classes, from a table of counts.
#pragma once

namespace assay::tree {

/// Classes as a row of `cells` is long: whole lanes of eight (of four up to four classes); those beyond K count 0.
int padded_classes(int K);

/// From the left, rank by rank, with L_k the rows of class k so far and T_k all of them:
///   A[r] = sum_k L_k^2,  B[r] = sum_k (T_k - L_k)^2,  W[r] = sum_k L_k         (after rank r)
/// cells: ranks x padded; T, L: padded; L is the start, and is changed. Exact for up to 2^26 rows.
void squares_by_rank(const int* cells, int ranks, int padded, const double* T, double* L, double* A, double* B,
                     double* W);

}  // namespace assay::tree
