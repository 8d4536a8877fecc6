// ml/data/sparse.h: products of a sparse table; its cost is that of its entries.
//
// Guarantees a row's product depends on its own entries alone, in a fixed order: the same bits for any threads
#pragma once
#include "assay/ml/data/samples.h"

namespace assay {

/// X': the table by columns. Entries keep the order of their rows.
Csr transposed(const Csr& X);
/// The cells that are not 0.
Csr entries_of(const Matrix& X);
/// X w, one number a row.
Vector times(const Csr& X, const Vector& w, int threads);
/// X W for W with a row a column of X: n x k.
Matrix times(const Csr& X, const Matrix& W, int threads);

/// out += X W for rows begin .. end - 1.
void add_times(const Csr& X, const Matrix& W, Index begin, Index end, Matrix& out);

/// out += a x_i.
void add_row(const Csr& X, Index i, double a, Vector& out);

/// sum over entries first .. last of value[e] * w[at[e]], in four fixed lanes.
double sparse_dot(const double* value, const int32_t* at, int64_t first, int64_t last, const double* w);

/// The same for k numbers: out += sum of value[e] * w[at[e]], w_f: k numbers from w + k f.
void add_sparse_rows(const double* value, const int32_t* at, int64_t first, int64_t last, const double* w, Index k,
                     double* out);

}  // namespace assay
