// core/column_gram.h: the symmetric product of a table that lies column by column, in one reading of it.
//
//   G = B'B,   B: n x p, column j of B is root_weight (columns[j] - shift[j]), row by row                             (1)
//
// Rows of a table that lies row by row: `gram` of core/linalg.h. Here columns are dot products, so nothing is turned.
//
// Shapes     columns: p pointers to n numbers each;  shift: p;  root_weight: n, or empty: all 1
// Guarantees symmetric to the bit; the order of additions depends on n alone, never on threads or addresses
// Cost       n p^2 / 2 multiplications
#pragma once
#include <vector>

#include "assay/core/linalg.h"

namespace assay {

Matrix column_gram(const std::vector<const double*>& columns, Eigen::Index n, const Vector& shift,
                   const Vector& root_weight, int threads);

}  // namespace assay
