// ml/linear/one_reading.h: what minimisers need of a sum over rows, sum_i loss_i(z_i) with z = X W' + b, on a table.
//
//   gradient  sum_i r_i (x_i, 1)'             r_i: derivative of loss_i by z_i, v_i its second one                        (1)
//   Hessian   sum_i v_i (x_i, 1) (x_i, 1)'    the ones only with an intercept                                              (2)
//
// Guarantees the same bits for any number of threads
// Cost       n p^2 / 2; rows with r_i = v_i = 0 (beyond a hinge) cost d. K classes, (1) alone: 2 n p K, or 2 K an entry
#pragma once
#include "assay/core/function_ref.h"
#include "assay/core/linalg.h"
#include "assay/core/parallel.h"
#include "assay/ml/data/samples.h"

namespace assay {

/// The losses of rows begin .. begin + rows: reads z, fills r and v, returns their sum.
using RowLoss = function_ref<double(Index begin, Index rows, const double* z, double* r, double* v)>;

/// More unknowns make the partial sums of a chunk of rows too large.
inline constexpr Index kReadOnceUnknowns = 191;

/// Sum of the losses, (1) and (2) in one reading of a dense table. Requires at most kReadOnceUnknowns columns with the ones.
double read_once(const Matrix& X, bool intercept, const Vector& theta, const RowLoss& loss, int threads,
                 Vector& gradient, Matrix& hessian);

/// Several scores a row: reads z, row by row and `stride` apart, fills r likewise (0 beyond the K numbers of a row), returns
/// the sum of the losses. z may be changed.
using ClassLoss = function_ref<double(Index begin, Index rows, Index stride, double* z, double* r)>;

/// Sum of the losses, and (1) for K classes: theta and gradient K x p, rows (w_k, b_k).
double read_classes(const Matrix& X, bool intercept, const Matrix& theta, const ClassLoss& loss, int threads,
                    Matrix& gradient);
/// The same of a sparse table.
double read_classes(const Csr& X, bool intercept, const Matrix& theta, const ClassLoss& loss, int threads,
                    Matrix& gradient);
/// sum_i V_ik x_if^2, d x K.
Matrix square_sums(const Csr& X, const Matrix& V, int threads);

/// (2) alone, for any number of columns.
Matrix gram_with_ones(const Matrix& X, bool intercept, const Vector& v, int threads);

}  // namespace assay
