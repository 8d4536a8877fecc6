// ml/data/sparse.h: products of a sparse table; its cost is that of its entries.
//
// Guarantees a row's product depends on its own entries alone, in a fixed order: the same bits for any threads
#pragma once
#include "assay/ml/data/samples.h"

/// Before a function whose loop gathers: g++ tunes for this processor, and would not use its gathers, which are faster here.
#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__)
#define ASSAY_GATHER __attribute__((target("tune=icelake-server")))
#else
#define ASSAY_GATHER
#endif

namespace assay {

/// X': the table by columns. Entries keep the order of their rows.
Csr transposed(const Csr& X);
/// X w, one number a row.
Vector times(const Csr& X, const Vector& w, int threads);
/// X W for W with a row a column of X: n x k.
Matrix times(const Csr& X, const Matrix& W, int threads);

/// out += a x_i.
void add_row(const Csr& X, Index i, double a, Vector& out);

/// sum over entries first .. last of value[e] * w[at[e]].
double sparse_dot(const double* value, const int32_t* at, int64_t first, int64_t last, const double* w);

}  // namespace assay
