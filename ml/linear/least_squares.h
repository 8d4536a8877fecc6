// ml/linear/least_squares.h: least squares, plain or with an L2 penalty; the solver behind linear and ridge.
//
//   min_{w, b}  sum_i s_i (y_i - b - w'x_i)^2 + alpha |w|^2          b = 0 without an intercept, never penalised      (1)
//
// Shapes     columns: d pointers to n numbers each;  y: n;  s: n weights or empty (all 1);  w: d
// Requires   everything finite; some weight > 0; alpha >= 0
// Guarantees alpha = 0 and columns that depend on others: those left over get weight 0 (d <= n), or w has the least norm
//            (d > n); `rank` says so
// Method     d <= n  Cholesky of the centred, equilibrated Gram matrix where the estimate of its condition is below 1e4,
//                    else QR with column pivoting of the scaled columns
//            d > n   alpha > 0: conjugate gradients on the n x n system, Cholesky of it if they do not converge;
//                    alpha = 0: QR of the transposed table
// Cost       n d^2 and one reading of the table (Cholesky), 2 n d^2 (QR), 4 n d an iteration (conjugate gradients)
// Errors     DataError: squares of a column overflow
// See        [Golub2013] sec. 5.3, 5.4 (QR), 11.3 (conjugate gradients); [Higham1988] (condition); [Demmel2012] (QR by
//            blocks of rows); trace kinds "least-squares", "cg"
#pragma once
#include <string>
#include <vector>

#include "assay/core/context.h"
#include "assay/core/function_ref.h"
#include "assay/core/linalg.h"
#include "assay/core/params.h"

namespace assay {

enum class LeastSquaresSolver { automatic, cholesky, qr, cg, dual };

struct LeastSquares {
  std::vector<const double*> columns;
  Eigen::Index n = 0;
  const Vector& y;
  const Vector& weight;  ///< empty: all 1
  bool intercept = true;
  double alpha = 0;

  Eigen::Index d() const { return static_cast<Eigen::Index>(columns.size()); }
};

struct LeastSquaresSolution {
  Vector w;
  double b = 0;
  double residual = 0;  ///< sum_i s_i r_i^2
  double total = 0;     ///< sum_i s_i (y_i - mean)^2; without an intercept, sum_i s_i y_i^2
  double weight = 0;    ///< sum_i s_i
  double degrees = 0;   ///< of the fit: rank + 1, or the trace of the hat matrix
  Eigen::Index rank = 0;
  double condition = 0;  ///< estimate, of the equilibrated Gram matrix; 0 where none was formed
  Vector variance;       ///< of w, then b, over the noise's variance; empty where it was not computed; 0: left over
  std::vector<bool> dropped;  ///< columns that depend on others
  std::string method;
  long iterations = 0;
  bool converged = true;
};

LeastSquaresSolution solve_least_squares(const LeastSquares& problem, LeastSquaresSolver solver, const Context& ctx);

/// d > n, alpha > 0 (but any shape works): w = X'z, (X X' + alpha I) z = y, by conjugate gradients without forming X X'; nullopt
/// where they do not converge in n iterations.
std::optional<LeastSquaresSolution> solve_by_conjugate_gradients(const LeastSquares& problem, const Context& ctx);
/// The same system by Cholesky of the n x n matrix.
LeastSquaresSolution solve_dual(const LeastSquares& problem, const Context& ctx);
/// d > n, alpha = 0: the solution of least norm, by QR of the transposed table.
LeastSquaresSolution solve_least_norm(const LeastSquares& problem, const Context& ctx);

/// sum_i s_i (y_i - b - w'x_i)^2 by its definition.
double sum_of_squares(const LeastSquares& problem, const Vector& w, double b, int threads);
/// R of a QR decomposition of the m x p table whose rows begin .. end `fill` writes: min(m, p) x p, upper triangular. The table is
/// never held as a whole.
Matrix triangular_factor(Eigen::Index m, Eigen::Index p, int threads,
                         function_ref<void(Eigen::Index begin, Eigen::Index end, Eigen::Ref<Columns> rows)> fill);
/// Estimate of |A|_1 |A^-1|_1 from the Cholesky factor of A.
double condition_estimate(const Matrix& A);

}  // namespace assay
